//! An alert: a finding that someone must hear about, on two axes.
//!
//! A *face*: it uses its children. The *condition* follows what is measured and nobody sets it by
//! hand; the *handling* follows what people do and no measurement undoes it, but that a recovery may
//! settle it. Transitions are pure: the old state in, the new state out, with what people are to be
//! told. A finding that was closed and fails again is a new finding with a new alert.

mod condition;
mod handling;
mod state;

pub use handling::{Act, HandlingError, SNOOZE_MS_MAX};
pub use state::{Alert, Condition, Handling, Notice, Step};
