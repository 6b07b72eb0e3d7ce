//! Why footage is missing, as far as it can be told: what was away at that time, or what the other
//! cameras of the recorder show.
//!
//! Pure. Who was seen to be away goes before what is concluded from neighbours. It must not know where
//! any of it was read.

use keepwatch_common::interval::{Interval, IntervalSet};

/// So much of a gap a neighbour must have been measured for to be asked about it, in percent. A gap
/// that still lasts ends where its own camera was measured last, and no two are measured at once.
const MEASURED_PERCENT_MIN: i64 = 90;

/// Why footage is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nobody knows.
    NotKnown,
    /// This camera alone stopped.
    Camera,
    /// All cameras of the recorder stopped.
    Recorder,
    /// The camera did not answer.
    CameraAway,
    /// The recorder did not answer or did not run.
    RecorderAway,
    /// A volume had no room left.
    NoRoom,
    /// The agent did not run, and nobody recorded: its machine was off, most likely.
    AgentAway,
    /// It was recorded and is gone before its time.
    Vanished,
    /// The volume was not there: nothing is known.
    VolumeAbsent,
    /// No agent reported: nothing is known.
    Silent,
}

/// What another camera of the same recorder shows.
#[derive(Debug, Clone, Default)]
pub struct Neighbour {
    /// What was measured of it.
    pub measured: IntervalSet,
    /// What is missing of it.
    pub missing: IntervalSet,
}

/// All that is known of when something was away.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// Recorded, and gone.
    pub vanished: IntervalSet,
    /// The volume was not as it should be.
    pub volume: IntervalSet,
    /// There was no room.
    pub room: IntervalSet,
    /// The recorder did not answer.
    pub recorder: IntervalSet,
    /// The camera did not answer.
    pub camera: IntervalSet,
    /// The agent did not run.
    pub agent: IntervalSet,
    /// The agent was not heard.
    pub silence: IntervalSet,
    /// The recorder's other cameras.
    pub neighbours: Vec<Neighbour>,
}

impl Circumstances {
    /// Why a stretch that was measured is missing: whatever was away for most of it.
    pub fn of_gap(&self, gap: Interval) -> Cause {
        let away = [
            (&self.vanished, Cause::Vanished),
            (&self.volume, Cause::VolumeAbsent),
            (&self.room, Cause::NoRoom),
            (&self.recorder, Cause::RecorderAway),
            (&self.camera, Cause::CameraAway),
            (&self.agent, Cause::AgentAway),
        ];
        let seen = away
            .into_iter()
            .find(|(set, _)| set.ms_within(gap) * 2 > gap.ms());
        seen.map_or_else(|| self.stopped(gap), |(_, cause)| cause)
    }

    /// Why a stretch was not measured: whatever was away for some of it.
    pub fn of_blank(&self, blank: Interval) -> Cause {
        let away = [
            (&self.volume, Cause::VolumeAbsent),
            (&self.silence, Cause::Silent),
            (&self.agent, Cause::Silent),
        ];
        let seen = away.into_iter().find(|(set, _)| set.ms_within(blank) > 0);
        seen.map_or(Cause::NotKnown, |(_, cause)| cause)
    }

    /// Who stopped: nobody can say while no neighbour was measured for nearly all of the gap. What a
    /// neighbour is asked about is the part that was measured of it.
    fn stopped(&self, gap: Interval) -> Cause {
        let mut asked = 0;
        for neighbour in &self.neighbours {
            let measured_ms = neighbour.measured.ms_within(gap);
            if measured_ms.saturating_mul(100) < gap.ms().saturating_mul(MEASURED_PERCENT_MIN) {
                continue;
            }
            asked += 1;
            if neighbour.missing.ms_within(gap) * 2 < measured_ms {
                return Cause::Camera;
            }
        }
        if asked > 0 {
            Cause::Recorder
        } else {
            Cause::NotKnown
        }
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;

    use super::*;

    fn span(start: i64, end: i64) -> Interval {
        Interval::new(Instant::from_s(start), Instant::from_s(end)).unwrap()
    }

    fn set(start: i64, end: i64) -> IntervalSet {
        IntervalSet::of(Some(span(start, end)))
    }

    #[test]
    fn who_was_away_for_most_of_a_gap_is_its_cause() {
        let circumstances = Circumstances {
            recorder: set(0, 60),
            ..Circumstances::default()
        };
        assert_eq!(circumstances.of_gap(span(0, 100)), Cause::RecorderAway);
        assert_eq!(circumstances.of_gap(span(0, 120)), Cause::NotKnown);
    }

    #[test]
    fn what_was_seen_goes_before_what_neighbours_show() {
        let neighbour = Neighbour {
            measured: set(0, 100),
            missing: IntervalSet::EMPTY,
        };
        let mut circumstances = Circumstances {
            neighbours: vec![neighbour],
            ..Circumstances::default()
        };
        assert_eq!(circumstances.of_gap(span(0, 100)), Cause::Camera);
        circumstances.room = set(0, 100);
        assert_eq!(circumstances.of_gap(span(0, 100)), Cause::NoRoom);
        circumstances.vanished = set(0, 100);
        assert_eq!(circumstances.of_gap(span(0, 100)), Cause::Vanished);
    }

    #[test]
    fn all_cameras_of_a_recorder_together_mean_the_recorder() {
        let neighbour = |missing| Neighbour {
            measured: set(0, 95),
            missing,
        };
        let of = |neighbours| {
            let circumstances = Circumstances {
                neighbours,
                ..Circumstances::default()
            };
            circumstances.of_gap(span(0, 100))
        };
        assert_eq!(of(vec![neighbour(set(0, 95))]), Cause::Recorder);
        assert_eq!(
            of(vec![neighbour(set(0, 95)), neighbour(set(0, 10))]),
            Cause::Camera
        );
        let unmeasured = Neighbour {
            measured: set(0, 50),
            missing: IntervalSet::EMPTY,
        };
        assert_eq!(of(vec![unmeasured]), Cause::NotKnown);
    }

    #[test]
    fn what_was_not_measured_has_a_cause_as_soon_as_anything_was_away() {
        let circumstances = Circumstances {
            silence: set(0, 10),
            ..Circumstances::default()
        };
        assert_eq!(circumstances.of_blank(span(0, 100)), Cause::Silent);
        assert_eq!(circumstances.of_blank(span(20, 100)), Cause::NotKnown);
    }
}
