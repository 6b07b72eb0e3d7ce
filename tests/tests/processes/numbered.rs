//! Numbered evidence, put into the spool of an agent that does not run: a backlog to be delivered.

use std::ops::Range;
use std::path::Path;

use keepwatch_agent::identity::SystemRandomness;
use keepwatch_agent::spool::{FolderSpace, Limits, Put, Spool};
use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::model::observation::{AgentStarted, Body, Observation};
use keepwatch_common::wire::codec;
use keepwatch_common::wire::v1::observation as wire;

/// One transaction of the spool.
const BATCH: usize = 1_000;

/// The version of what is numbered: no agent that runs has it.
const NUMBERED: &str = "numbered";

/// Puts numbers into the routine lane.
pub(crate) async fn put(state: &Path, numbers: Range<u64>) {
    let now = SystemClock::new().now();
    let folder = state.join("spool");
    let limits = Limits {
        disk_free_bytes_min: 0,
        ..Limits::default()
    };
    let space = Box::new(FolderSpace::new(folder.clone()));
    let opened = Spool::open(&folder, limits, space, now, &SystemRandomness).await;
    let mut spool = opened.unwrap().spool;
    let put = |process| {
        let version = NUMBERED.to_owned();
        let body = Body::Started(AgentStarted { version, process });
        let told = wire::Observation::from_model(Observation { at: now, body });
        let mut payload = wire::VERSION.to_le_bytes().to_vec();
        payload.extend(codec::encode(&told).unwrap());
        Put::Routine {
            observed_at: now,
            payload,
        }
    };
    let puts: Vec<_> = numbers.map(put).collect();
    for batch in puts.chunks(BATCH) {
        spool.put(batch).await.unwrap();
    }
    spool.close().await.unwrap();
}

/// The number of evidence as it is stored, when it is numbered.
pub(crate) fn number(coded: &[u8]) -> Option<u64> {
    let told: wire::Observation = codec::decode_observation(coded).unwrap();
    match told.into_model().unwrap().body {
        Body::Started(started) if started.version == NUMBERED => Some(started.process),
        _ => None,
    }
}
