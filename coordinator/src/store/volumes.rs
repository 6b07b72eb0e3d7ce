//! Volumes as their agents see them, and since when.

use uuid::Uuid;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;

/// A volume as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeTold {
    /// Its branch.
    pub branch_id: i64,
    /// Who told.
    pub agent: Uuid,
    /// Its name in the branch's words.
    pub name: String,
    /// Where it should be mounted.
    pub path: String,
    /// `present`, `missing`, `swapped`, `read_only`, `unreadable`.
    pub presence: String,
    /// Bytes in all.
    pub total_bytes: i64,
    /// Bytes free.
    pub free_bytes: i64,
    /// File system.
    pub kind: String,
    /// When it was so, by our clock.
    pub at_ms: i64,
}

/// A volume as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct VolumeRow {
    /// Our id.
    pub id: i64,
    /// Its branch.
    pub branch_id: i64,
    /// Who tells of it.
    pub agent_id: String,
    /// Its name.
    pub name: String,
    /// Its mount point.
    pub path: String,
    /// Whether it is there.
    pub presence: String,
    /// Since when.
    pub presence_since_ms: i64,
    /// Bytes in all.
    pub total_bytes: i64,
    /// Bytes free.
    pub free_bytes: i64,
    /// File system.
    pub kind: String,
    /// When it was told of last.
    pub told_at_ms: i64,
}

impl Tx {
    /// Keeps volumes; each at most once.
    pub async fn volumes_tell(&mut self, told: &[VolumeTold]) -> Result<(), StoreError> {
        let batch = Batch::over(told)
            .column("branch_id", |one| one.branch_id)
            .column("agent_id", |one| one.agent.to_string())
            .column("name", |one| one.name.clone())
            .column("path", |one| one.path.clone())
            .column("presence", |one| one.presence.clone())
            .column("total_bytes", |one| one.total_bytes)
            .column("free_bytes", |one| one.free_bytes)
            .column("kind", |one| one.kind.clone())
            .column("at_ms", |one| one.at_ms);
        self.batch_execute(
            "volumes_tell",
            &batch,
            "INSERT INTO volumes (branch_id, agent_id, name, path, presence, presence_since_ms,
               total_bytes, free_bytes, kind, told_at_ms)
             SELECT branch_id, agent_id, name, path, presence, at_ms, total_bytes, free_bytes, kind,
               at_ms FROM batch WHERE true
             ON CONFLICT (branch_id, name) DO UPDATE SET agent_id = excluded.agent_id,
               path = excluded.path, presence = excluded.presence,
               presence_since_ms = CASE WHEN volumes.presence = excluded.presence
                 THEN volumes.presence_since_ms ELSE excluded.presence_since_ms END,
               total_bytes = excluded.total_bytes, free_bytes = excluded.free_bytes,
               kind = excluded.kind, told_at_ms = excluded.told_at_ms",
        )
        .await?;
        Ok(())
    }
}

impl Reader {
    /// The volumes of several branches, by branch and name.
    pub async fn volume_list_of_branches(
        &mut self,
        branch_ids: &[i64],
    ) -> Result<Vec<VolumeRow>, StoreError> {
        let batch = Batch::over(branch_ids).column("wanted_id", |id| *id);
        let mut found: Vec<VolumeRow> = self
            .batch_fetch(
                "volume_list_of_branches",
                &batch,
                "SELECT volumes.* FROM batch JOIN volumes ON volumes.branch_id = batch.wanted_id",
            )
            .await?;
        found.sort_by(|one, other| (one.branch_id, &one.name).cmp(&(other.branch_id, &other.name)));
        Ok(found)
    }

    /// A branch's volumes in the order of their names.
    pub async fn volume_list_of_branch(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<VolumeRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT * FROM volumes WHERE branch_id = $1 ORDER BY name")
                .bind(branch_id)
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("volume_list_of_branch"))
    }
}
