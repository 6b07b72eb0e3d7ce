//! What agents of a fleet tell, from a seed: mostly days of coverage, some of it with a hole, how
//! much footage there is, volumes, a few damaged files, and changed configurations.
//!
//! A spool keeps one slot a state, so a backlog never tells one day of a camera twice; neither does
//! this. Configurations differ from their baseline and from each other: each is a drift to judge.

use keepwatch_common::ids::Seeded;
use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, UtcDay,
};
use keepwatch_common::model::name::{Name, NameError};
use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::model::segment::{FaultKind, SegmentFault};
use keepwatch_common::model::volume::{Presence, VolumeState};
use keepwatch_common::model::watched::{Reading, WatchedFile};
use keepwatch_common::time::{DAY_MS, Instant, MINUTE_MS};
use keepwatch_common::wire::codec::{self, EncodeError};
use keepwatch_common::wire::v1::observation;
use keepwatch_common::wire::v1::report::{Entry, Report};

/// Cameras of a branch.
const CAMERAS: u64 = 16;

/// Of a hundred observations, up to which number each kind reaches; the rest is coverage.
const FOOTAGE: u64 = 15;
const VOLUMES: u64 = FOOTAGE + 5;
const FAULTS: u64 = VOLUMES + 1;
const READINGS: u64 = FAULTS + 3;

/// One day of coverage of so many has a hole.
const HOLED: u64 = 50;

/// The watched file of every branch.
pub const WATCHED_NAME: &str = "frigate";
/// Where it lies.
pub const WATCHED_PATH: &str = "/etc/frigate/config.yml";

/// The life of the spools.
const EPOCH: u64 = 7;

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum MixError {
    /// A name is none.
    #[error("a camera or volume cannot be named")]
    Name(#[from] NameError),
    /// An observation has no code.
    #[error("an observation cannot be coded")]
    Code(#[from] EncodeError),
}

/// What the store must hold when all of it is acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// Observations told.
    pub observations: i64,
    /// Of these, evidence: a row each.
    pub evidence: i64,
    /// Days of cameras: a row each.
    pub slices: i64,
    /// Damaged files: a row each.
    pub faults: i64,
}

impl std::ops::AddAssign for Expected {
    fn add_assign(&mut self, more: Self) {
        self.observations += more.observations;
        self.evidence += more.evidence;
        self.slices += more.slices;
        self.faults += more.faults;
    }
}

/// A configuration as a recorder of a branch has it, as its agent tells it: 16 cameras, 2 KiB.
pub fn configuration(retain_days: u64) -> String {
    let cameras: Vec<_> = (0..CAMERAS)
        .map(|camera| {
            format!(
                "\"camera-{camera}\":{{\"detect\":{{\"fps\":5,\"height\":720,\"width\":1280}},\
                 \"ffmpeg\":{{\"inputs\":[{{\"path\":\"rtsp://10.0.0.{camera}/1\"}}]}}}}"
            )
        })
        .collect();
    let cameras = cameras.join(",");
    format!("{{\"cameras\":{{{cameras}}},\"record\":{{\"retain\":{{\"days\":{retain_days}}}}}}}")
}

/// One agent's reports of at most `per_report` observations, in the order of their sequences, and
/// what becomes of them.
pub fn reports(
    seed: u64,
    observations: u64,
    per_report: usize,
    now: Instant,
) -> Result<(Vec<(Lane, Report)>, Expected), MixError> {
    let mut teller = Teller {
        numbers: Seeded::new(seed),
        now,
        days: 0,
        told: 0,
        expected: Expected::default(),
    };
    let mut reports = Vec::new();
    let mut open: [Vec<Entry>; 3] = Default::default();
    let mut sequences = [0_u64; 3];
    for _ in 0..observations {
        let body = teller.next()?;
        let lane = body.lane();
        let index = usize::from(lane.number());
        sequences[index] += 1;
        let told = observation::Observation::from_model(Observation { at: now, body });
        open[index].push(Entry {
            sequence: sequences[index],
            version: observation::VERSION,
            coded: codec::encode(&told)?,
        });
        if open[index].len() == per_report {
            reports.push((lane, report(lane, std::mem::take(&mut open[index]), now)));
        }
    }
    for lane in Lane::BY_URGENCY {
        let rest = std::mem::take(&mut open[usize::from(lane.number())]);
        if !rest.is_empty() {
            reports.push((lane, report(lane, rest, now)));
        }
    }
    Ok((reports, teller.expected))
}

/// The epoch that reports are of.
pub fn epoch() -> u64 {
    EPOCH
}

fn report(lane: Lane, observations: Vec<Entry>, now: Instant) -> Report {
    Report {
        epoch: EPOCH,
        lane: lane.number(),
        clock_ms: now.ms(),
        offset_ms: None,
        observations,
    }
}

struct Teller {
    numbers: Seeded,
    now: Instant,
    days: u64,
    told: u64,
    expected: Expected,
}

impl Teller {
    fn next(&mut self) -> Result<Body, NameError> {
        self.told += 1;
        self.expected.observations += 1;
        match self.numbers.below(100) {
            kind if kind < FOOTAGE => self.footage(),
            kind if kind < VOLUMES => self.volume(),
            kind if kind < FAULTS => self.fault(),
            kind if kind < READINGS => self.reading(),
            _ => self.coverage(),
        }
    }

    fn coverage(&mut self) -> Result<Body, NameError> {
        let camera = camera(self.days % CAMERAS)?;
        let ago = i32::try_from(1 + self.days / CAMERAS).unwrap_or(i32::MAX);
        let day = UtcDay(UtcDay::of(self.now).0 - ago);
        self.days += 1;
        let Some(measured) = day.interval() else {
            // The calendar has ended.
            return self.volume();
        };
        self.expected.slices += 1;
        let minute = i64::try_from(self.numbers.below(23 * 60)).unwrap_or(0);
        let hole_at = day.start() + minute * MINUTE_MS;
        let has_hole = self.numbers.below(HOLED) == 0;
        let hole = Interval::new(hole_at, hole_at + 10 * MINUTE_MS).filter(|_| has_hole);
        Ok(Body::Coverage(CoverageSlice {
            camera,
            day,
            measured,
            holes: hole.into_iter().collect(),
        }))
    }

    fn footage(&mut self) -> Result<Body, NameError> {
        Ok(Body::Footage(CameraFootage {
            camera: camera(self.numbers.below(CAMERAS))?,
            oldest: Some(self.now - 31 * DAY_MS),
            newest: Some(self.now - MINUTE_MS),
            sealed: 8_900 + self.told,
            open: 1,
            opaque: 0,
            corrupt: 0,
            bytes: 400_000_000_000 + self.told,
            segment_ms: 5 * MINUTE_MS,
        }))
    }

    fn volume(&mut self) -> Result<Body, NameError> {
        let name = ["footage", "archive"][usize::from(self.numbers.below(2) == 1)];
        Ok(Body::Volume(VolumeState {
            volume: Name::new(name)?,
            path: format!("/srv/{name}"),
            presence: Presence::Present,
            total_bytes: 8_000_000_000_000,
            free_bytes: 900_000_000_000 - self.told,
            kind: "ext4".to_owned(),
        }))
    }

    fn fault(&mut self) -> Result<Body, NameError> {
        self.expected.faults += 1;
        let (number, start) = (self.told, self.now - DAY_MS);
        Ok(Body::Fault(FaultState {
            camera: camera(self.numbers.below(CAMERAS))?,
            fault: SegmentFault {
                path: format!("recordings/2026-11-22/08/{number}.mp4"),
                start,
                kind: FaultKind::Truncated,
                detail: "the media data ends at 17203 and should at 28712".to_owned(),
            },
            standing: true,
        }))
    }

    fn reading(&mut self) -> Result<Body, NameError> {
        self.expected.evidence += 1;
        Ok(Body::Watched(WatchedFile {
            name: Name::new(WATCHED_NAME)?,
            path: WATCHED_PATH.to_owned(),
            reading: Reading::Tree {
                canonical: configuration(1_000 + self.told),
                owner: Some("root".to_owned()),
            },
        }))
    }
}

fn camera(number: u64) -> Result<CameraKey, NameError> {
    Ok(CameraKey {
        recorder: Name::new("nvr")?,
        camera: Name::new(format!("camera-{number}"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(per_report: usize) -> (Vec<(Lane, Report)>, Expected) {
        reports(3, 1_000, per_report, Instant::from_s(1_800_000_000)).unwrap()
    }

    #[test]
    fn the_same_seed_tells_the_same() {
        assert_eq!(told(50), told(50));
    }

    #[test]
    fn every_observation_is_in_one_report_and_in_order() {
        for per_report in [1, 7, 50] {
            let (reports, expected) = told(per_report);
            let mut through = [0_u64; 3];
            for (lane, report) in &reports {
                assert!(report.observations.len() <= per_report);
                for entry in &report.observations {
                    let last = &mut through[usize::from(lane.number())];
                    assert_eq!(entry.sequence, *last + 1);
                    *last = entry.sequence;
                }
            }
            assert_eq!(through.iter().sum::<u64>(), 1_000);
            assert_eq!(expected.observations, 1_000);
        }
    }

    #[test]
    fn every_kind_is_told() {
        let (_, expected) = told(50);
        assert!(expected.slices > 600 && expected.evidence > 10 && expected.faults > 0);
    }
}
