//! What the demo shows: three branches, what their cameras recorded, and what is wrong with it. Pure.
//!
//! The alerts to expect are written down here from what was arranged, not from what the product says,
//! so that the report proves something.

use keepwatch_common::interval::Interval;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

use crate::footage::{CameraPlan, Clip};

/// The recorder's name at every branch.
pub(super) const RECORDER: &str = "nvr";

/// What every recorded file holds.
pub(super) const CLIP: Clip = Clip::FiveMinutes;

/// Names of cameras as Frigate takes them.
const PLAIN_NAMES: [&str; 8] = [
    "front_door",
    "till_1",
    "stock_room",
    "safe",
    "till_2",
    "back_door",
    "corridor",
    "car_park",
];

/// Names of cameras as people give them.
const CHINESE_NAMES: [&str; 8] = [
    "大门",
    "收银台1",
    "库房",
    "保险柜",
    "收银台2",
    "后门",
    "走廊",
    "停车场",
];

/// How long the gap is.
const GAP_MS: i64 = 3 * HOUR_MS;

/// How long ago a camera stopped.
const STOPPED_AGO_MS: i64 = 5 * HOUR_MS;

/// The software that records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Software {
    /// Frigate: names in UTC, a YAML configuration.
    Frigate,
    /// An appliance: names in the branch's own time, an INI configuration.
    Appliance,
}

impl Software {
    /// What its configuration is called, here and in the agent's.
    pub(super) fn watched(self) -> &'static str {
        match self {
            Self::Frigate => "frigate.yml",
            Self::Appliance => "recorder.ini",
        }
    }
}

/// One branch.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    /// Its code.
    pub(super) code: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// Its region: code and name.
    pub(super) region: (&'static str, &'static str),
    /// Its IANA time zone.
    pub(super) zone: &'static str,
    /// What records there.
    pub(super) software: Software,
    /// What each camera recorded.
    pub(super) cameras: Vec<CameraPlan>,
    /// The camera that records no more, by its place in the list.
    pub(super) stopped: Option<usize>,
}

/// A file that is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged {
    /// The branch and the camera, by their places.
    pub(super) at: (usize, usize),
    /// Its start.
    pub(super) start: Instant,
}

/// All of it.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// One branch with a gap and damaged files, one with a stopped camera and a change to come, one
    /// short of footage.
    pub(super) branches: [Branch; 3],
    /// Up to when footage is laid; what comes later is recorded live.
    pub(super) began: Instant,
    /// When a camera of the first branch did not record.
    pub(super) gap: Interval,
    /// A truncated and an empty file of the first branch.
    pub(super) damaged: [Damaged; 2],
}

/// The branch with the gap.
pub(super) const GAPPED: usize = 0;
/// The branch with the camera that stopped, whose configuration will be changed.
pub(super) const CHANGED: usize = 1;
/// The branch short of footage.
pub(super) const SHORT: usize = 2;

impl Scene {
    /// So many days of so many cameras; both at least two.
    pub(super) fn of(days: u16, cameras: u8, now: Instant) -> Self {
        let began = now - now.ms().rem_euclid(CLIP.ms());
        let days = i64::from(days);
        let [mut gapped, mut changed, short] = chain();
        let plans = |branch: &Branch, days: i64| -> Vec<CameraPlan> {
            let names = match branch.software {
                Software::Frigate => PLAIN_NAMES,
                Software::Appliance => CHINESE_NAMES,
            };
            let names = names.iter().take(usize::from(cameras));
            names
                .map(|name| CameraPlan::new(name, span(began, days * DAY_MS, 0), CLIP))
                .collect()
        };
        gapped.cameras = plans(&gapped, days);
        changed.cameras = plans(&changed, days);
        let short = Branch {
            cameras: plans(&short, (days * 2 / 5).max(1)),
            ..short
        };

        // With few days of footage everything happens within the last two.
        let ago_ms = |wanted_days: i64| wanted_days.min(days / 2) * DAY_MS;
        let gap = span(began, ago_ms(6), ago_ms(6) - GAP_MS);
        let damaged = [ago_ms(3) + 2 * HOUR_MS, ago_ms(9) + 4 * HOUR_MS].map(|ago| Damaged {
            at: (GAPPED, 1),
            start: began - ago,
        });
        gapped.cameras[0].gaps.insert(gap);
        gapped.cameras[1].truncated_at.push(damaged[0].start);
        gapped.cameras[1].empty_at.push(damaged[1].start);
        let last = changed.cameras.len() - 1;
        changed.cameras[last]
            .gaps
            .insert(span(began, STOPPED_AGO_MS, 0));
        changed.stopped = Some(last);
        Self {
            branches: [gapped, changed, short],
            began,
            gap,
            damaged,
        }
    }

    /// How many cameras there are.
    pub(super) fn cameras(&self) -> usize {
        self.branches.iter().map(|b| b.cameras.len()).sum()
    }

    /// Since when the stopped camera records no more.
    pub(super) fn stopped_at(&self) -> Instant {
        self.began - STOPPED_AGO_MS
    }
}

/// The branches of our chain, with nothing recorded.
fn chain() -> [Branch; 3] {
    let branch = |code, name, region, zone, software| Branch {
        code,
        name,
        region,
        zone,
        software,
        cameras: Vec::new(),
        stopped: None,
    };
    [
        branch(
            "0101",
            "上海静安寺店",
            ("east", "华东区"),
            "Asia/Shanghai",
            Software::Frigate,
        ),
        branch(
            "0208",
            "乌鲁木齐友好路店",
            ("north-west", "西北区"),
            "Asia/Urumqi",
            Software::Frigate,
        ),
        branch(
            "0315",
            "香港铜锣湾店",
            ("south", "华南区"),
            "Asia/Hong_Kong",
            Software::Appliance,
        ),
    ]
}

/// From so long before an instant to so long before it.
#[expect(clippy::expect_used, reason = "what is arranged here lasts some time")]
fn span(before: Instant, from_ms: i64, to_ms: i64) -> Interval {
    Interval::new(before - from_ms, before - to_ms).expect("a span that is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(days: u16, cameras: u8) -> Scene {
        let now = Instant::parse("2026-11-23T08:03:20Z").unwrap();
        Scene::of(days, cameras, now)
    }

    fn files(branch: &Branch) -> usize {
        let cameras = branch.cameras.iter();
        cameras.map(|plan| plan.segments().unwrap().len()).sum()
    }

    #[test]
    fn a_month_of_four_cameras_is_what_was_arranged() {
        let scene = scene(31, 4);
        assert_eq!(scene.began.to_string(), "2026-11-23T08:00:00Z");
        let month = 4 * 31 * 288;
        assert_eq!(files(&scene.branches[GAPPED]), month - 36);
        assert_eq!(files(&scene.branches[CHANGED]), month - 60);
        assert_eq!(files(&scene.branches[SHORT]), 4 * 12 * 288);
        assert_eq!(scene.cameras(), 12);
    }

    #[test]
    fn the_smallest_plan_still_holds_everything_that_is_wrong() {
        let scene = scene(2, 2);
        assert_eq!(files(&scene.branches[GAPPED]), 2 * 2 * 288 - 36);
        assert_eq!(files(&scene.branches[SHORT]), 2 * 288);
        assert_eq!(scene.branches[CHANGED].stopped, Some(1));
    }

    #[test]
    fn what_is_damaged_is_there_whatever_the_number_of_days() {
        for days in 2..=93 {
            let scene = scene(days, 2);
            let camera = &scene.branches[GAPPED].cameras[1];
            let damaged = camera.segments().unwrap();
            for file in scene.damaged {
                assert!(damaged.iter().any(|segment| segment.start == file.start));
            }
        }
    }
}
