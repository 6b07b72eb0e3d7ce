//! The background: what time alone brings about, and what was left over.
//!
//! A *face*: it uses its children. A chore runs once a period, and sooner when its bell rings; it
//! takes no input, does the same thing again without harm, and does not try again by itself: the next
//! period does. Each run does a limited amount of work, so that reports never wait long for the
//! database.

mod admission;
mod ageing;
mod certificate;
mod chore;
mod clearing;
mod driver;
mod intentions;
mod overview;
mod presence;
mod silence;
mod waiting;

pub use admission::Admission;
pub use ageing::Ageing;
pub use certificate::Certificate;
pub use chore::{Chore, ChoreError, Done};
pub use clearing::Clearing;
pub use driver::Driver;
pub use intentions::Intentions;
pub use overview::{Overview, Status};
pub use presence::Presence;
pub use silence::Silence;
pub use waiting::Waiting;
