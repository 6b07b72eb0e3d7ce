//! What lies in the spool of an agent that was killed, read from a copy as a stranger would.

use std::collections::BTreeMap;
use std::path::Path;

use crate::hq::{Hq, rows};

/// Bits of a place that number within a lane.
const SEQUENCE_BITS: u32 = 56;

/// Bytes in front of an observation that tell the version of its coding.
const VERSION_BYTES: usize = 2;

/// Lane and sequence of evidence; the epoch is the spool's one.
type Key = (i64, i64);

/// See the module.
pub(crate) struct Spooled {
    pub(crate) epoch: i64,
    /// What each lane has given out and what of it was acknowledged.
    pub(crate) lanes: BTreeMap<i64, (i64, i64)>,
    /// Evidence that waits, as it travels.
    pub(crate) waiting: BTreeMap<Key, Vec<u8>>,
}

impl Spooled {
    /// Nobody has it open; a killed agent's log is read along.
    pub(crate) async fn read(state: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs_err::read_dir(state.join("spool")).unwrap() {
            let entry = entry.unwrap();
            fs_err::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let file = copy.path().join("spool.db");
        let epoch = rows::<(i64,)>(&file, "SELECT epoch FROM spool").await[0].0;
        let lanes = rows::<(i64, i64, i64)>(&file, "SELECT lane, assigned, acked FROM lane").await;
        let waiting = rows::<(i64, Vec<u8>)>(&file, "SELECT place, payload FROM evidence").await;
        let key = |place: i64| (place >> SEQUENCE_BITS, place & ((1 << SEQUENCE_BITS) - 1));
        let coded = |payload: Vec<u8>| payload[VERSION_BYTES..].to_vec();
        Self {
            epoch,
            lanes: lanes.into_iter().map(|(l, a, b)| (l, (a, b))).collect(),
            waiting: waiting
                .into_iter()
                .map(|(place, payload)| (key(place), coded(payload)))
                .collect(),
        }
    }

    /// What it had acknowledged is stored.
    pub(crate) async fn assert_acked_is_stored(&self, hq: &Hq) {
        let through: BTreeMap<i64, i64> = lanes(hq, self.epoch).await;
        for (lane, (_, acked)) in &self.lanes {
            let stored = through.get(lane).copied().unwrap_or(0);
            assert!(
                *acked <= stored,
                "lane {lane}: {acked} acked, {stored} stored"
            );
        }
    }
}

/// How far each lane of a spool's life is stored.
pub(crate) async fn lanes(hq: &Hq, epoch: i64) -> BTreeMap<i64, i64> {
    let statement = format!("SELECT lane, through FROM lanes WHERE epoch = {epoch}");
    hq.rows::<(i64, i64)>(&statement)
        .await
        .into_iter()
        .collect()
}

/// Every observation that is evidence is stored, once, without a hole up to where its lane stands.
pub(crate) async fn assert_evidence_is_whole(hq: &Hq, epoch: i64, lane: i64) {
    let through = lanes(hq, epoch).await.get(&lane).copied().unwrap_or(0);
    let statement =
        format!("SELECT sequence FROM evidence WHERE epoch = {epoch} AND lane = {lane} ORDER BY 1");
    let stored: Vec<i64> = hq
        .rows::<(i64,)>(&statement)
        .await
        .into_iter()
        .map(|r| r.0)
        .collect();
    let all: Vec<i64> = (1..=through).collect();
    assert!(through > 0, "lane {lane} told nothing");
    assert_eq!(stored, all, "lane {lane}");
}

/// Evidence as it is stored.
pub(crate) async fn stored(hq: &Hq, epoch: i64) -> BTreeMap<Key, Vec<u8>> {
    let statement = format!("SELECT lane, sequence, coded FROM evidence WHERE epoch = {epoch}");
    let rows = hq.rows::<(i64, i64, Vec<u8>)>(&statement).await;
    rows.into_iter()
        .map(|(lane, sequence, coded)| ((lane, sequence), coded))
        .collect()
}
