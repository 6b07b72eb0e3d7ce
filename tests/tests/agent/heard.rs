//! What a coordinator heard, kept in memory.

use std::collections::BTreeMap;

use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::model::watched::Reading;
use keepwatch_common::wire::codec;
use keepwatch_common::wire::v1::observation as wire;
use keepwatch_common::wire::v1::report::Report;

use crate::tongue::number_text;

/// All it heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) connections: usize,
    pub(crate) offset_ms: Option<i64>,
    /// By epoch and lane: sequences in the order they came, and what they said.
    lanes: BTreeMap<(u64, u8), Vec<(u64, Observation)>>,
}

impl Heard {
    pub(crate) fn count(&self, lane: Lane) -> usize {
        let of_lane = |((_, number), _): &(&(u64, u8), _)| *number == lane.number();
        let lanes = self.lanes.iter().filter(of_lane);
        lanes.map(|(_, entries)| entries.len()).sum()
    }

    pub(crate) fn epochs(&self) -> usize {
        let epochs: std::collections::BTreeSet<_> = self.lanes.keys().map(|key| key.0).collect();
        epochs.len()
    }

    /// Whether readings of these numbers came.
    pub(crate) fn has_drift(&self, numbers: &[u64]) -> bool {
        let said: Vec<_> = self
            .lanes
            .values()
            .flatten()
            .filter_map(canonical)
            .collect();
        numbers
            .iter()
            .all(|number| said.contains(&number_text(*number).as_str()))
    }

    /// All that was told, lane by lane.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let entries = self.lanes.values().flatten();
        entries.map(|(_, observation)| &observation.body)
    }

    pub(crate) fn stored(&self, epoch: u64) -> [u64; 3] {
        [0, 1, 2].map(|lane| {
            let entries = self.lanes.get(&(epoch, lane));
            entries
                .and_then(|entries| entries.last())
                .map_or(0, |(sequence, _)| *sequence)
        })
    }

    /// Every sequence of a lane came once, ascending.
    pub(crate) fn assert_in_order_and_once(&self) {
        for (key, entries) in &self.lanes {
            let sequences: Vec<_> = entries.iter().map(|(sequence, _)| *sequence).collect();
            assert!(
                sequences.windows(2).all(|pair| pair[0] < pair[1]),
                "{key:?}"
            );
        }
    }

    /// How much came, for a person.
    pub(crate) fn summary(&self) -> Vec<String> {
        let lane = |(key, entries): (&(u64, u8), &Vec<_>)| format!("{key:?}: {}", entries.len());
        let mut lines: Vec<_> = self.lanes.iter().map(lane).collect();
        lines.push(format!("{} connections", self.connections));
        lines
    }

    pub(crate) fn store(&mut self, report: Report) {
        self.offset_ms = report.offset_ms.or(self.offset_ms);
        let lane = self.lanes.entry((report.epoch, report.lane)).or_default();
        for entry in report.observations {
            assert_eq!(entry.version, wire::VERSION);
            let coded: wire::Observation = codec::decode_observation(&entry.coded).unwrap();
            lane.push((entry.sequence, coded.into_model().unwrap()));
        }
    }
}

fn canonical((_, observation): &(u64, Observation)) -> Option<&str> {
    match &observation.body {
        Body::Watched(watched) => match &watched.reading {
            Reading::Tree { canonical, .. } => Some(canonical),
            _ => None,
        },
        _ => None,
    }
}
