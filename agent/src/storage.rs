//! Volumes that hold footage: mounted or not, the same as before or not, how full.
//!
//! A *face*: it uses its children. It must not know footage: a recorder only asks whether its storage
//! is intact.

/// The volumes of a branch, and what stands on them.
pub mod foundation;
/// Looks after volumes while the agent runs.
pub mod lookout;
/// Which file system stood where, remembered across restarts.
pub mod remembered;
/// One volume and what the system says of it.
pub mod volume;
