//! Reads the facts of what changed and asks the domain what fails.
//!
//! A *face*: it uses its children. Each reads the facts of one kind of thing, for many at once where
//! they come in many, and asks the domain. It must not know what is open already.

mod camera;
mod hold;
mod sights;
mod volume;
mod watched;

pub(super) use camera::{MARGIN_DAYS, Rules, cameras, days};
pub(super) use hold::holds;
pub(super) use sights::Sights;
pub(super) use volume::volumes;
pub(super) use watched::{compare, watched};
