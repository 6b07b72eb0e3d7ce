//! Recognises how a tree is laid by a sample of its names, and says why.
//!
//! A *face* over the sample and what it suggests. It proposes a name for a person to confirm, or to
//! audit once with; no running agent takes it, because a tree that is empty today could be anybody's.

use std::io;
use std::path::{Path, PathBuf};

use keepwatch_common::time::{Span, Zone};

use self::ahead::{Ahead, Clocked};
use self::sample::Sampled;
use super::layout::{Layout, ZoneRule};
use super::layouts::{self, Candidate};
use super::named::Named;

/// How far names are ahead of UTC.
pub mod ahead;
/// A few names of a tree.
mod sample;

/// A tree that was recognised.
#[derive(Debug)]
pub struct Recognised {
    /// The layout's name.
    pub layout: &'static str,
    /// The rule for its zone.
    pub zone: ZoneRule,
    /// Sampled files that it explains.
    pub fitting: usize,
    /// Sampled files.
    pub looked_at: usize,
    /// A file that lies about only where this recorder was.
    pub marker: Option<&'static str>,
    /// The layout that explains the most after it, and how many files.
    pub runner_up: Option<(&'static str, usize)>,
    /// How far its names are ahead of UTC, where they are in the recorder's own time and files tell.
    pub ahead: Option<Ahead>,
}

impl Recognised {
    /// Why, in words.
    pub fn reason(&self) -> String {
        let mut reason = format!(
            "{} of {} files looked at are named as {} names them",
            self.fitting, self.looked_at, self.layout
        );
        if let Some(marker) = self.marker {
            reason = format!("{marker} lies there, and {reason}");
        }
        match self.runner_up {
            Some((name, fitting)) => reason + &format!("; next is {name} with {fitting}"),
            None => reason + "; no other layout explains any",
        }
    }

    /// What the files suggest for the zone that is missing.
    pub fn zone_hint(&self) -> String {
        let Some(ahead) = self.ahead else {
            return "when its files were written last suggests no zone; give --layout-timezone, an \
                    IANA name such as Asia/Shanghai"
                .to_owned();
        };
        let distance = match ahead.ms {
            0 => "as late as".to_owned(),
            ms if ms > 0 => format!("{} ahead of", Span(ms)),
            ms => format!("{} behind", Span(ms)),
        };
        let zone = ahead.zone.unwrap_or("Asia/Shanghai");
        format!(
            "names are {distance} their last writes in UTC; give --layout-timezone, e.g. {zone}"
        )
    }
}

/// Why a tree could not be recognised.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// The root cannot be read.
    #[error("cannot look into {}; give the recorder's folder, mounted and readable", root.display())]
    Root {
        /// The root.
        root: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No files at all.
    #[error("there is no file below {}; is it mounted, and is this the recorder's folder?", root.display())]
    Empty {
        /// The root.
        root: PathBuf,
    },
    /// Nobody's.
    #[error(
        "none of {looked_at} files looked at, such as “{example}”, is named as a layout we know; give --layout template:PATH, see `keepwatch-agent layouts`"
    )]
    Nobodys {
        /// Files looked at.
        looked_at: usize,
        /// One of them, escaped.
        example: String,
    },
    /// Two explain it as well.
    #[error(
        "{first} and {second} explain the same {fitting} files; give --layout with the one it is"
    )]
    Undecided {
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// Files.
        fitting: usize,
    },
}

/// Recognises the tree below `root`.
pub fn recognise(root: &Path) -> Result<Recognised, RecogniseError> {
    let files = sample::sample(root).map_err(|source| RecogniseError::Root {
        root: root.to_owned(),
        source,
    })?;
    let Some(example) = files.first() else {
        return Err(RecogniseError::Empty {
            root: root.to_owned(),
        });
    };
    let mut fits: Vec<_> = layouts::candidates()
        .into_iter()
        .map(|candidate| fit(root, candidate, &files))
        .filter(|fit| fit.fitting > 0)
        .collect();
    // A marker proves more than names, and particular names more than general ones.
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.rank()));
    let mut fits = fits.into_iter();
    let Some(first) = fits.next() else {
        return Err(RecogniseError::Nobodys {
            looked_at: files.len(),
            example: example.relative.escape_debug().to_string(),
        });
    };
    let second = fits.next();
    if let Some(second) = second.as_ref().filter(|fit| fit.rank() == first.rank()) {
        return Err(RecogniseError::Undecided {
            first: first.candidate.about.name,
            second: second.candidate.about.name,
            fitting: first.fitting,
        });
    }
    let is_local = first.candidate.about.zone == ZoneRule::Local;
    Ok(Recognised {
        layout: first.candidate.about.name,
        zone: first.candidate.about.zone,
        fitting: first.fitting,
        looked_at: first.looked_at,
        marker: first.marker,
        runner_up: second.map(|fit| (fit.candidate.about.name, fit.fitting)),
        ahead: is_local.then(|| ahead::ahead(first.clocked)).flatten(),
    })
}

struct Fit {
    candidate: Candidate,
    marker: Option<&'static str>,
    fitting: usize,
    looked_at: usize,
    clocked: Vec<Clocked>,
}

impl Fit {
    fn rank(&self) -> impl Ord + use<> {
        (self.marker.is_some(), self.fitting, self.candidate.weight)
    }
}

fn fit(root: &Path, candidate: Candidate, files: &[Sampled]) -> Fit {
    let layout = candidate.layout.as_ref();
    let below = layouts::root(root, layout);
    let prefix = below
        .strip_prefix(root)
        .ok()
        .and_then(Path::to_str)
        .unwrap_or_default();
    let inside: Vec<_> = files
        .iter()
        .filter_map(|file| Some((file, below_folder(&file.relative, prefix)?)))
        .collect();
    let marker = candidate
        .listed
        .map(|listed| listed.marker)
        .filter(|marker| {
            let is_it = |path: &str| path.rsplit('/').next() == Some(marker);
            inside.iter().any(|(_, path)| is_it(path))
        });
    let mut fit = Fit {
        marker,
        fitting: 0,
        looked_at: inside.len(),
        clocked: Vec::new(),
        candidate,
    };
    if let Some(list) = fit.candidate.listed {
        let listed = inside.iter().filter(|(_, path)| (list.is_listed)(path));
        // Without its list such names are anybody's.
        fit.fitting = listed.count() * usize::from(fit.marker.is_some());
        return fit;
    }
    for (file, path) in inside {
        let Some(named) = named(fit.candidate.layout.as_ref(), path) else {
            continue;
        };
        fit.fitting += 1;
        let tells_second = named.time.second.is_some();
        let start = tells_second
            .then(|| named.start(&Zone::utc(), None))
            .flatten();
        if let (Some(start), false) = (start, named.is_open) {
            fit.clocked.push(Clocked {
                end: named.end(&Zone::utc(), start),
                camera: named.camera.unwrap_or_default(),
                start,
                written: file.written,
            });
        }
    }
    fit
}

fn below_folder<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

fn named(layout: &dyn Layout, path: &str) -> Option<Named> {
    let parts: Vec<_> = path.split('/').collect();
    let (file, folders) = parts.split_last()?;
    let mut named = Named::default();
    for (depth, part) in folders.iter().enumerate() {
        named = layout.folder(depth, part, &named)?;
    }
    layout.file(folders.len(), file, &named)
}
