//! Makes branches: what recorders of every kind leave on disk, with the faults we want, and the truth
//! about them.
//!
//! A *face*: it uses its children. A [`Scenario`] says what happened, a [`Recorder`] lays it the way
//! its maker does, [`Truth`] says second by second what an audit must find in it. Nothing here knows
//! the agent: a truth that shared the agent's arithmetic would share its mistakes.

/// The drawn scene as a bare stream.
mod bare;
/// What a file's bytes become when it is damaged, and what is left of it.
pub mod damage;
/// A DHAV stream, as Dahua's recorders write it.
mod dhav;
/// Repeatable chance.
pub mod dice;
/// The minutes that stand for recorded files.
pub mod media;
/// A program stream, as Hikvision's recorders write it.
mod program_stream;
/// Recorders' ways of laying files.
pub mod recorder;
/// The recorders that can be named.
pub mod recorders;
/// What happened in a branch.
pub mod scenario;
/// One file to be, with everything that befell it.
pub mod take;
/// What an audit must find.
pub mod truth;

pub use recorder::{Laid, Recorder};
pub use scenario::{Fault, Scenario};
pub use take::{Condition, Take};
pub use truth::{CameraTruth, Truth};
