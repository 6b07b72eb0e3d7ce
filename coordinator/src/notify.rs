//! Notifications: what waits in the outbox reaches its receivers, once they are there.
//!
//! A *face*: it uses its children. A notification is queued in the transaction that has something to
//! tell; from there on it is this room's. It is sent until its receiver took it, or a day is over:
//! perhaps twice, never not at all, and its key lets the receiver see the second time.
//!
//! It must not know why somebody is told something.

mod answer;
mod backoff;
mod channels;
mod rest;
mod sender;
mod signature;
mod webhook;

pub use channels::{Channels, ChannelsError};
pub use sender::Sender;
pub use signature::{SigningKey, signature};
pub use webhook::{KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
