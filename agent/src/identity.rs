//! The agent's identity: its key, the certificate that names it, and whom it trusts.
//!
//! A *face*: it uses its children. The key is made at the branch and never leaves it. The
//! coordinator's authority is pinned from the join string on; no public authority is asked. A wrong
//! clock never locks the agent out: what the clock is worth is judged first.
//!
//! It must not know sockets, frames or observations.

/// What a certificate says, and whether one fits a key.
pub mod certificate;
/// A key with the certificate that names the agent.
pub mod certified;
/// The one crypto provider and what we use of it.
pub mod crypto;
/// Files that only the agent may read, written whole or not at all.
pub mod folder;
/// Where the identity is kept.
pub mod home;
/// The agent's key pair.
pub mod key;
/// The files' contents.
mod record;
/// What the clock is worth.
pub mod time;
/// What TLS accepts and offers.
pub mod tls;
/// Whether a coordinator is ours.
mod verifier;

pub use certified::Identity;
pub use crypto::{SystemRandomness, provider};
pub use home::IdentityHome;
