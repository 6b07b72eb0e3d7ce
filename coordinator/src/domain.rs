//! The coordinator's decisions: which control fails for whom, who must hear of it, who may act.
//!
//! A *face*: it only names its rooms. Invariant: everything below is pure. No file, no socket, no
//! database, no clock and no randomness; time comes in as an argument, and what was decided goes out
//! as a value that somebody else stores or sends. The shipped packs are compiled in.

/// How an alert stands and how people handle it.
pub mod alert;
/// The checks themselves.
pub mod assess;
/// Why footage is missing.
pub mod cause;
/// The ids of controls and clauses.
pub mod code;
/// The numbers behind a finding.
pub mod evidence;
/// A control that fails for a subject.
pub mod failing;
/// Which findings open, change and close.
pub mod finding;
/// What may be held, for how long and why.
pub mod hold;
/// What one check says of one part of a branch.
pub mod judgement;
/// Kinds of alerts and how bad they are, in words that are never translated.
pub mod kind;
/// What a notification says.
pub mod notice;
/// Policy packs: controls with their texts and parameters.
pub mod pack;
/// The packs compiled into the program.
pub mod packs;
/// What branches and regions are called in addresses, files and commands.
pub mod place;
/// Who may do what, and where.
pub mod role;
/// What a finding is about, as a stable text.
pub mod subject;
