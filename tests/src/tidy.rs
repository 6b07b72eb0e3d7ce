//! Guards the house: what must hold in the repository's own files, checked as a test.
//!
//! A *face*: it uses its children. Each check is a function from a [`Repository`] to the offences
//! it finds, so that it is tried on bad samples here and on the real files in `tests/tests/tidy.rs`.
//! Rust is parsed, not matched as text, so an import in a macro, an attribute or a nested `use` counts
//! and one in a comment or a string does not. It must not know what the crates do.

/// What a check complains of.
pub mod offence;
/// Where a Rust file stands: its crate and module.
pub mod place;
/// Every path that Rust code names.
pub mod reference;
/// The files of the repository.
pub mod repository;
/// Rust files, parsed, and what their paths resolve to.
pub mod source;

/// Errors are types, not texts.
pub mod errors;
/// Every file and every public module says what it is.
pub mod heads;
/// Modules import only lower layers.
pub mod layers;
/// Members take lints and dependencies from the workspace.
pub mod manifests;
/// What the README names exists.
pub mod readme;
/// Inside a folder, siblings form no cycle and a parent is a face or a contract.
pub mod rooms;
/// How long a file may be.
pub mod sizes;
/// Crates that only some rooms may name, rooms that are pure, and who reads the clock.
pub mod walls;
/// Words that name nothing, and words that must not stay.
pub mod words;

pub use offence::Offence;
pub use repository::Repository;
