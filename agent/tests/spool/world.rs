//! A folder, a disk that fills on command, a seed: what every test of the spool needs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keepwatch_agent::spool::{DiskSpace, Limits, Opened, Put, Spool};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use tempfile::TempDir;

/// Caps that no test reaches by accident.
pub(crate) const ROOMY: Limits = Limits {
    evidence_bytes_max: 1 << 30,
    evidence_age_ms_max: 1 << 40,
    disk_free_bytes_min: 1 << 20,
    floor_reserve_bytes: 0,
    state_slots_max: 1_000,
    state_bytes_max: 1 << 30,
    state_stamp_bytes: 0,
};

/// A disk with as much room as the test says.
#[derive(Debug, Clone)]
struct SaidSpace(Arc<AtomicU64>);

impl DiskSpace for SaidSpace {
    fn free_bytes(&self) -> Option<u64> {
        Some(self.0.load(Ordering::SeqCst))
    }
}

/// One branch's disk.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
    free_bytes: Arc<AtomicU64>,
    pub(crate) randomness: Seeded,
    pub(crate) limits: Limits,
}

impl World {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            free_bytes: Arc::new(AtomicU64::new(1 << 40)),
            randomness: Seeded::new(11),
            limits,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("spool.db")
    }

    pub(crate) fn set_free(&self, bytes: u64) {
        self.free_bytes.store(bytes, Ordering::SeqCst);
    }

    pub(crate) async fn open(&self) -> Opened {
        let space = Box::new(SaidSpace(Arc::clone(&self.free_bytes)));
        let now = Instant::from_ms(1_000);
        Spool::open(self.folder(), self.limits, space, now, &self.randomness)
            .await
            .unwrap_or_else(|error| panic!("{}", keepwatch_common::error_chain::chain(&error)))
    }

    /// The files as a kill would leave them: copied while the spool is open and idle.
    pub(crate) fn killed(&self) -> Self {
        let copy = Self::new(self.limits);
        for name in ["spool.db", "spool.db-wal"] {
            let from = self.folder().join(name);
            if from.exists() {
                fs_err::copy(from, copy.folder().join(name)).unwrap();
            }
        }
        copy.set_free(self.free_bytes.load(Ordering::SeqCst));
        // Another seed: what a later life draws must not repeat what this one drew.
        Self {
            randomness: Seeded::new(self.randomness.next()),
            ..copy
        }
    }
}

pub(crate) fn urgent(payload: &[u8]) -> Put {
    Put::Urgent {
        observed_at: Instant::EPOCH,
        payload: payload.to_vec(),
    }
}

pub(crate) fn routine(payload: &[u8]) -> Put {
    Put::Routine {
        observed_at: Instant::EPOCH,
        payload: payload.to_vec(),
    }
}

pub(crate) fn state(key: &str, payload: &[u8]) -> Put {
    Put::State {
        key: key.to_owned(),
        observed_at: Instant::EPOCH,
        payload: payload.to_vec(),
    }
}

pub(crate) fn forget(key: &str, tombstone: &[u8]) -> Put {
    Put::Forget {
        key: key.to_owned(),
        observed_at: Instant::EPOCH,
        tombstone: tombstone.to_vec(),
    }
}

/// Everything a lane has to deliver.
pub(crate) async fn pending(spool: &mut Spool, lane: Lane) -> Vec<(u64, Vec<u8>)> {
    let records = spool.peek(lane, 0, usize::MAX, usize::MAX).await.unwrap();
    let pair = |record: keepwatch_agent::spool::Record| (record.seq, record.payload);
    records.into_iter().map(pair).collect()
}

/// Pairs to compare with [`pending`].
pub(crate) fn pairs(expected: &[(u64, &[u8])]) -> Vec<(u64, Vec<u8>)> {
    expected.iter().map(|(seq, p)| (*seq, p.to_vec())).collect()
}
