//! The whole way of a report: an agent and a coordinator over real QUIC, a real database and a real
//! receiver of notifications, all on this machine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "whatever cannot be set up fails the test that asked for it"
)]

#[path = "intake/ageing.rs"]
mod ageing;
#[path = "intake/agent.rs"]
mod agent;
#[path = "intake/doors.rs"]
mod doors;
#[path = "intake/fleet.rs"]
mod fleet;
#[path = "intake/hq.rs"]
mod hq;
#[path = "intake/receiving.rs"]
mod receiving;
#[path = "intake/reports.rs"]
mod reports;
#[path = "intake/silence.rs"]
mod silence;
#[path = "intake/starting.rs"]
mod starting;
#[path = "intake/tls.rs"]
mod tls;
#[path = "intake/told.rs"]
mod told;
