//! What a finding is about, as a text that is unique per control and branch and never changes while
//! the finding is open.
//!
//! ```text
//! <recorder>/<camera>                        a camera
//! <recorder>/<camera>@<RFC 3339>             something of it that began then
//! <recorder>/<camera>@<yyyy-mm-dd>           a day of it, in UTC
//! <recorder>/<camera>@<RFC 3339>~<RFC 3339>  something that began then and was noticed later
//! <recorder>/<camera>:<path>                 a file of it
//! <recorder>/<camera>#<number>               a hold on it
//! <name>                                     a volume, a watched file, an agent
//! ```
//!
//! Names are any printable text, so the four separators and `%` are escaped in them like in an
//! address: two cameras never share a subject. It must not know why something is a finding.

use std::fmt;

use keepwatch_common::model::camera::{CameraKey, UtcDay};
use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

/// When a subject lies, for those that are addressed by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It began at this instant.
    At(Instant),
    /// It is this whole day in UTC.
    On(UtcDay),
}

impl Subject {
    /// A camera.
    pub fn camera(camera: &CameraKey) -> Self {
        Self(format!(
            "{}/{}",
            escaped(camera.recorder.as_str()),
            escaped(camera.camera.as_str())
        ))
    }

    /// A volume or a watched file, by its name in the agent's configuration.
    pub fn name(name: &Name) -> Self {
        Self(escaped(name.as_str()))
    }

    /// An agent, by its id.
    pub fn agent(id: &str) -> Self {
        Self(escaped(id))
    }

    /// From a store, which keeps what was made here.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Something of this camera that began at an instant.
    #[must_use]
    pub fn at(&self, start: Instant) -> Self {
        Self(format!("{}@{start}", self.0))
    }

    /// A day of this camera.
    #[must_use]
    pub fn on(&self, day: UtcDay) -> Self {
        Self(format!("{}@{}", self.0, day_text(day)))
    }

    /// Something of this camera that began at one instant and was noticed at another.
    #[must_use]
    pub fn noticed(&self, start: Instant, noticed: Instant) -> Self {
        Self(format!("{}@{start}~{noticed}", self.0))
    }

    /// A hold on this camera, by its number.
    #[must_use]
    pub fn hold(&self, number: i64) -> Self {
        Self(format!("{}#{number}", self.0))
    }

    /// A file of this camera, relative to the recorder's root.
    #[must_use]
    pub fn file(&self, path: &str) -> Self {
        Self(format!("{}:{path}", self.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before a moment or a file: the camera; of anything else, itself.
    #[must_use]
    pub fn owner(&self) -> Self {
        let end = self.0.find(['@', ':']).unwrap_or(self.0.len());
        Self(self.0[..end].to_owned())
    }

    /// When it lies, if it is addressed by time.
    pub fn moment(&self) -> Option<Moment> {
        let (before, moment) = self.0.split_once('@')?;
        if before.contains(':') {
            return None;
        }
        let start = moment.split('~').next().unwrap_or(moment);
        if let Ok(at) = Instant::parse(start) {
            return Some(Moment::At(at));
        }
        let day = Instant::parse(&format!("{moment}T00:00:00Z")).ok()?;
        Some(Moment::On(UtcDay::of(day)))
    }

    /// The subject that stands for many like this one when they are too many to be told one by one:
    /// the day of a moment, the camera of a file.
    pub fn fold(&self) -> Option<Self> {
        match self.moment() {
            Some(Moment::At(start)) => Some(self.owner().on(UtcDay::of(start))),
            Some(Moment::On(_)) => None,
            None => Some(self.owner()).filter(|owner| owner != self),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A day in UTC as `yyyy-mm-dd`.
pub fn day_text(day: UtcDay) -> String {
    // Every instant prints with four digits of year, so the date is always the first ten bytes.
    day.start().to_string().chars().take(10).collect()
}

fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '%' => text.push_str("%25"),
            '/' => text.push_str("%2F"),
            ':' => text.push_str("%3A"),
            '@' => text.push_str("%40"),
            '~' => text.push_str("%7E"),
            plain => text.push(plain),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn camera(recorder: &str, camera: &str) -> Subject {
        Subject::camera(&CameraKey {
            recorder: Name::new(recorder).unwrap(),
            camera: Name::new(camera).unwrap(),
        })
    }

    fn start() -> Instant {
        Instant::parse("2026-11-23T04:10:00Z").unwrap()
    }

    #[test]
    fn a_gap_is_its_camera_and_its_start() {
        let gap = camera("nvr", "3 号机").at(start());
        assert_eq!(gap.as_str(), "nvr/3 号机@2026-11-23T04:10:00Z");
        assert_eq!(gap.moment(), Some(Moment::At(start())));
        assert_eq!(gap.owner(), camera("nvr", "3 号机"));
        let day = gap.fold().unwrap();
        assert_eq!(day.as_str(), "nvr/3 号机@2026-11-23");
        assert_eq!(day.moment(), Some(Moment::On(UtcDay::of(start()))));
        assert_eq!(day.fold(), None);
    }

    #[test]
    fn a_file_folds_into_its_camera_whatever_its_path() {
        let file = camera("nvr", "door").file("2026@11/04:10~x.mp4");
        assert_eq!(file.moment(), None);
        assert_eq!(file.fold(), Some(camera("nvr", "door")));
        assert_eq!(camera("nvr", "door").fold(), None);
    }

    #[test]
    fn a_name_with_separators_is_no_camera_of_another_recorder() {
        assert_ne!(camera("a/b", "c"), camera("a", "b/c"));
        let odd = camera("a@b", "c:d");
        assert_eq!(odd.at(start()).owner(), odd);
        assert_eq!(odd.at(start()).moment(), Some(Moment::At(start())));
    }

    #[test]
    fn what_vanished_keeps_its_start_and_when_it_was_noticed() {
        let gone = camera("nvr", "door").noticed(start(), start() + 1_500);
        assert_eq!(
            gone.as_str(),
            "nvr/door@2026-11-23T04:10:00Z~2026-11-23T04:10:01.500Z"
        );
        assert_eq!(gone.moment(), Some(Moment::At(start())));
    }

    proptest! {
        #[test]
        fn different_cameras_have_different_subjects(
            a in ("[a@/:%~2F]{1,6}", "[a@/:%~2F]{1,6}"),
            b in ("[a@/:%~2F]{1,6}", "[a@/:%~2F]{1,6}"),
        ) {
            prop_assert_eq!(camera(&a.0, &a.1) == camera(&b.0, &b.1), a == b);
        }
    }
}
