//! Footage on disk: how recorders lay it out, what the files' structure says, what is covered.
//!
//! A *face*: it uses its children. It must not know the coordinator nor the wire.

/// What a one-shot audit is asked and answers.
pub mod audit;
/// A recorder's own list of its footage.
pub mod book;
/// Structure of recorded files, from their containers alone.
pub mod container;
/// What could not be seen, by camera and time.
pub mod dark;
/// Databases of other programs, read only.
pub mod database;
/// One file below a recorder's root.
pub mod file;
/// Keeps one recorder true while the agent runs.
pub mod follower;
/// A segment as its name and its directory entry tell.
pub mod found;
/// What is known of a recorder's footage while the agent runs.
pub mod index;
/// How recorders lay footage on disk.
pub mod layout;
/// The layouts that can be named.
pub mod layouts;
/// What a path has told so far.
pub mod named;
/// Spreads the opening of files over time.
pub mod pace;
/// When a segment was recorded.
pub mod placing;
/// Recognises how a tree is laid.
pub mod recognise;
/// One recorder as the running agent sees it.
pub mod recorder;
/// The one-shot audit.
pub mod scan;
/// How a recorder stands, for whoever asks.
pub mod standing;
/// Looks a whole tree over by names.
pub mod survey;
/// What one camera recorded, summed up in one pass.
pub mod tally;
/// A place that could not be seen.
pub mod unreadable;
/// Walks a recorder's tree and meets every segment once.
pub mod walk;
/// Follows the folders that grow.
pub mod watch;
