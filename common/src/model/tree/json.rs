//! The one spelling of a tree: JSON with sorted keys, no white space and one way to escape.
//!
//! A *face*: the writer and the strict reader are its children. The reader accepts what the writer
//! writes and nothing else, so a stored text, its tree and its digest can never tell three stories.
//!
//! What JSON has no word for is written as a map with one member whose key starts with `$`:
//! `{"$secret":{"hash":"…","key":"…"}}` and `{"$text":["rtsp://a:",{"$secret":…},"@host"]}`. A key of
//! the configuration that starts with `$` gets a second one, so no configuration can forge a hash.

mod error;
mod reader;
mod writer;

pub use error::{CanonicalError, Spelling};
pub(super) use writer::write_node;
