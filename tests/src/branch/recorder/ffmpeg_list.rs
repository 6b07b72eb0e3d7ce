//! Segments as `ffmpeg -f segment` cuts them, with its list of them beside.
//!
//! A line is written when a segment is closed: what was being written when ffmpeg was killed is not in
//! the list, and neither fault nor footage to whoever believes it.

use std::path::Path;

use super::tree::Tree;
use super::{Laid, LayError, Place, Recorder};
use crate::branch::media::{Container, MINUTE_S};
use crate::branch::scenario::{Fault, Scenario};
use crate::branch::take::Take;

/// Segments in a folder for each camera, listed there.
#[derive(Debug, Clone, Copy)]
pub struct FfmpegList {
    /// What it is called here.
    pub name: &'static str,
    /// Whether the list tells seconds since 1970, as with the wall's clock for its times; otherwise they
    /// count from the first segment.
    pub since_1970: bool,
}

const NAMES: Tree = Tree {
    name: "",
    layout: "ffmpeg-list:{camera}/%Y%m%d-%H%M%S.mp4",
    zone: Some("Europe/Berlin"),
    container: Container::IndexLast,
    inner: "",
    camera: "{camera}",
    closed: "{camera}/%Y%m%d-%H%M%S.mp4",
    open: "{camera}/%Y%m%d-%H%M%S.mp4",
    tells_wall: true,
};

impl Recorder for FfmpegList {
    fn name(&self) -> &str {
        self.name
    }

    fn place(&self, folder: &Path) -> Place {
        NAMES.place(folder)
    }

    fn container(&self) -> Container {
        NAMES.container
    }

    fn shows(&self, fault: &Fault) -> bool {
        NAMES.shows(fault)
    }

    fn camera(&self, name: &str, _nth: usize) -> String {
        name.to_owned()
    }

    fn lay(&self, folder: &Path, scenario: &Scenario) -> Result<Vec<Laid>, LayError> {
        let mut laid = NAMES.lay_in_order(folder, scenario)?;
        for (nth, (camera, takes)) in scenario.takes().iter().enumerate() {
            let mut list = String::new();
            let first = takes.first().map_or(scenario.start, |take| take.start);
            for take in takes {
                let path = NAMES.path(camera, nth, take)?;
                if !take.is_closed() {
                    laid.retain(|one| one.path != path);
                    continue;
                }
                let name = path.rsplit('/').next().unwrap_or_default();
                let (start_s, end_s) = self.listed(take, first.ms());
                let line = format!("{name},{start_s}.000000,{end_s}.000000\n");
                list.push_str(&line);
            }
            fs_err::write(folder.join(camera).join("segments.csv"), list)?;
        }
        Ok(laid)
    }
}

impl FfmpegList {
    fn listed(self, take: &Take, first_ms: i64) -> (i64, i64) {
        let from_ms = if self.since_1970 { 0 } else { first_ms };
        let start_s = (take.start.ms() - from_ms) / 1_000;
        (start_s, start_s + take.wall_s.max(MINUTE_S))
    }
}
