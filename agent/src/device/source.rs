//! Where configurations come from: files of this machine.
//!
//! A *face*: it uses its children. A source reads, and what it gives on is redacted already.

/// One watched file: what it says now, told when that changed.
pub mod file;
/// Hears of changes in folders.
mod folders;
/// Watches files while the agent runs.
pub mod follower;
/// Keeps the branch's redaction key.
pub mod key;
/// Who a file belongs to.
mod opening;
mod owner;
/// When a file that changes is read.
mod settling;
