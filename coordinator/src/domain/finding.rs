//! Which findings open, change and close, given what is open and what was judged.
//!
//! A *face*: it uses its children. A finding is closed only by a judgement that looked at it; one
//! that could not look casts doubt on it instead. It must not know stores nor alerts.

mod change;
mod continuity;
mod reconcile;

pub use change::{CloseWhy, FindingChange, FindingId, OpenFinding, Told};
pub use reconcile::reconcile;
