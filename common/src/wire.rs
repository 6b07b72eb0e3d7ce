//! What travels between agent and coordinator: frames, messages, and the two ends' sessions.
//!
//! A *face*: it uses its children. Nothing here opens a socket or reads a clock; bytes and time come
//! in as arguments. Messages are frozen per version in modules of their own (`v1`), because the
//! codec is not self-describing: a struct that has been sent once never changes.

/// The agent's end of a connection, as a state machine.
pub mod agent_session;
/// Payload bytes to messages and back: the one file that names the codec.
pub mod codec;
/// The coordinator's end of a connection, as a state machine.
pub mod coordinator_session;
/// The header around every message, and how bytes become frames.
pub mod frame;
/// The messages of version 1, frozen.
pub mod v1;
/// Message types, versions and capabilities.
pub mod version;
