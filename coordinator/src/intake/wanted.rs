//! What people want of an agent, as it is told to it.
//!
//! The list is made of the store's rows alone, and named by a digest of its content: two coordinators
//! of one database, or one that was restored from a copy, name the same list alike. It must not know
//! connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use keepwatch_common::error_chain::chain;
use keepwatch_common::interval::Interval;
use keepwatch_common::limits::INTENTIONS_MAX;
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::desired::Intention;
use keepwatch_common::model::hold::{HoldKey, WantedHold};
use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;
use keepwatch_common::wire::v1::desired::Desired;
use tracing::error;
use uuid::Uuid;

use crate::store::digest::sha256;
use crate::store::holds::HoldRow;

/// What every agent in some rows is wanted to do.
pub fn by_agent(rows: &[HoldRow]) -> BTreeMap<Uuid, Arc<Desired>> {
    let mut holds: BTreeMap<Uuid, Vec<&HoldRow>> = BTreeMap::new();
    for row in rows {
        if let Ok(agent) = Uuid::try_parse(&row.agent_id) {
            holds.entry(agent).or_default().push(row);
        }
    }
    let lists = holds.into_iter();
    lists.map(|(agent, rows)| (agent, desired(&rows))).collect()
}

/// What one agent is wanted to do: hold these.
pub fn desired(rows: &[&HoldRow]) -> Arc<Desired> {
    // What stands comes first: where there is more than an agent takes, what was released waits.
    let (released, standing): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| row.released_at_ms.is_some());
    let rows = standing.into_iter().chain(released).take(INTENTIONS_MAX);
    let intentions: Vec<_> = rows.filter_map(intention).collect();
    let desired = Desired::of(&intentions, version).unwrap_or_else(|uncoded| {
        error!(error = %chain(&uncoded), "what is wanted of an agent cannot be told");
        Desired {
            version: version(&[]),
            ..Desired::default()
        }
    });
    Arc::new(desired)
}

/// The first eight bytes of a digest; zero is the name of no list.
fn version(bytes: &[u8]) -> u64 {
    let digest = sha256(&[bytes]);
    let (first, _) = digest.split_first_chunk().unwrap_or((&[1; 8], &[]));
    u64::from_be_bytes(*first)
}

fn intention(row: &HoldRow) -> Option<Intention> {
    let camera = CameraKey {
        recorder: Name::new(row.recorder.as_str()).ok()?,
        camera: Name::new(row.camera.as_str()).ok()?,
    };
    Some(Intention::Hold(WantedHold {
        key: HoldKey::parse(&row.key)?,
        camera,
        span: Interval::new(Instant::from_ms(row.from_ms), Instant::from_ms(row.to_ms))?,
        released: row.released_at_ms.map(Instant::from_ms),
    }))
}
