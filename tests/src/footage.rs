//! Makes footage: folders of recorded files as a recorder would leave them, with the faults we want.
//!
//! A *face*: it uses its children. A [`CameraPlan`] says what was recorded and what is wrong with
//! it, a [`Tree`] lays that on disk. Nothing is encoded here: two committed clips are linked as often
//! as a plan needs, so a month of footage costs seconds and a few megabytes. It must not know the
//! agent: a maker that shared the agent's reading of a layout would repeat its mistakes.

/// The committed clips.
pub mod clip;
/// How a recorder names its files.
pub mod naming;
/// What a camera recorded, file by file.
pub mod plan;
/// Puts plans on disk.
pub mod tree;

pub use clip::{Clip, Shape};
pub use naming::{Naming, NamingError};
pub use plan::{CameraPlan, PlanError, Segment};
pub use tree::{Laid, LayError, Tree};
