//! Volumes that hold footage: mounted or not, the same as before or not, how full, how well.
//!
//! A *face*: it uses its children. It must not know footage: a recorder only asks whether its storage
//! is intact.

/// From a mount down to the disks.
pub mod beneath;
/// Examines what is under a volume.
pub mod checkup;
/// A machine laid out in a folder.
#[cfg(test)]
mod fake;
/// The volumes of a branch, and what stands on them.
pub mod foundation;
/// What every source of health is asked.
pub mod health;
/// Looks after volumes while the agent runs.
pub mod lookout;
/// The machine as it shows itself in files.
pub mod machine;
/// What is mounted where, and how.
pub mod mounts;
/// Whether what is mounted is the volume that is meant.
pub mod recognised;
/// Which file system stood where, remembered across restarts.
pub mod remembered;
/// Examines volumes again and again while the agent runs.
pub mod rounds;
/// Tools of the machine.
pub mod tool;
/// One volume and what the system says of it.
pub mod volume;
