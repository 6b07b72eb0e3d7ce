//! Segments that ffmpeg lists: `name,start,end` in seconds, beside files named by time.
//!
//! The name tells when a segment starts, the list how long it lasts; a list in seconds since 1970
//! tells both. Of a ring that is written over, names tell nothing: there the list has to. It must not
//! know who runs ffmpeg.

use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::time::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS, Zone};

use super::pattern::{Pattern, PatternError};
use super::{About, Told, ZoneRule};
use crate::footage::book::{Book, BookError, Extent, Line};
use crate::footage::named::Named;

/// How the name begins on the command line.
pub const PREFIX: &str = "ffmpeg-list:";

/// What people should know of it.
pub const ABOUT: About = About {
    name: "ffmpeg-list:PATTERN",
    maker: "ffmpeg -f segment -segment_list FILE.csv",
    pattern: "a path with strftime fields and {camera}; lists are *.csv beside it, or given as index",
    zone: ZoneRule::Local,
    told: Told::Book,
    deletes: "by nobody, or by writing over with segment_wrap",
    holds: "nothing",
};

/// Used only when the list does not tell an end.
pub const NOMINAL_MS: i64 = MINUTE_MS;

/// Bytes of one list at most: a segment every two seconds for a year.
const LIST_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of one line at most: a path and two numbers.
const LINE_BYTES_MAX: u64 = 8 * 1024;
/// Folders and lists of one root looked at, at most.
const ENTRIES_MAX: usize = 4_096;
/// Seconds from which a list's are since 1970: no stream runs for thirty years.
const EPOCH_S_MIN: f64 = 946_684_800.0;

/// The lists below a root.
#[derive(Debug)]
pub struct SegmentList {
    pattern: Pattern,
    zone: Zone,
    index: Option<PathBuf>,
}

impl SegmentList {
    /// Files of this path are listed in `index`, or in lists in the root and its folders.
    pub fn new(path: &str, zone: Zone, index: Option<&Path>) -> Result<Self, PatternError> {
        let pattern = Pattern::new(path)?;
        let count = pattern.cameras_from(0);
        if count != 1 {
            return Err(PatternError::CameraCount { count });
        }
        Ok(Self {
            pattern,
            zone,
            index: index.map(Path::to_owned),
        })
    }

    fn read_list(
        &self,
        root: &Path,
        list: &Path,
        meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BookError> {
        let failed = |source: std::io::Error| BookError::Read {
            path: list.to_owned(),
            source,
        };
        let file = fs_err::File::open(list)
            .map_err(failed)?
            .take(LIST_BYTES_MAX);
        let (mut reader, mut line) = (BufReader::new(file), Vec::new());
        let folder = list
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok());
        let folder = folder.and_then(Path::to_str).unwrap_or_default();
        let mut before = Instant::EARLIEST;
        loop {
            line.clear();
            let mut bounded = reader.by_ref().take(LINE_BYTES_MAX);
            if bounded.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                return Ok(ControlFlow::Continue(()));
            }
            let Some(listed) = std::str::from_utf8(&line).ok().and_then(parse) else {
                continue;
            };
            let name = listed.name.rsplit('/').next().unwrap_or_default();
            let file = match folder {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            let Some((camera, start)) = self.place(&file, &listed, before) else {
                continue;
            };
            before = start;
            let flow = meet(Line {
                camera: &camera,
                file: &file,
                extent: Extent::Whole,
                start,
                end: Some(start + listed.lasts_ms()),
            });
            if flow.is_break() {
                return Ok(flow);
            }
        }
    }

    /// The camera of a listed file, and when it starts: of an hour that comes twice the one that
    /// comes after the segment before.
    fn place(&self, file: &str, listed: &Listed, before: Instant) -> Option<(String, Instant)> {
        let mut named = Named::default();
        for (depth, part) in file.split('/').enumerate() {
            named = self.pattern.read(depth, part, &named)?;
        }
        let camera = named.camera_parts.clone()?;
        if listed.start_s >= EPOCH_S_MIN {
            return Some((camera, Instant::from_ms(milliseconds(listed.start_s))));
        }
        let first = named.start(&self.zone, None)?;
        let second = named.start(&self.zone, Some(first + HOUR_MS + SECOND_MS))?;
        let start = if first < before { second } else { first };
        Some((camera, start))
    }

    fn lists(&self, root: &Path) -> Vec<PathBuf> {
        if let Some(index) = &self.index {
            return vec![index.clone()];
        }
        let mut lists = Vec::new();
        for path in entries(root) {
            if is_list(&path) {
                lists.push(path);
            } else if path.is_dir() && !path.is_symlink() {
                lists.extend(entries(&path).into_iter().filter(|path| is_list(path)));
            }
        }
        lists.truncate(ENTRIES_MAX);
        lists
    }
}

impl Book for SegmentList {
    fn read(
        &self,
        root: &Path,
        meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), BookError> {
        let lists = self.lists(root);
        if lists.is_empty() {
            return Err(BookError::Form {
                path: root.to_owned(),
                what: "no list *.csv lies in it or in its folders",
            });
        }
        for list in lists {
            if self.read_list(root, &list, meet)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn files(&self, root: &Path) -> Vec<PathBuf> {
        self.lists(root)
    }
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The file's name, with or without folders.
    pub name: String,
    /// When it starts, in seconds.
    pub start_s: f64,
    /// When it ends, in seconds.
    pub end_s: f64,
}

impl Listed {
    fn lasts_ms(&self) -> i64 {
        milliseconds(self.end_s - self.start_s)
    }
}

/// Reads a line; `None` when it lists nothing.
pub fn parse(line: &str) -> Option<Listed> {
    let line = line.trim_end_matches(['\n', '\r']);
    let (rest, end) = line.rsplit_once(',')?;
    let (name, start) = rest.rsplit_once(',')?;
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?.replace("\"\"", "\""),
        None => name.to_owned(),
    };
    let seconds = |text: &str| text.parse::<f64>().ok().filter(|s| (0.0..1e11).contains(s));
    let (start_s, end_s) = (seconds(start)?, seconds(end)?);
    (end_s >= start_s && !name.is_empty()).then_some(Listed {
        name,
        start_s,
        end_s,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a line's seconds are bounded to what a calendar has"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "csv")
}

/// The entries of a folder in name order; none where it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else {
        return Vec::new();
    };
    let entries = entries.take(ENTRIES_MAX).filter_map(Result::ok);
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(list: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        fs_err::create_dir(root.path().join("yard")).unwrap();
        fs_err::write(root.path().join("yard/list.csv"), list).unwrap();
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let book = SegmentList::new("{camera}/%Y%m%d-%H%M%S.mp4", berlin, None).unwrap();
        let mut lines = Vec::new();
        book.read(root.path(), &mut |line| {
            let end = line.end.unwrap();
            lines.push(format!(
                "{} {} {} {end}",
                line.camera, line.file, line.start
            ));
            ControlFlow::Continue(())
        })
        .unwrap();
        lines
    }

    #[test]
    fn names_tell_starts_and_the_list_tells_lengths() {
        assert_eq!(
            lines(
                "20261123-091500.mp4,0.000000,60.040000\nnotes.txt,1,2\n20261123-091600.mp4,60.040000,120.0\n"
            ),
            [
                "yard yard/20261123-091500.mp4 2026-11-23T08:15:00Z 2026-11-23T08:16:00.040Z",
                "yard yard/20261123-091600.mp4 2026-11-23T08:16:00Z 2026-11-23T08:16:59.960Z"
            ]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_is_told_by_the_order_of_the_list() {
        let list = "20261025-025900.mp4,0,60\n20261025-020000.mp4,60,120\n";
        let lines = lines(list);
        assert!(lines[0].contains("2026-10-25T00:59:00Z"), "{lines:?}");
        assert!(lines[1].contains("2026-10-25T01:00:00Z"), "{lines:?}");
    }

    #[test]
    fn a_list_in_seconds_since_1970_tells_by_itself() {
        let lines = lines("20261123-000000.mp4,1795421700.5,1795421760.5\n");
        assert!(lines[0].contains("2026-11-23T08:15:00.500Z"), "{lines:?}");
    }

    #[test]
    fn a_quoted_name_is_read_and_a_line_that_runs_backwards_is_not() {
        assert_eq!(
            parse("\"a,\"\"b\"\".mp4\",0,1\r\n").unwrap().name,
            "a,\"b\".mp4"
        );
        assert_eq!(parse("a.mp4,2,1"), None);
        assert_eq!(parse("a.mp4,nan,inf"), None);
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "\\PC{0,60}", start in any::<f64>(), end in any::<f64>()) {
            let _ = parse(&line);
            let _ = parse(&format!("{line},{start},{end}"));
        }
    }
}
