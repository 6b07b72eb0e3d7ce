//! The coordinator as a whole: puts the rooms together, lets them live, and ends them in order.
//!
//! A *face*: it uses its children. Each room gets what it needs and nothing more. Nothing is decided
//! here.

mod check;
mod front;
mod migration;
mod process;
mod readiness;
mod running;
mod services;
mod state;

pub use check::{CheckError, Checked, Found, check};
pub use front::FrontError;
pub use migration::{MigrateError, migrate};
pub use process::{ServeError, serve};
pub use running::{RunError, Running, StartError, run, start};
pub use services::{Addresses, NoJoinString, Services};
pub use state::{StateError, database_url};
