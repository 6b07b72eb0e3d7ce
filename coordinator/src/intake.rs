//! The intake: where agents' connections arrive.
//!
//! A *face*: it uses its children. It asks the authority who knocks and hands what was said to the
//! layers below; it must not judge.

/// The sockets that agents reach, and who may come in.
pub mod endpoint;
