//! Takes reports into the store and judges what they change, in one transaction.
//!
//! A *face*: it uses its children. The domain decides what fails; this room reads the facts that a
//! decision needs, asks, and writes down the answer with its alerts and notifications. Nothing is
//! acknowledged before all of that is durable. It must not know sockets nor people.

mod assessor;
mod branches;
mod conclude;
mod coverage;
mod footage;
mod group;
mod judge;
mod rollup;
mod submission;
mod volume;
mod watched;

pub use assessor::{Assessor, Policy, TakeError};
pub use conclude::ConcludeError;
pub use submission::{Outcome, Submission, SubmittedEntry, Told};
