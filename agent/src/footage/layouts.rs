//! The layouts that can be named, in one list.
//!
//! Readers stand beside the contract in `layout`; this room only finds them by name.

use std::path::{Path, PathBuf};

use keepwatch_common::time::Zone;

use super::layout::Layout;
use super::layout::frigate::{self, Frigate};
use super::layout::template::{self, Template, TemplateError};

/// Why a name is no layout.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Not in the list.
    #[error("layout {name} is not known; use frigate or template:<path below the root>")]
    Unknown {
        /// What was written.
        name: String,
    },
    /// A template that cannot tell.
    #[error("the layout's template cannot be used")]
    Template(#[from] TemplateError),
}

/// The layout of a name, reading names in a zone.
pub fn named(name: &str, zone: Zone) -> Result<Box<dyn Layout>, LayoutError> {
    if name == frigate::NAME {
        return Ok(Box::new(Frigate::new(zone)?));
    }
    match name.strip_prefix(template::PREFIX) {
        Some(pattern) => Ok(Box::new(Template::new(pattern, zone)?)),
        None => Err(LayoutError::Unknown {
            name: name.to_owned(),
        }),
    }
}

/// The folder to walk: Frigate's media folder holds its recordings one level down.
pub fn root(path: &Path, layout: &dyn Layout) -> PathBuf {
    let inner = path.join("recordings");
    if layout.name() == frigate::NAME && inner.is_dir() {
        return inner;
    }
    path.to_owned()
}
