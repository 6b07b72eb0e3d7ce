//! Who is who: the coordinator's own certificate authority and what stands on it.
//!
//! A *face*: it uses its children. An agent is its key; the authority says so in a certificate that
//! names the agent, and agents pin the authority's key from their join string on. No certificate of
//! the public web is involved, so nothing expires because a public authority changed its mind.
//!
//! It must not know sockets, frames, branches' rows or the store: the intake asks it who knocks,
//! and whoever keeps the store tells it which keys are admitted.

/// Which keys may connect.
pub mod admission;
/// The one crypto provider and what we use of it.
pub mod crypto;
/// Files that only the coordinator may read, written whole or not at all.
pub mod folder;
/// Certificates for agents and coordinators.
pub mod issue;
/// Who a presented certificate names.
pub mod peer;
/// The authority's key and certificate.
pub mod root;
/// The certificate that the coordinator shows.
pub mod server;
/// What TLS accepts and offers.
pub mod tls;
/// Secrets that let an agent join.
pub mod token;
/// TLS for browsers and programs.
pub mod web_tls;

pub use crypto::{SystemRandomness, provider};
