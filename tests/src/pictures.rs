//! Pictures that cameras never took: scenes drawn hour by hour, healthy and with faults, and what the
//! agent's verdicts make of them.
//!
//! A *face*: it uses its children. Everything follows from a seed, so that a false verdict can be
//! looked at again.

/// A picture being drawn.
pub mod canvas;
/// What goes wrong with a view.
pub mod fault;
/// Numbers by place and seed.
pub mod grain;
/// What stands in a view, and how it is lit.
pub mod scene;
/// A camera's weeks, judged.
pub mod trial;
