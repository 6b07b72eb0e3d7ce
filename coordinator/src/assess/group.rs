//! Sorts the observations of a group of reports: each kind by itself, of each state only the latest.
//!
//! What is stored already is left out. The order of reports is kept within a lane of an agent, so
//! that *latest* means what the agent meant by it.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, FootageVanished, UtcDay,
};
use keepwatch_common::model::health::VolumeHealth;
use keepwatch_common::model::hold::{HoldKey, HoldState};
use keepwatch_common::model::observation::{Body, Lane};
use keepwatch_common::model::outage::Outage;
use keepwatch_common::model::volume::VolumeState;
use keepwatch_common::model::watched::WatchedFile;
use keepwatch_common::time::Instant;
use uuid::Uuid;

use super::submission::{Outcome, Submission, Told};
use crate::store::evidence::EvidenceRow;
use crate::store::lanes::LaneKey;

/// Who told something, and when it was so by our clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) agent: Uuid,
    pub(super) branch_id: i64,
    pub(super) at: Instant,
    pub(super) received: Instant,
}

/// One thing told.
#[derive(Debug, Clone)]
pub(super) struct Said<T> {
    pub(super) origin: Origin,
    pub(super) what: T,
}

/// A camera of a branch, in the branch's words.
pub(super) type Place = (i64, CameraKey);

/// All that a group of reports tells.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) footage: BTreeMap<Place, Said<CameraFootage>>,
    pub(super) slices: BTreeMap<(Place, UtcDay), Said<CoverageSlice>>,
    pub(super) faults: BTreeMap<(Place, String), Said<FaultState>>,
    pub(super) volumes: BTreeMap<(i64, String), Said<VolumeState>>,
    pub(super) healths: BTreeMap<(i64, String), Said<VolumeHealth>>,
    pub(super) holds: BTreeMap<(i64, HoldKey), Said<HoldState>>,
    pub(super) vanished: Vec<Said<FootageVanished>>,
    pub(super) watched: Vec<Said<WatchedFile>>,
    pub(super) outages: Vec<Said<Outage>>,
    pub(super) evidence: Vec<EvidenceRow>,
    pub(super) through: BTreeMap<LaneKey, u64>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Group {
    /// Sorts the reports; `stored` says how far each lane is stored already.
    pub(super) fn of(submissions: &[&Submission], stored: &BTreeMap<LaneKey, u64>) -> Self {
        let mut group = Self {
            through: stored.clone(),
            ..Self::default()
        };
        for submission in submissions {
            let outcome = group.take(submission);
            group.outcomes.push(outcome);
        }
        group.vanished.sort_by_key(|said| said.origin.at);
        group.watched.sort_by_key(|said| said.origin.at);
        group
    }

    fn take(&mut self, submission: &Submission) -> Outcome {
        let key = lane_key(submission);
        let stored = self.through.get(&key).copied().unwrap_or(0);
        let mut refused = Vec::new();
        let mut through = stored;
        for entry in submission
            .entries
            .iter()
            .filter(|entry| entry.sequence > stored)
        {
            through = through.max(entry.sequence);
            let (at, error) = match &entry.told {
                Told::Observation(observation) => (observation.at, None),
                Told::Unreadable(reason) => {
                    refused.push(entry.sequence);
                    (submission.received, Some(reason.clone()))
                }
            };
            if submission.lane != Lane::State || error.is_some() {
                self.evidence.push(EvidenceRow {
                    agent: submission.agent,
                    epoch: submission.epoch,
                    lane: submission.lane,
                    sequence: entry.sequence,
                    at_ms: at.ms(),
                    received_ms: submission.received.ms(),
                    ahead_ms: submission.ahead_ms,
                    error,
                    version: entry.version,
                    coded: entry.coded.clone(),
                });
            }
            if let Told::Observation(observation) = &entry.told {
                let origin = Origin {
                    agent: submission.agent,
                    branch_id: submission.branch_id,
                    at: submission.corrected(observation.at),
                    received: submission.received,
                };
                self.sort(origin, &observation.body);
            }
        }
        if through > stored {
            self.through.insert(key, through);
        }
        Outcome { through, refused }
    }

    fn sort(&mut self, origin: Origin, body: &Body) {
        let branch = origin.branch_id;
        match body {
            Body::Footage(what) => {
                let place = (branch, what.camera.clone());
                self.footage.insert(
                    place,
                    Said {
                        origin,
                        what: what.clone(),
                    },
                );
            }
            Body::Coverage(what) => {
                let key = ((branch, what.camera.clone()), what.day);
                self.slices.insert(
                    key,
                    Said {
                        origin,
                        what: what.clone(),
                    },
                );
            }
            Body::Fault(what) => {
                let key = ((branch, what.camera.clone()), what.fault.path.clone());
                self.faults.insert(
                    key,
                    Said {
                        origin,
                        what: what.clone(),
                    },
                );
            }
            Body::Volume(what) => {
                let key = (branch, what.volume.to_string());
                self.volumes.insert(
                    key,
                    Said {
                        origin,
                        what: what.clone(),
                    },
                );
            }
            Body::Health(what) => {
                let (key, what) = ((branch, what.volume.to_string()), what.clone());
                self.healths.insert(key, Said { origin, what });
            }
            Body::Hold(what) => {
                let what = what.clone();
                self.holds.insert((branch, what.key), Said { origin, what });
            }
            Body::Vanished(what) => self.vanished.push(Said {
                origin,
                what: what.clone(),
            }),
            Body::Watched(what) => self.watched.push(Said {
                origin,
                what: what.clone(),
            }),
            Body::Outage(what) => self.outages.push(Said {
                origin,
                what: what.clone(),
            }),
            // Kept as evidence; nothing is judged by them.
            Body::Lost(_) | Body::Started(_) => {}
        }
    }

    /// Who spoke.
    pub(super) fn agents(&self) -> BTreeSet<Uuid> {
        self.through.keys().map(|lane| lane.agent).collect()
    }

    /// Every camera that is spoken of, with who spoke.
    pub(super) fn places(&self) -> BTreeMap<Place, Uuid> {
        let footage = self
            .footage
            .iter()
            .map(|(place, said)| (place.clone(), said.origin.agent));
        let slices = self
            .slices
            .iter()
            .map(|((place, _), said)| (place.clone(), said.origin.agent));
        let faults = self
            .faults
            .iter()
            .map(|((place, _), said)| (place.clone(), said.origin.agent));
        let vanished = self.vanished.iter().map(|said| {
            (
                (said.origin.branch_id, said.what.camera.clone()),
                said.origin.agent,
            )
        });
        footage
            .chain(slices)
            .chain(faults)
            .chain(vanished)
            .collect()
    }
}

/// The lane that a report belongs to.
pub(super) fn lane_key(submission: &Submission) -> LaneKey {
    LaneKey {
        agent: submission.agent,
        epoch: submission.epoch,
        lane: submission.lane,
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use keepwatch_common::model::observation::{AgentStarted, Observation};
    use keepwatch_common::model::volume::Presence;

    use super::super::submission::SubmittedEntry;
    use super::*;

    fn volume(free_bytes: u64) -> Body {
        Body::Volume(VolumeState {
            volume: Name::new("footage").unwrap(),
            path: "/srv".to_owned(),
            presence: Presence::Present,
            total_bytes: 100,
            free_bytes,
            kind: "ext4".to_owned(),
        })
    }

    fn report(lane: Lane, entries: Vec<(u64, Option<Body>)>) -> Submission {
        let now = Instant::from_s(1_000);
        Submission {
            agent: Uuid::from_u128(1),
            branch_id: 1,
            epoch: 7,
            lane,
            received: now,
            ahead_ms: 500,
            entries: entries
                .into_iter()
                .map(|(sequence, body)| SubmittedEntry {
                    sequence,
                    version: 1,
                    coded: Vec::new(),
                    told: body.map_or_else(
                        || Told::Unreadable("bad".to_owned()),
                        |body| Told::Observation(Observation { at: now, body }),
                    ),
                })
                .collect(),
        }
    }

    fn sorted(reports: &[Submission], stored: u64) -> Group {
        let stored = reports
            .iter()
            .map(|report| (lane_key(report), stored))
            .collect();
        Group::of(&reports.iter().collect::<Vec<_>>(), &stored)
    }

    #[test]
    fn of_a_state_only_the_latest_counts() {
        let reports = [report(
            Lane::State,
            vec![(1, Some(volume(10))), (2, Some(volume(20)))],
        )];
        let group = sorted(&reports, 0);
        assert_eq!(
            group.volumes[&(1, "footage".to_owned())].what.free_bytes,
            20
        );
        assert_eq!(
            group.outcomes,
            [Outcome {
                through: 2,
                refused: vec![]
            }]
        );
        assert!(group.evidence.is_empty());
    }

    #[test]
    fn what_is_stored_already_changes_nothing() {
        let reports = [report(Lane::State, vec![(1, Some(volume(10)))])];
        let group = sorted(&reports, 1);
        assert!(group.volumes.is_empty());
        assert_eq!(
            group.outcomes,
            [Outcome {
                through: 1,
                refused: vec![]
            }]
        );
    }

    #[test]
    fn the_same_report_twice_in_a_group_counts_once() {
        let started = Body::Started(AgentStarted {
            version: "1".to_owned(),
            process: 1,
        });
        let one = report(Lane::Routine, vec![(1, Some(started))]);
        let group = sorted(&[one.clone(), one], 0);
        assert_eq!(group.evidence.len(), 1);
    }

    #[test]
    fn one_that_cannot_be_read_is_kept_and_spoils_no_other() {
        let reports = [report(Lane::State, vec![(1, None), (2, Some(volume(20)))])];
        let group = sorted(&reports, 0);
        assert_eq!(
            group.outcomes,
            [Outcome {
                through: 2,
                refused: vec![1]
            }]
        );
        assert_eq!(group.evidence[0].error.as_deref(), Some("bad"));
        assert_eq!(group.volumes.len(), 1);
    }

    #[test]
    fn times_are_corrected_by_the_agents_offset() {
        let report = report(Lane::State, Vec::new());
        assert_eq!(
            report.corrected(Instant::from_s(900)),
            Instant::from_s(900) - 500
        );
        assert_eq!(
            report.corrected(Instant::from_s(9_000)),
            Instant::from_s(1_000)
        );
    }
}
