//! Pictures: what a camera shows, decoded in confinement, measured, and judged against its own past.
//!
//! A *face*: it uses its children. It must not know footage (a key frame comes as bytes from whoever
//! has it) nor policy: a verdict says what is wrong with a view, never whether that is a finding. No
//! picture is kept at full size: figures and a small grey raster are all that leaves the decoder.

/// Turns key frames into samples, in a child that can do nothing else.
pub mod decoder;
/// The pictures that prove a verdict, few and small.
pub mod evidence;
/// Figures of one picture.
pub mod figures;
/// What is handed to the decoder.
pub mod frame;
/// The picture divided into a fixed number of cells.
pub mod grid;
/// Parts of a picture that do not count or must not be shown.
pub mod mask;
/// Grey pictures and their averages.
pub mod raster;
/// All that is known of one decoded picture.
pub mod sample;
/// What is wrong with a view, and since when.
pub mod verdict;
/// A view as a person approves it, and how much another is like it.
pub mod view;
