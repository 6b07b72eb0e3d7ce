//! What lasts beyond the process: when the agent was alive last, and which outages lasted then.
//!
//! A small file, replaced as a whole. One that cannot be read counts as none: then nobody knows
//! whether the agent ran, and nothing is told.

use std::io;
use std::path::{Path, PathBuf};

use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::outage::{Outage, OutageOf};
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

/// The file in the state folder.
const FILE: &str = "logbook.json";

/// Outages read at most: as many as cameras can be asked.
const OUTAGES_MAX: usize = 8_192;

/// Bytes of the file at most.
const BYTES_MAX: u64 = 4 << 20;

/// What was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// When the agent was alive last.
    pub alive: Instant,
    /// The outages that lasted then.
    pub open: Vec<Outage>,
}

/// The file.
#[derive(Debug)]
pub struct Logbook {
    path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    alive_ms: i64,
    open: Vec<WrittenOutage>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WrittenOutage {
    of: String,
    first: String,
    second: String,
    from_ms: i64,
}

impl Logbook {
    /// The one of a state folder.
    pub fn of(state: &Path) -> Self {
        Self {
            path: state.join(FILE),
        }
    }

    /// What was written down last; none when there is nothing that can be read.
    pub fn read(&self) -> Option<Page> {
        let size = fs_err::metadata(&self.path).ok()?.len();
        if size > BYTES_MAX {
            return None;
        }
        let text = fs_err::read(&self.path).ok()?;
        let written: Written = serde_json::from_slice(&text).ok()?;
        let open = written.open.into_iter().take(OUTAGES_MAX);
        Some(Page {
            alive: Instant::from_ms(written.alive_ms),
            open: open.filter_map(WrittenOutage::read).collect(),
        })
    }

    /// Writes a page in place of the last; a crash leaves the one or the other.
    pub fn write(&self, page: &Page) -> io::Result<()> {
        let written = Written {
            alive_ms: page.alive.ms(),
            open: page
                .open
                .iter()
                .take(OUTAGES_MAX)
                .map(WrittenOutage::of)
                .collect(),
        };
        let beside = self.path.with_extension("new");
        fs_err::write(&beside, serde_json::to_vec(&written)?)?;
        fs_err::rename(&beside, &self.path)
    }
}

impl WrittenOutage {
    fn of(outage: &Outage) -> Self {
        let (first, second) = match &outage.of {
            OutageOf::Agent => (String::new(), String::new()),
            OutageOf::Recorder(name) | OutageOf::Room(name) => (name.to_string(), String::new()),
            OutageOf::Camera(key) => (key.recorder.to_string(), key.camera.to_string()),
        };
        Self {
            of: outage.of.word().to_owned(),
            first,
            second,
            from_ms: outage.from.ms(),
        }
    }

    fn read(self) -> Option<Outage> {
        let name = |text: String| Name::new(text).ok();
        let of = match self.of.as_str() {
            "recorder" => OutageOf::Recorder(name(self.first)?),
            "room" => OutageOf::Room(name(self.first)?),
            "camera" => OutageOf::Camera(CameraKey {
                recorder: name(self.first)?,
                camera: name(self.second)?,
            }),
            _ => return None,
        };
        Some(Outage {
            of,
            from: Instant::from_ms(self.from_ms),
            until: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_was_written() {
        let state = tempfile::tempdir().unwrap();
        let logbook = Logbook::of(state.path());
        assert_eq!(logbook.read(), None);
        let name = |text: &str| Name::new(text).unwrap();
        let key = CameraKey {
            recorder: name("nvr"),
            camera: name("3 号机"),
        };
        let outages = [
            OutageOf::Recorder(name("nvr")),
            OutageOf::Room(name("a")),
            OutageOf::Camera(key),
        ];
        let open = outages.map(|of| Outage {
            of,
            from: Instant::from_s(5),
            until: None,
        });
        let page = Page {
            alive: Instant::from_s(9),
            open: open.to_vec(),
        };
        logbook.write(&page).unwrap();
        assert_eq!(logbook.read(), Some(page));
    }

    #[test]
    fn a_damaged_page_counts_as_none() {
        let state = tempfile::tempdir().unwrap();
        for text in ["", "{", r#"{"alive_ms":1}"#, "[]"] {
            fs_err::write(state.path().join(FILE), text).unwrap();
            assert_eq!(Logbook::of(state.path()).read(), None, "{text}");
        }
    }
}
