//! The spool as simply as it can be said: maps, no files, no transactions.

use std::collections::BTreeMap;

use keepwatch_agent::spool::{Limits, Loss, LossReason, Put, RECORD_OVERHEAD_BYTES};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

/// Caps that a few dozen steps reach.
pub(crate) const LIMITS: Limits = Limits {
    evidence_bytes_max: 1_500,
    evidence_age_ms_max: 50,
    disk_free_bytes_min: 1 << 30,
    floor_reserve_bytes: 300,
    state_slots_max: 5,
    state_bytes_max: 400,
    state_stamp_bytes: 0,
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) observed_at: Instant,
    pub(crate) payload: Vec<u8>,
    pub(crate) is_report: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// By key: sequence, payload, forgotten.
    pub(crate) slots: BTreeMap<String, (u64, Vec<u8>, bool)>,
    pub(crate) evidence: BTreeMap<(Lane, u64), Kept>,
    pub(crate) losses: BTreeMap<(Lane, LossReason), Loss>,
    pub(crate) assigned: BTreeMap<Lane, u64>,
    pub(crate) acked: BTreeMap<Lane, u64>,
    pub(crate) handed_out: BTreeMap<Lane, u64>,
    pub(crate) is_disk_full: bool,
}

impl Model {
    pub(crate) fn assign(&mut self, lane: Lane) -> u64 {
        let seq = self.assigned.entry(lane).or_default();
        *seq += 1;
        *seq
    }

    pub(crate) fn of(map: &BTreeMap<Lane, u64>, lane: Lane) -> u64 {
        map.get(&lane).copied().unwrap_or(0)
    }

    fn weight(payload: &[u8], key: &str) -> u64 {
        u64::try_from(payload.len() + key.len()).unwrap() + RECORD_OVERHEAD_BYTES
    }

    pub(crate) fn stored(&self) -> u64 {
        let evidence = self.evidence.values().filter(|kept| !kept.is_report);
        evidence.map(|kept| Self::weight(&kept.payload, "")).sum()
    }

    /// Says whether the batch is within the caps of state; without that nothing changes.
    pub(crate) fn put(&mut self, batch: &[Put]) -> bool {
        let mut last = BTreeMap::new();
        for (at, put) in batch.iter().enumerate() {
            if let Some(key) = put.key() {
                last.insert(key, at);
            }
        }
        let mut order: Vec<_> = last.into_values().collect();
        order.sort_unstable();
        let changes: Vec<_> = order
            .into_iter()
            .map(|at| &batch[at])
            .filter(|put| {
                let gone = matches!(put, Put::Forget { .. });
                match self.slots.get(put.key().unwrap()) {
                    None => !gone,
                    Some((_, payload, was_gone)) => {
                        (payload.as_slice(), *was_gone) != (put.payload(), gone)
                    }
                }
            })
            .collect();
        let weigh = |slots: &BTreeMap<String, (u64, Vec<u8>, bool)>| -> u64 {
            slots
                .iter()
                .map(|(key, slot)| Self::weight(&slot.1, key))
                .sum()
        };
        let mut after = self.slots.clone();
        let mut seq = Self::of(&self.assigned, Lane::State);
        for put in changes {
            seq += 1;
            let gone = matches!(put, Put::Forget { .. });
            after.insert(
                put.key().unwrap().to_owned(),
                (seq, put.payload().to_vec(), gone),
            );
        }
        let slots_max = usize::try_from(LIMITS.state_slots_max).unwrap();
        let too_many = after.len() > self.slots.len() && after.len() > slots_max;
        let too_large =
            weigh(&after) > weigh(&self.slots) && weigh(&after) > LIMITS.state_bytes_max;
        if too_many || too_large {
            return false;
        }
        self.slots = after;
        self.assigned.insert(Lane::State, seq);
        for put in batch.iter().filter(|put| put.key().is_none()) {
            let seq = self.assign(put.lane());
            let kept = Kept {
                observed_at: put.observed_at(),
                payload: put.payload().to_vec(),
                is_report: false,
            };
            self.evidence.insert((put.lane(), seq), kept);
        }
        self.make_room();
        true
    }

    pub(crate) fn make_room(&mut self) {
        let (budget, reason) = if self.is_disk_full {
            (LIMITS.floor_reserve_bytes, LossReason::DiskFloor)
        } else {
            (LIMITS.evidence_bytes_max, LossReason::Bytes)
        };
        for lane in [Lane::Routine, Lane::Urgent] {
            while self.stored() > budget {
                let oldest = self
                    .evidence
                    .iter()
                    .find(|(at, kept)| at.0 == lane && !kept.is_report);
                let Some(at) = oldest.map(|(at, _)| *at) else {
                    break;
                };
                self.lose(at, reason);
            }
        }
    }

    fn lose(&mut self, at: (Lane, u64), reason: LossReason) {
        let kept = self.evidence.remove(&at).unwrap();
        let loss = self.losses.entry((at.0, reason)).or_insert(Loss {
            lane: at.0,
            reason,
            first_seq: at.1,
            last_seq: at.1,
            count: 0,
            bytes: 0,
            oldest_at: kept.observed_at,
            newest_at: kept.observed_at,
        });
        loss.first_seq = loss.first_seq.min(at.1);
        loss.last_seq = loss.last_seq.max(at.1);
        loss.count += 1;
        loss.bytes += u64::try_from(kept.payload.len()).unwrap();
        loss.oldest_at = loss.oldest_at.min(kept.observed_at);
        loss.newest_at = loss.newest_at.max(kept.observed_at);
    }

    pub(crate) fn expire(&mut self, now_ms: i64) {
        let cutoff = Instant::from_ms(now_ms - LIMITS.evidence_age_ms_max);
        let aged = self
            .evidence
            .iter()
            .filter(|(_, kept)| !kept.is_report && kept.observed_at < cutoff);
        let aged: Vec<_> = aged.map(|(at, _)| *at).collect();
        for at in aged {
            self.lose(at, LossReason::Age);
        }
    }

    pub(crate) fn peek(
        &mut self,
        lane: Lane,
        after: u64,
        count: usize,
        bytes: usize,
    ) -> Vec<(u64, Vec<u8>)> {
        let after = after.max(Self::of(&self.acked, lane));
        let mut all: Vec<(u64, Vec<u8>)> = if lane == Lane::State {
            self.slots
                .values()
                .map(|slot| (slot.0, slot.1.clone()))
                .collect()
        } else {
            let of_lane = self.evidence.iter().filter(|(at, _)| at.0 == lane);
            of_lane
                .map(|(at, kept)| (at.1, kept.payload.clone()))
                .collect()
        };
        all.retain(|(seq, _)| *seq > after);
        all.sort();
        all.truncate(count);
        let mut sum = 0;
        let fitting = all.iter().enumerate().take_while(|(index, record)| {
            sum += record.1.len();
            *index == 0 || sum <= bytes
        });
        let fitting = fitting.count();
        all.truncate(fitting);
        if let Some((seq, _)) = all.last() {
            let handed_out = self.handed_out.entry(lane).or_default();
            if *seq > *handed_out {
                *handed_out = self.assigned[&lane];
            }
        }
        all
    }

    pub(crate) fn ack(&mut self, lane: Lane, through: u64) {
        if through <= Self::of(&self.acked, lane) {
            return;
        }
        self.acked.insert(lane, through);
        self.evidence.retain(|at, _| at.0 != lane || at.1 > through);
        if lane == Lane::State {
            self.slots.retain(|_, slot| !slot.2 || slot.0 > through);
        }
    }

    pub(crate) fn restate(&mut self) {
        let mut order: Vec<_> = self.slots.values().map(|slot| slot.0).collect();
        order.sort_unstable();
        for old in order {
            let fresh = self.assign(Lane::State);
            let slot = self.slots.values_mut().find(|slot| slot.0 == old).unwrap();
            slot.0 = fresh;
        }
    }

    pub(crate) fn reports_pending(&self) -> u64 {
        u64::try_from(self.evidence.values().filter(|kept| kept.is_report).count()).unwrap()
    }
}
