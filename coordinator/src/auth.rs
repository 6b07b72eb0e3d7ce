//! Who may sign in, what they may do, and the record of what they did.
//!
//! A *face*: it uses its children. Whoever acts is a [`Viewer`]: a person with a session, or whoever
//! runs this machine. A viewer answers every question of *may they*, by the domain's one table, and
//! gives the scope that every list is cut to. It must not know requests, cookies or pages.

/// How often a password may be tried.
pub mod attempts;
/// What somebody did, into the record.
pub mod deed;
/// Signing in and out, and who a session belongs to.
pub mod gate;
/// Passwords: what is one, and what is kept of it.
pub mod password;
/// Adding people.
pub mod people;
/// Who acts, and what they may.
pub mod viewer;

pub use gate::{Gate, SessionLimits, SignInError, SignedIn};
pub use viewer::{AccessError, LOCAL_NAME, Viewer};
