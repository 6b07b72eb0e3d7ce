//! What people and programs reach over HTTP.
//!
//! A *face*: it uses its children. Requests come in over our own sockets, are bounded and answered,
//! and every act is checked by who acts and written down. No rule about footage, alerts or roles
//! stands here: what may be done is asked of `auth`, what follows of `assess`.

/// `/api/v1`, for programs and the command line.
pub mod api;
/// Where a request came in.
pub mod arrival;
/// What went wrong, as an answer.
pub mod failure;
/// Whether the coordinator lives, is ready, and what it counted.
pub mod health;
/// Sockets, limits and headers.
pub mod server;
/// What answering needs.
pub mod services;
/// Who asks.
pub mod session;
