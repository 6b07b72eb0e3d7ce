//! The layouts that can be named, in one list.
//!
//! Readers stand beside the contract in `layout`; this room only finds them by name.

use std::path::{Path, PathBuf};

use keepwatch_common::time::Zone;

use super::layout::frigate::{self, Frigate};
use super::layout::template::{self, Template, TemplateError};
use super::layout::{About, Layout, ZoneRule};

/// Why a name is no layout.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Not in the list.
    #[error("layout {name} is not known; use frigate or template:<path below the root>")]
    Unknown {
        /// What was written.
        name: String,
    },
    /// Names in a civil time of nobody knows where.
    #[error(
        "layout {name} names files in the recorder's own time; give layout_timezone, an IANA name such as Asia/Shanghai"
    )]
    Zone {
        /// The layout.
        name: &'static str,
    },
    /// A template that cannot tell.
    #[error("the layout's template cannot be used")]
    Template(#[from] TemplateError),
}

/// The layout of a name, reading names in a zone; without one in UTC where the layout allows.
pub fn named(name: &str, zone: Option<Zone>) -> Result<Box<dyn Layout>, LayoutError> {
    if let Some(pattern) = name.strip_prefix(template::PREFIX) {
        let zone = zone_of(&template::ABOUT, zone)?;
        return Ok(Box::new(Template::new(pattern, zone)?));
    }
    if name == frigate::ABOUT.name {
        return Ok(Box::new(Frigate::new(zone_of(&frigate::ABOUT, zone)?)?));
    }
    Err(LayoutError::Unknown {
        name: name.to_owned(),
    })
}

fn zone_of(about: &About, given: Option<Zone>) -> Result<Zone, LayoutError> {
    match (about.zone, given) {
        (ZoneRule::Local, None) => Err(LayoutError::Zone { name: about.name }),
        (_, given) => Ok(given.unwrap_or_else(Zone::utc)),
    }
}

/// The folder to walk: Frigate's media folder holds its recordings one level down.
pub fn root(path: &Path, layout: &dyn Layout) -> PathBuf {
    let inner = path.join("recordings");
    if layout.name() == frigate::ABOUT.name && inner.is_dir() {
        return inner;
    }
    path.to_owned()
}
