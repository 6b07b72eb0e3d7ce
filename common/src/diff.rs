//! What changed between two configuration trees, in an order and in words a person can follow.
//!
//! A *face*: it uses its children. A difference is empty when the trees are equal and only then,
//! except for secrets hashed under different keys: those are *unknown*, stand apart, and are no
//! drift. A whole difference leads from one tree to the other (`apply`). It must not know who may
//! change what, nor how grave a change is.

mod align;
mod alike;
mod apply;
mod change;
mod compare;
mod identity;
mod path;
mod shown;

pub use align::{ALIGN_COMPARISONS_MAX, ALIGN_EDITS_MAX};
pub use apply::{ApplyError, apply};
pub use change::{CHANGES_MAX, Change, ChangeKind, Diff};
pub use compare::diff;
pub use identity::Identity;
pub use path::{Path, PathError, Segment};
pub use shown::{SHOWN_CHARS_MAX, Shown};
