//! The layouts that can be named, in one list.
//!
//! Readers stand beside the contract in `layout`; this room only finds them by name.

use std::path::{Path, PathBuf};

use keepwatch_common::time::Zone;

use super::layout::forms::{Shape, Shaped};
use super::layout::kerberos::{self, Kerberos};
use super::layout::mediamtx::{self, Mediamtx};
use super::layout::pattern::PatternError;
use super::layout::template::{self, Template};
use super::layout::{
    About, Layout, ZoneRule, blueiris, dahua, frigate, lightnvr, motion, motioneye, opennvr,
    shinobi, synology, xiaomi, zlmediakit, zoneminder,
};

/// Asks for the layout to be recognised, where that is possible.
pub const AUTO: &str = "auto";

/// What people also call a layout.
const ALIASES: [(&str, &str); 2] = [("wvp", "zlmediakit"), ("surveillance-station", "synology")];

/// The layouts that are lists of paths.
static SHAPES: [&Shape; 12] = [
    &frigate::SHAPE,
    &zoneminder::SHAPE,
    &zlmediakit::SHAPE,
    &shinobi::SHAPE,
    &motion::SHAPE,
    &motioneye::SHAPE,
    &lightnvr::SHAPE,
    &blueiris::SHAPE,
    &synology::SHAPE,
    &dahua::SHAPE,
    &xiaomi::SHAPE,
    &opennvr::SHAPE,
];

/// Why a name is no layout.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Not in the list.
    #[error("layout {name} is not known; use one that `keepwatch-agent layouts` lists")]
    Unknown {
        /// What was written.
        name: String,
    },
    /// To be recognised where a name is needed.
    #[error(
        "the layout has to be named here, because what an empty tree looks like proves nothing; `keepwatch-agent scan --layout auto` on the recorder's folder says its name"
    )]
    Auto,
    /// Names in a civil time of nobody knows where.
    #[error(
        "layout {name} names files in the recorder's own time; give layout_timezone, an IANA name such as Asia/Shanghai"
    )]
    Zone {
        /// The layout.
        name: &'static str,
    },
    /// A template that cannot tell.
    #[error("the layout's path cannot be used")]
    Pattern(#[from] PatternError),
}

/// What people should know of every layout.
pub fn all() -> impl Iterator<Item = &'static About> {
    let others = [&mediamtx::ABOUT, &kerberos::ABOUT, &template::ABOUT];
    SHAPES.iter().map(|shape| &shape.about).chain(others)
}

/// The layout of a name, reading names in a zone; without one in UTC where the layout allows.
pub fn named(name: &str, zone: Option<Zone>) -> Result<Box<dyn Layout>, LayoutError> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| name);
    if let Some(pattern) = name.strip_prefix(template::PREFIX) {
        let zone = zone_of(&template::ABOUT, zone)?;
        return Ok(Box::new(Template::new(pattern, zone)?));
    }
    if let Some(path) = name.strip_prefix(mediamtx::PREFIX) {
        let zone = match mediamtx::zone_rule(path) {
            ZoneRule::Local => zone_of(&mediamtx::ABOUT, zone)?,
            ZoneRule::Utc | ZoneRule::Epoch => zone.unwrap_or_else(Zone::utc),
        };
        return Ok(Box::new(Mediamtx::new(path, zone)?));
    }
    if let Some(shape) = SHAPES.iter().find(|shape| shape.about.name == name) {
        return Ok(Box::new(Shaped::new(shape, zone_of(&shape.about, zone)?)?));
    }
    if name == mediamtx::ABOUT.name {
        return Ok(Box::new(Mediamtx::usual(zone_of(&mediamtx::ABOUT, zone)?)?));
    }
    if name == kerberos::ABOUT.name {
        return Ok(Box::new(Kerberos::new(zone_of(&kerberos::ABOUT, zone)?)));
    }
    if name == AUTO {
        return Err(LayoutError::Auto);
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

/// The folder to walk: many recorders keep footage some levels below what people call their folder.
pub fn root(path: &Path, layout: &dyn Layout) -> PathBuf {
    let name = layout.about().name;
    if let Some(shape) = SHAPES.iter().find(|shape| shape.about.name == name) {
        return shape.root(path);
    }
    let inner: &[&str] = if name == kerberos::ABOUT.name {
        &kerberos::INNER
    } else {
        &[]
    };
    let mut inner = inner.iter().map(|inner| path.join(inner));
    inner
        .find(|inner| inner.is_dir())
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use keepwatch_common::error_chain::chain;

    use super::*;

    #[test]
    fn every_layout_that_is_listed_is_found_by_its_name() {
        let shanghai = Zone::named("Asia/Shanghai").unwrap();
        for about in all().filter(|about| !about.name.contains(':')) {
            let layout = named(about.name, Some(shanghai.clone())).unwrap();
            assert_eq!(layout.about().name, about.name);
            assert_eq!(layout.zone(), &shanghai);
        }
    }

    #[test]
    fn a_layout_in_local_time_is_refused_without_its_zone() {
        for about in all().filter(|about| about.zone == ZoneRule::Local) {
            let refused = named(about.name, None).unwrap_err();
            assert!(chain(&refused).to_string().contains("Asia/Shanghai"));
        }
        assert!(named("mediamtx:%path/%s", None).is_ok());
        assert!(named("kerberos", None).is_ok());
    }

    #[test]
    fn what_people_also_call_a_layout_is_found() {
        let layout = named("wvp", Some(Zone::utc())).unwrap();
        assert_eq!(layout.name(), "zlmediakit");
    }

    #[test]
    fn a_layout_to_be_recognised_is_refused_with_the_remedy() {
        let refused = named(AUTO, None).unwrap_err();
        assert!(refused.to_string().contains("scan --layout auto"));
    }
}
