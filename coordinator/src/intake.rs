//! The intake: where agents' connections arrive.
//!
//! A *face*: it uses its children. It asks the authority who knocks and hands what was said to the
//! layers below; it must not judge.

/// One agent's connection.
pub mod connection;
/// The sockets that agents reach, and who may come in.
pub mod endpoint;
/// Strangers with a token become agents.
pub mod joining;
/// Both endpoints, and who comes where.
pub mod reception;
/// The connections that are open now.
pub mod registry;
/// Who may report, who is here, and when each was heard.
pub mod roll;
/// Signs of life on their way to the store.
mod signs;
/// Reads reports.
pub mod submission;
/// What people want of agents.
pub mod wanted;
/// The one writer.
pub mod writer;
