//! The agent against a coordinator that keeps reports in memory, over real QUIC on this machine:
//! what a branch tells arrives, once each and in order, whatever happens on the way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "whatever cannot be set up fails the test that asked for it"
)]

#[path = "agent/coordinator.rs"]
mod coordinator;
#[path = "agent/delivery.rs"]
mod delivery;
#[path = "agent/files.rs"]
mod files;
#[path = "agent/health.rs"]
mod health;
#[path = "agent/heard.rs"]
mod heard;
#[path = "agent/joining.rs"]
mod joining;
#[path = "agent/plenty.rs"]
mod plenty;
#[path = "agent/renewal.rs"]
mod renewal;
#[path = "agent/running.rs"]
mod running;
#[path = "agent/tongue.rs"]
mod tongue;
#[path = "agent/whole.rs"]
mod whole;
#[path = "agent/world.rs"]
mod world;
