//! The two programs as processes: killed at any moment, left alone, robbed of a disk. What was
//! acknowledged is there once, and everything else comes later.

#![expect(
    clippy::unwrap_used,
    reason = "whatever cannot be set up fails the test that asked for it, and says its seed"
)]

#[path = "processes/away.rs"]
mod away;
#[path = "processes/branch.rs"]
mod branch;
#[path = "processes/deaf.rs"]
mod deaf;
#[path = "processes/held.rs"]
mod held;
#[path = "processes/hq.rs"]
mod hq;
#[path = "processes/kill.rs"]
mod kill;
#[path = "processes/mount.rs"]
mod mount;
#[path = "processes/numbered.rs"]
mod numbered;
#[path = "processes/process.rs"]
mod process;
#[path = "processes/revoked.rs"]
mod revoked;
#[path = "processes/spooled.rs"]
mod spooled;
