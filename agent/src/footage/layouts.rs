//! The layouts that can be named, in one list.
//!
//! Readers stand beside the contract in `layout`; this room only finds them by name.

use std::path::{Path, PathBuf};

use keepwatch_common::time::Zone;

use super::book::Book;
use super::layout::booked::Booked;
use super::layout::forms::{Shape, Shaped};
use super::layout::hikvision::{self, Hikvision};
use super::layout::kerberos::{self, Kerberos};
use super::layout::mediamtx::{self, Mediamtx};
use super::layout::moonfire::{self, Moonfire};
use super::layout::pattern::{Pattern, PatternError};
use super::layout::segment_list::{self, SegmentList};
use super::layout::template::{self, Template};
use super::layout::{
    About, Layout, ZoneRule, blueiris, dahua, frigate, lightnvr, motion, motioneye, opennvr,
    shinobi, synology, xiaomi, zlmediakit, zoneminder,
};

/// Asks for the layout to be recognised, where that is possible.
pub const AUTO: &str = "auto";

/// How particular names are that follow no list of paths: as those of a date, a time and dashes.
const UNSHAPED_WEIGHT: usize = 18;

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
    /// A recorder whose list lies nobody knows where.
    #[error(
        "layout {name} is told by the recorder's own database; give its path as index, such as {usual}"
    )]
    Index {
        /// The layout.
        name: &'static str,
        /// Where it lies as a rule.
        usual: &'static str,
    },
    /// An index that nobody reads.
    #[error("layout {name} is told by names alone; leave index out")]
    NoIndex {
        /// The layout.
        name: String,
    },
    /// A template that cannot tell.
    #[error("the layout's path cannot be used")]
    Pattern(#[from] PatternError),
}

/// What people should know of every layout.
pub fn all() -> impl Iterator<Item = &'static About> {
    let others = [
        &mediamtx::ABOUT,
        &kerberos::ABOUT,
        &hikvision::ABOUT,
        &hikvision::EZVIZ,
        &moonfire::ABOUT,
        &segment_list::ABOUT,
        &template::ABOUT,
    ];
    SHAPES.iter().map(|shape| &shape.about).chain(others)
}

/// The layout of a name, reading names in a zone; without one in UTC where the layout allows. What
/// the recorder itself lists lies at `index`, where it does not lie with the footage.
pub fn indexed(
    name: &str,
    zone: Option<Zone>,
    index: Option<&Path>,
) -> Result<Box<dyn Layout>, LayoutError> {
    if let Some(booked) = booked(name, zone.clone(), index)? {
        return Ok(Box::new(booked));
    }
    let layout = named(name, zone)?;
    // Frigate's names tell all that is needed; its database is looked at beside them.
    if index.is_some() && layout.about().name != frigate::SHAPE.about.name {
        return Err(LayoutError::NoIndex {
            name: layout.name(),
        });
    }
    Ok(layout)
}

/// The layout that a recorder's own list tells, where the name is of one.
fn booked(
    name: &str,
    zone: Option<Zone>,
    index: Option<&Path>,
) -> Result<Option<Booked>, LayoutError> {
    let (about, book, zone, nominal_ms): (_, Box<dyn Book>, _, _) =
        if let Some(path) = name.strip_prefix(segment_list::PREFIX) {
            let about = &segment_list::ABOUT;
            let zone = if Pattern::new(path)?.tells_zone() {
                zone.unwrap_or_else(Zone::utc)
            } else {
                zone_of(about, zone)?
            };
            let book = SegmentList::new(path, zone.clone(), index)?;
            (about, Box::new(book), zone, segment_list::NOMINAL_MS)
        } else if name == hikvision::ABOUT.name {
            let book = Box::new(Hikvision::new(None));
            let zone = zone.unwrap_or_else(Zone::utc);
            (&hikvision::ABOUT, book, zone, hikvision::NOMINAL_MS)
        } else if name == hikvision::EZVIZ.name {
            let zone = zone_of(&hikvision::EZVIZ, zone)?;
            let book = Box::new(Hikvision::new(Some(zone.clone())));
            (&hikvision::EZVIZ, book, zone, hikvision::NOMINAL_MS)
        } else if name == moonfire::ABOUT.name {
            let database = index.ok_or(LayoutError::Index {
                name: moonfire::ABOUT.name,
                usual: "/var/lib/moonfire-nvr/db/db",
            })?;
            let book = Box::new(Moonfire::new(database));
            let zone = zone.unwrap_or_else(Zone::utc);
            (&moonfire::ABOUT, book, zone, moonfire::NOMINAL_MS)
        } else {
            return Ok(None);
        };
    let name = name.to_owned();
    Ok(Some(Booked::new(about, name, book, zone, nominal_ms)))
}

/// The layout of a name whose list, if it has one, lies with the footage.
pub fn named(name: &str, zone: Option<Zone>) -> Result<Box<dyn Layout>, LayoutError> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| name);
    if let Some(booked) = booked(name, zone.clone(), None)? {
        return Ok(Box::new(booked));
    }
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

/// A layout to try on a tree that nobody named.
#[derive(Debug)]
pub struct Candidate {
    /// What people should know of it.
    pub about: &'static About,
    /// It, reading names in UTC.
    pub layout: Box<dyn Layout>,
    /// How particular its names are.
    pub weight: usize,
    /// Where the recorder keeps a list, what that looks like.
    pub listed: Option<Listed>,
}

/// What the folder of a recorder with a list of its own looks like.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// A file that lies about only where this recorder was.
    pub marker: &'static str,
    /// Whether a path is of one of the files that it lists.
    pub is_listed: fn(&str) -> bool,
}

/// Every layout that a tree can be recognised by.
pub fn candidates() -> Vec<Candidate> {
    let listed = |name| match name {
        "hikvision" => Some(Listed {
            marker: hikvision::INDEX,
            is_listed: hikvision::is_listed,
        }),
        "moonfire" => Some(Listed {
            marker: moonfire::META,
            is_listed: moonfire::is_listed,
        }),
        _ => None,
    };
    all()
        .filter(|about| !about.name.contains(':') && about.name != hikvision::EZVIZ.name)
        .filter_map(|about| {
            // Nothing is read of a list to recognise its layout.
            let index = Some(Path::new("")).filter(|_| about.name == moonfire::ABOUT.name);
            Some(Candidate {
                about,
                layout: indexed(about.name, Some(Zone::utc()), index).ok()?,
                weight: weight(about),
                listed: listed(about.name),
            })
        })
        .collect()
}

/// How much the least particular of its paths is bound to.
fn weight(about: &About) -> usize {
    let shape = SHAPES.iter().find(|shape| shape.about.name == about.name);
    let forms = shape.map_or(&[][..], |shape| shape.forms);
    let weights = forms
        .iter()
        .filter_map(|form| Pattern::new(form.path).ok())
        .map(|pattern| pattern.weight());
    weights.min().unwrap_or(UNSHAPED_WEIGHT)
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
            let index = (about.name == "moonfire").then(|| Path::new("/db"));
            let layout = indexed(about.name, Some(shanghai.clone()), index).unwrap();
            assert_eq!(layout.about().name, about.name);
            assert_eq!(layout.zone(), &shanghai);
        }
    }

    #[test]
    fn a_layout_in_local_time_is_refused_without_its_zone() {
        for about in all().filter(|about| about.zone == ZoneRule::Local) {
            let name = about.name.replace("PATTERN", "{camera}/%Y%m%d.mp4");
            let refused = named(&name, None).unwrap_err();
            assert!(chain(&refused).to_string().contains("Asia/Shanghai"));
        }
        assert!(named("mediamtx:%path/%s", None).is_ok());
        assert!(named("kerberos", None).is_ok());
    }

    #[test]
    fn an_index_is_asked_for_where_it_is_needed_and_refused_where_nobody_reads_it() {
        let refused = named("moonfire", None).unwrap_err();
        assert!(refused.to_string().contains("/var/lib/moonfire-nvr/db/db"));
        let zone = Some(Zone::utc());
        let refused = indexed("shinobi", zone.clone(), Some(Path::new("/x")));
        assert!(matches!(refused, Err(LayoutError::NoIndex { .. })));
        assert!(indexed("frigate", zone, Some(Path::new("/x"))).is_ok());
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
