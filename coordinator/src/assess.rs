//! Takes reports into the store and judges what they change, in one transaction.
//!
//! A *face*: it uses its children. The domain decides what fails; this room reads the facts that a
//! decision needs, asks, and writes down the answer with its alerts and notifications. Nothing is
//! acknowledged before all of that is durable. What changes without a report is judged from its
//! bench. It must not know sockets nor people.

mod ageing;
mod assessor;
mod baseline;
mod bench;
mod branches;
mod conclude;
mod coverage;
mod figures;
mod footage;
mod group;
mod handling;
mod health;
mod hold;
mod judge;
mod outage;
mod policy;
mod reach;
mod rollup;
mod rows;
mod silence;
mod submission;
mod volume;
mod waiting;
mod watched;

pub use assessor::{Assessor, TakeError};
pub use baseline::{
    Approval, ApproveError, Compared, FileState, approve_baseline, compared, differences,
};
pub use bench::{Bench, JudgeError, Round};
pub use conclude::ConcludeError;
pub use figures::{CameraFigures, CameraGaps, camera_figures, camera_gaps, figures_of};
pub use handling::{HandleError, Handled, handle_alert};
pub use hold::{HoldError, Placing, place_hold, release_hold};
pub use policy::Policy;
pub use reach::Reach;
pub use rollup::day_number;
pub use silence::Listening;
pub use submission::{Outcome, Submission, SubmittedEntry, Told};
