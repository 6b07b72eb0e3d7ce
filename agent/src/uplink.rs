//! The uplink: how what was observed reaches a coordinator.
//!
//! A *face*: it uses its children. It shows the identity and speaks the wire; it must not know what
//! is observed.

/// The way out, and why a coordinator does not let us in.
pub mod endpoint;
