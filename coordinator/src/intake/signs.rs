//! Signs of life on their way to the store: kept together, because a fleet that comes back after a
//! restart comes in one second.
//!
//! Pure: it is told the time and who is connected. It must not know the store's transactions.

use std::collections::BTreeMap;

use keepwatch_common::clock::Tick;
use keepwatch_common::time::Instant;
use uuid::Uuid;

use super::registry::Registry;
use crate::store::presence::{Connected, Disconnected, Heard};

/// Between two times that everybody who is connected is written down as heard, in milliseconds. A
/// connection that is lost is noticed within its idle time anyway, and ten thousand rows a second
/// would wear the disk out for nothing.
const SWEEP_MS: u64 = 20_000;

/// What was seen since it was last written down.
#[derive(Debug, Default)]
pub(super) struct Signs {
    connected: BTreeMap<Uuid, Connected>,
    disconnected: Vec<Disconnected>,
    heard: BTreeMap<Uuid, Heard>,
    swept: Option<Tick>,
}

/// What is to be written down now; each agent at most once in each list.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) connected: Vec<Connected>,
    pub(super) disconnected: Vec<Disconnected>,
    pub(super) heard: Vec<Heard>,
}

impl Taken {
    pub(super) fn is_empty(&self) -> bool {
        self.connected.is_empty() && self.disconnected.is_empty() && self.heard.is_empty()
    }
}

impl Signs {
    pub(super) fn came(&mut self, came: Connected) {
        self.connected.insert(came.agent, came);
    }

    pub(super) fn left(&mut self, left: Disconnected) {
        self.disconnected.push(left);
    }

    pub(super) fn heard(&mut self, heard: Heard) {
        self.heard.insert(heard.agent, heard);
    }

    /// Takes who came and who left, and when a sweep is due everybody who was heard.
    pub(super) fn take(&mut self, now: Instant, tick: Tick, registry: &Registry) -> Taken {
        let mut heard = BTreeMap::new();
        let sign = |agent, clock_ahead_ms| Heard {
            agent,
            at: now,
            clock_ahead_ms,
        };
        // Whoever left was heard until then.
        for left in &self.disconnected {
            let ahead_ms = self
                .heard
                .remove(&left.agent)
                .and_then(|h| h.clock_ahead_ms);
            heard.insert(left.agent, sign(left.agent, ahead_ms));
        }
        if self.swept.is_none_or(|swept| tick.since(swept) >= SWEEP_MS) {
            self.swept = Some(tick);
            heard.append(&mut self.heard);
            for (agent, _) in registry.connected() {
                heard.entry(agent).or_insert_with(|| sign(agent, None));
            }
        }
        Taken {
            connected: std::mem::take(&mut self.connected).into_values().collect(),
            disconnected: std::mem::take(&mut self.disconnected),
            heard: heard.into_values().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wanted::desired;
    use super::*;

    const AGENT: Uuid = Uuid::from_u128(1);

    fn at(s: i64) -> (Instant, Tick) {
        (Instant::from_s(s), Tick(u64::try_from(s).unwrap() * 1_000))
    }

    fn taken(signs: &mut Signs, s: i64, registry: &Registry) -> Taken {
        let (now, tick) = at(s);
        signs.take(now, tick, registry)
    }

    #[test]
    fn who_is_connected_is_heard_and_not_written_down_every_second() {
        let (mut signs, registry) = (Signs::default(), Registry::default());
        let _place = registry.enter(AGENT, Instant::EPOCH, desired(&[]));
        assert_eq!(taken(&mut signs, 1, &registry).heard.len(), 1);
        for s in 2..21 {
            assert!(taken(&mut signs, s, &registry).is_empty());
        }
        assert_eq!(taken(&mut signs, 21, &registry).heard.len(), 1);
    }

    #[test]
    fn who_left_was_heard_until_then() {
        let (mut signs, registry) = (Signs::default(), Registry::default());
        taken(&mut signs, 1, &registry);
        signs.heard(Heard {
            agent: AGENT,
            at: Instant::from_s(2),
            clock_ahead_ms: Some(7),
        });
        signs.left(Disconnected {
            agent: AGENT,
            connected_at: Instant::EPOCH,
        });
        let taken = taken(&mut signs, 3, &registry);
        assert_eq!(taken.disconnected.len(), 1);
        assert_eq!(taken.heard[0].at, Instant::from_s(3));
        assert_eq!(taken.heard[0].clock_ahead_ms, Some(7));
    }

    #[test]
    fn what_was_heard_waits_for_the_sweep_and_is_not_lost() {
        let (mut signs, registry) = (Signs::default(), Registry::default());
        taken(&mut signs, 1, &registry);
        signs.heard(Heard {
            agent: AGENT,
            at: Instant::from_s(2),
            clock_ahead_ms: None,
        });
        assert!(taken(&mut signs, 3, &registry).is_empty());
        let later = taken(&mut signs, 30, &registry);
        assert_eq!(later.heard[0].at, Instant::from_s(2));
    }
}
