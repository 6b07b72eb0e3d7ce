//! From the bytes of a configuration to its tree: what it says, without how it was spelled.
//!
//! A *face*: each format is a child. Order of keys, comments, indentation and line ends carry no
//! meaning; what is written twice is kept twice. Every reader counts depth, values and bytes while
//! it reads, because the files come from machines we do not control, and no error quotes what it
//! found, because that may be a password.
//!
//! | format | becomes |
//! |---|---|
//! | YAML | maps, lists, scalars of the core schema; merge keys and aliases unfolded; a tag of its own as `{"!tag": value}`; several documents as a list |
//! | TOML | tables, arrays, scalars; dates as text |
//! | JSON | objects, arrays, scalars; a key written twice as `{"$duplicate": [first, second]}` |
//! | INI | sections as maps of texts; a key without a value as null; a key written twice as a list |
//! | XML | elements as maps; attributes as `@name`, text beside others as `#text`, repeated elements as a list |
//! | lines | a list of the lines that are not blank |

mod decode;
mod error;
mod format;
mod guess;
mod ini;
mod json;
mod line;
mod toml;
mod xml;
mod yaml;

use keepwatch_common::model::tree::Tree;

use super::unredacted::Unredacted;
pub use error::{NormaliseError, Position, Unsupported};
pub use format::Format;

/// Largest configuration that is read: larger ones are data bases or logs.
pub const CONFIG_BYTES_MAX: usize = 1024 * 1024;

/// What these bytes say in this format.
pub fn normalise(format: Format, bytes: &[u8]) -> Result<Unredacted, NormaliseError> {
    if bytes.len() > CONFIG_BYTES_MAX {
        return Err(NormaliseError::TooLarge {
            format,
            bytes: bytes.len(),
            limit: CONFIG_BYTES_MAX,
        });
    }
    let text = decode::decode(format, bytes)?;
    let root = match format {
        Format::Yaml => yaml::read(&text),
        Format::Toml => toml::read(&text),
        Format::Json => json::read(&text),
        Format::Ini => ini::read(&text),
        Format::Xml => xml::read(&text),
        Format::Lines => line::read(&text),
    }?;
    // The readers count as they go; this makes the promise of the type.
    let tree = Tree::new(root).map_err(|source| NormaliseError::Limit {
        format,
        at: None,
        source,
    })?;
    Ok(Unredacted::new(tree))
}
