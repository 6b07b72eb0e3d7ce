//! What a branch has beside its cameras: agents, volumes and watched files, as its page lists them.
//!
//! Whatever a silent agent told was so; that it still is, nobody knows.

use std::collections::BTreeMap;

use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{Instant, Zone};

use super::drift::file_state;
use super::finding;
use crate::assess::compared;
use crate::store::agents::AgentRow as AgentKept;
use crate::store::page::PageRows;
use crate::store::scope::Scope;
use crate::store::volume_health::HealthRow as HealthKept;
use crate::store::volumes::VolumeRow as VolumeKept;
use crate::store::{Reader, StoreError};
use crate::web::ailment::{self, Ailment};
use crate::web::moment::Moment;
use crate::web::page::branch::{AgentRow, FileRow, HealthRow, VolumeRow};
use crate::web::verdict::Verdict;

/// Watched files shown of one branch.
const FILES_SHOWN_MAX: u32 = 50;

/// An agent's clock may be this far from ours: two recordings laid side by side still tell one
/// story.
const CLOCK_OFF_MS_MAX: i64 = 30_000;

/// An agent.
pub fn agent(agent: &AgentKept, zone: &Zone) -> AgentRow {
    let connected = agent.connected_since_ms.is_some();
    let off = agent.clock_ahead_ms;
    AgentRow {
        name: agent.host.clone(),
        version: agent.version.clone(),
        connected,
        last_heard: agent.heard_at_ms.map(|ms| moment(ms, zone)),
        clock_offset_ms: off,
        clock_verdict: match off {
            Some(off) if off.saturating_abs() > CLOCK_OFF_MS_MAX => Verdict::Fail,
            Some(_) if connected => Verdict::Pass,
            _ => Verdict::Unknown,
        },
    }
}

/// The volumes of a branch.
pub async fn volumes(
    reader: &mut Reader,
    branch_id: i64,
    silent: &[String],
) -> Result<Vec<VolumeRow>, StoreError> {
    let rows = reader.volume_list_of_branch(branch_id).await?;
    let mut under: BTreeMap<String, Vec<HealthKept>> = BTreeMap::new();
    for row in reader.volume_health_of_branch(branch_id).await? {
        under.entry(row.volume.clone()).or_default().push(row);
    }
    let rows = rows.into_iter().map(|row| {
        let health = under.remove(&row.name).unwrap_or_default();
        volume(row, health, silent)
    });
    Ok(rows.collect())
}

fn volume(row: VolumeKept, health: Vec<HealthKept>, silent: &[String]) -> VolumeRow {
    let bytes = |kept: i64| u64::try_from(kept).unwrap_or(0);
    let presence = finding::volume_presence(&row.presence);
    let verdict = match presence {
        _ if silent.contains(&row.agent_id) => Verdict::Unknown,
        Presence::Present => Verdict::Pass,
        Presence::ReadOnly => Verdict::Fail,
        Presence::Missing | Presence::Swapped | Presence::Unreadable => Verdict::Unknown,
    };
    let health: Vec<_> = health.into_iter().map(|row| under(row, silent)).collect();
    // What fails under a volume that is there speaks against the volume; what is unknown does not
    // speak for it either, and says so in its own line.
    let ill = health.iter().map(|row| row.verdict);
    let ill = ill.filter(|verdict| matches!(verdict, Verdict::Partial | Verdict::Fail));
    let verdict = match verdict {
        Verdict::Pass => ill.max().unwrap_or(verdict),
        other => other,
    };
    VolumeRow {
        name: row.name,
        path: row.path,
        presence,
        total_bytes: bytes(row.total_bytes),
        free_bytes: bytes(row.free_bytes),
        verdict,
        health,
    }
}

/// What one source says; of a silent agent's, nobody knows whether it still is so.
fn under(row: HealthKept, silent: &[String]) -> HealthRow {
    let verdict = if silent.contains(&row.agent_id) {
        Verdict::Unknown
    } else {
        ailment::verdict(&row.word)
    };
    HealthRow {
        source: row.source,
        subject: row.subject,
        verdict,
        ailment: Ailment::new(
            row.reason,
            serde_json::from_str(&row.figures).unwrap_or_default(),
        ),
        detail: row.detail,
    }
}

/// The watched files of a branch.
pub async fn files(
    reader: &mut Reader,
    branch_id: i64,
    silent: &[String],
    zone: &Zone,
) -> Result<Vec<FileRow>, StoreError> {
    let rows = PageRows::new(FILES_SHOWN_MAX);
    let scope = Scope::Branch(branch_id);
    let listed = reader.watched_list_within(scope, None, rows).await?;
    let mut files = Vec::with_capacity(listed.len());
    for row in listed {
        let found = match row.same {
            1 => None,
            _ => compared(reader, &row.file).await?,
        };
        let known = !silent.contains(&row.file.agent_id);
        files.push(FileRow {
            name: row.file.name,
            path: row.file.path,
            state: file_state(found.as_ref(), row.same == 1, known),
            changed: row.read_at_ms.map(|ms| moment(ms, zone)),
        });
    }
    Ok(files)
}

fn moment(ms: i64, zone: &Zone) -> Moment {
    Moment::new(Instant::from_ms(ms), zone)
}
