//! Recorders and cameras as their branches name them, and what was told of each one last.
//!
//! Names come from agents and become ids of ours the first time they are told. A recorder belongs to
//! the agent that named it first.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::time::Instant;
use uuid::Uuid;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;

/// A recorder's place: its branch and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecorderPlace {
    /// The branch.
    pub branch_id: i64,
    /// In the branch's words.
    pub name: String,
}

/// A recorder that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRecorder {
    /// Our id.
    pub id: i64,
    /// The agent that tells of it.
    pub owner: Uuid,
}

/// A camera's place: its recorder and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CameraPlace {
    /// Our id of the recorder.
    pub recorder_id: i64,
    /// In the recorder's words.
    pub name: String,
}

/// What was told of a camera's footage.
#[derive(Debug, Clone)]
pub struct FootageTold {
    /// Our id.
    pub camera_id: i64,
    /// Start of the oldest segment.
    pub oldest_ms: Option<i64>,
    /// End of the newest footage.
    pub newest_ms: Option<i64>,
    /// Sealed, open, opaque, corrupt.
    pub states: [i64; 4],
    /// Size of all.
    pub bytes: i64,
    /// Average length.
    pub segment_ms: i64,
    /// When it was told, by our clock.
    pub told_at_ms: i64,
}

/// A camera as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CameraRow {
    /// Our id.
    pub id: i64,
    /// Its branch.
    pub branch_id: i64,
    /// Its recorder's name.
    pub recorder: String,
    /// Its name.
    pub name: String,
    /// When it was told first, by our clock.
    pub first_seen_ms: i64,
    /// Start of the oldest segment.
    pub oldest_ms: Option<i64>,
    /// End of the newest footage.
    pub newest_ms: Option<i64>,
    /// Segments finished and whole.
    pub sealed: i64,
    /// Segments being written.
    pub open: i64,
    /// Segments not readable from outside.
    pub opaque: i64,
    /// Segments damaged.
    pub corrupt: i64,
    /// Size of all.
    pub bytes: i64,
    /// Average length of a segment.
    pub segment_ms: i64,
    /// When its footage was told of last; 0 while it never was.
    pub told_at_ms: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct RecorderFound {
    id: i64,
    branch_id: i64,
    name: String,
    agent_id: String,
}

#[derive(Debug, sqlx::FromRow)]
struct CameraFound {
    id: i64,
    recorder_id: i64,
    name: String,
}

impl Tx {
    /// The recorders of these places; new ones are entered with this agent as their owner.
    pub async fn recorders_ensure(
        &mut self,
        places: &[(RecorderPlace, Uuid)],
    ) -> Result<BTreeMap<RecorderPlace, KnownRecorder>, StoreError> {
        let batch = Batch::over(places)
            .column("branch_id", |(place, _)| place.branch_id)
            .column("name", |(place, _)| place.name.clone())
            .column("agent_id", |(_, agent)| agent.to_string());
        self.batch_execute(
            "recorders_ensure",
            &batch,
            "INSERT INTO recorders (branch_id, name, agent_id)
             SELECT branch_id, name, agent_id FROM batch WHERE true
             ON CONFLICT (branch_id, name) DO NOTHING",
        )
        .await?;
        let found: Vec<RecorderFound> = self
            .batch_fetch(
                "recorders_ensure",
                &batch,
                "SELECT recorders.id, recorders.branch_id, recorders.name, recorders.agent_id
                 FROM batch JOIN recorders ON recorders.branch_id = batch.branch_id
                  AND recorders.name = batch.name",
            )
            .await?;
        found.into_iter().map(RecorderFound::read).collect()
    }

    /// The ids of these cameras; new ones are entered.
    pub async fn cameras_ensure(
        &mut self,
        places: &[(CameraPlace, i64)],
        now: Instant,
    ) -> Result<BTreeMap<CameraPlace, i64>, StoreError> {
        let batch = Batch::over(places)
            .column("branch_id", |(_, branch_id)| *branch_id)
            .column("recorder_id", |(place, _)| place.recorder_id)
            .column("name", |(place, _)| place.name.clone())
            .column("now_ms", |_| now.ms());
        self.batch_execute(
            "cameras_ensure",
            &batch,
            "INSERT INTO cameras (branch_id, recorder_id, name, first_seen_ms, told_at_ms)
             SELECT branch_id, recorder_id, name, now_ms, 0 FROM batch WHERE true
             ON CONFLICT (recorder_id, name) DO NOTHING",
        )
        .await?;
        let found: Vec<CameraFound> = self
            .batch_fetch(
                "cameras_ensure",
                &batch,
                "SELECT cameras.id, cameras.recorder_id, cameras.name
                 FROM batch JOIN cameras ON cameras.recorder_id = batch.recorder_id
                  AND cameras.name = batch.name",
            )
            .await?;
        let place = |row: CameraFound| {
            (
                CameraPlace {
                    recorder_id: row.recorder_id,
                    name: row.name,
                },
                row.id,
            )
        };
        Ok(found.into_iter().map(place).collect())
    }

    /// Keeps what was told of cameras; each at most once.
    pub async fn cameras_tell(&mut self, told: &[FootageTold]) -> Result<(), StoreError> {
        let batch = Batch::over(told)
            .column("camera_id", |one| one.camera_id)
            .column("oldest_ms", |one| one.oldest_ms)
            .column("newest_ms", |one| one.newest_ms)
            .column("sealed", |one| one.states[0])
            .column("open", |one| one.states[1])
            .column("opaque", |one| one.states[2])
            .column("corrupt", |one| one.states[3])
            .column("bytes", |one| one.bytes)
            .column("segment_ms", |one| one.segment_ms)
            .column("told_at_ms", |one| one.told_at_ms);
        self.batch_execute(
            "cameras_tell",
            &batch,
            "UPDATE cameras SET oldest_ms = batch.oldest_ms, newest_ms = batch.newest_ms,
               sealed = batch.sealed, open = batch.open, opaque = batch.opaque,
               corrupt = batch.corrupt, bytes = batch.bytes, segment_ms = batch.segment_ms,
               told_at_ms = batch.told_at_ms
             FROM batch WHERE cameras.id = batch.camera_id",
        )
        .await?;
        Ok(())
    }
}

const CAMERA_COLUMNS: &str =
    "cameras.id, cameras.branch_id, recorders.name AS recorder, cameras.name,
 cameras.first_seen_ms, cameras.oldest_ms, cameras.newest_ms, cameras.sealed, cameras.open,
 cameras.opaque, cameras.corrupt, cameras.bytes, cameras.segment_ms, cameras.told_at_ms";

impl Reader {
    /// A branch's cameras in the order of their names.
    pub async fn camera_list_of_branch(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<CameraRow>, StoreError> {
        let text = format!(
            "SELECT {CAMERA_COLUMNS} FROM cameras JOIN recorders ON recorders.id = cameras.recorder_id
             WHERE cameras.branch_id = $1 ORDER BY recorders.name, cameras.name"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(branch_id).fetch_all(c).await
        })
        .map_err(StoreError::during("camera_list_of_branch"))
    }

    /// The cameras that these agents tell of, each agent with its branch.
    pub async fn camera_ids_of_agents(
        &mut self,
        agents: &[(i64, String)],
    ) -> Result<BTreeSet<i64>, StoreError> {
        let batch = Batch::over(agents)
            .column("branch_id", |(branch_id, _)| *branch_id)
            .column("agent_id", |(_, agent)| agent.clone());
        let found: Vec<(i64,)> = self
            .batch_fetch(
                "camera_ids_of_agents",
                &batch,
                "SELECT cameras.id FROM batch JOIN recorders
                  ON recorders.branch_id = batch.branch_id AND recorders.agent_id = batch.agent_id
                 JOIN cameras ON cameras.recorder_id = recorders.id",
            )
            .await?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// Ids of all cameras in order, those after `after`.
    pub async fn camera_ids_after(
        &mut self,
        after: i64,
        rows: PageRows,
    ) -> Result<Vec<i64>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar("SELECT id FROM cameras WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("camera_ids_after"))
    }

    /// Cameras by id.
    pub async fn camera_fetch_many(&mut self, ids: &[i64]) -> Result<Vec<CameraRow>, StoreError> {
        let batch = Batch::over(ids).column("wanted_id", |id| *id);
        self.batch_fetch(
            "camera_fetch_many",
            &batch,
            "SELECT cameras.id, cameras.branch_id, recorders.name AS recorder, cameras.name,
               cameras.first_seen_ms, cameras.oldest_ms, cameras.newest_ms, cameras.sealed,
               cameras.open, cameras.opaque, cameras.corrupt, cameras.bytes, cameras.segment_ms,
               cameras.told_at_ms
             FROM batch JOIN cameras ON cameras.id = batch.wanted_id
             JOIN recorders ON recorders.id = cameras.recorder_id",
        )
        .await
    }
}

impl RecorderFound {
    fn read(self) -> Result<(RecorderPlace, KnownRecorder), StoreError> {
        let owner = Uuid::parse_str(&self.agent_id)
            .map_err(|_| StoreError::corrupt("recorders", "agent_id", &self.id.to_string()))?;
        let place = RecorderPlace {
            branch_id: self.branch_id,
            name: self.name,
        };
        Ok((place, KnownRecorder { id: self.id, owner }))
    }
}
