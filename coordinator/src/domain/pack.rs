//! Policy packs: versioned sets of controls, each with its texts, its clauses and its parameters.
//!
//! A *face*: it uses its children. A pack is data that headquarters edits, so reading one is strict:
//! unknown fields, repeated ids, unknown checks and parameters out of range are refused with file,
//! line, field and remedy. A pack that exists is valid. It must not know how a check works.

mod check;
mod control;
mod error;
mod place;
mod read;

pub use check::{Check, GapParameters, RetentionParameters, SilenceParameters, VanishedParameters};
pub use control::{Clause, Control, Pack, Text};
pub use error::{PackError, PackProblem};
pub use read::{CONTROLS_MAX, PACK_BYTES_MAX, TEXT_BYTES_MAX, read};
