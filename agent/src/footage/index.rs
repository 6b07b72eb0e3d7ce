//! What is known of a recorder's footage while the agent runs.
//!
//! A *face*: it uses its children.

mod camera;
mod outcome;
mod told;

pub use camera::{CameraIndex, Checked, Fingerprint, Gone, Hour};
pub use outcome::Outlook;
