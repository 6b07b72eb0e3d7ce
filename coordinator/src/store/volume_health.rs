//! How well what is under a volume is, source by source, and since when.
//!
//! A volume's sources are told all at once: what is not told any more is not there any more.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;

/// The health of a volume as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthTold {
    /// Its branch.
    pub branch_id: i64,
    /// Who told.
    pub agent: Uuid,
    /// The volume's name in the branch's words.
    pub volume: String,
    /// When it was so, by our clock.
    pub at_ms: i64,
    /// What each source says, no two of one kind about one thing.
    pub sources: Vec<SourceTold>,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTold {
    /// Which kind of source.
    pub source: String,
    /// What it speaks of.
    pub subject: String,
    /// `good`, `worn`, `failing`, `unknown`.
    pub word: String,
    /// Why.
    pub reason: String,
    /// The figures, as a JSON object of whole numbers.
    pub figures: String,
    /// For a person.
    pub detail: String,
}

/// One source as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HealthRow {
    /// Our id.
    pub id: i64,
    /// Its branch.
    pub branch_id: i64,
    /// Who tells of it.
    pub agent_id: String,
    /// The volume's name.
    pub volume: String,
    /// Its place among the sources of its volume.
    pub place: i64,
    /// Which kind of source.
    pub source: String,
    /// What it speaks of.
    pub subject: String,
    /// `good`, `worn`, `failing`, `unknown`.
    pub word: String,
    /// Why.
    pub reason: String,
    /// The figures, as a JSON object of whole numbers.
    pub figures: String,
    /// For a person.
    pub detail: String,
    /// Since when the word is what it is.
    pub since_ms: i64,
    /// When it was told of last.
    pub told_at_ms: i64,
}

/// One row to write.
struct Told<'a> {
    volume: &'a HealthTold,
    place: i64,
    source: &'a SourceTold,
}

impl Tx {
    /// Keeps the health of volumes, each volume at most once.
    pub async fn volume_health_tell(&mut self, told: &[HealthTold]) -> Result<(), StoreError> {
        let branches: BTreeSet<i64> = told.iter().map(|one| one.branch_id).collect();
        let branches: Vec<i64> = branches.into_iter().collect();
        let kept = self.volume_health_of_branches(&branches).await?;
        let rows: Vec<Told<'_>> = told.iter().flat_map(rows).collect();
        let batch = Batch::over(&rows)
            .column("branch_id", |row| row.volume.branch_id)
            .column("agent_id", |row| row.volume.agent.to_string())
            .column("volume", |row| row.volume.volume.clone())
            .column("place", |row| row.place)
            .column("source", |row| row.source.source.clone())
            .column("subject", |row| row.source.subject.clone())
            .column("word", |row| row.source.word.clone())
            .column("reason", |row| row.source.reason.clone())
            .column("figures", |row| row.source.figures.clone())
            .column("detail", |row| row.source.detail.clone())
            .column("at_ms", |row| row.volume.at_ms);
        self.batch_execute(
            "volume_health_tell",
            &batch,
            "INSERT INTO volume_health (branch_id, agent_id, volume, place, source, subject, word,
               reason, figures, detail, since_ms, told_at_ms)
             SELECT branch_id, agent_id, volume, place, source, subject, word, reason, figures,
               detail, at_ms, at_ms FROM batch WHERE true
             ON CONFLICT (branch_id, volume, source, subject) DO UPDATE SET
               agent_id = excluded.agent_id, place = excluded.place, word = excluded.word,
               reason = excluded.reason, figures = excluded.figures, detail = excluded.detail,
               since_ms = CASE WHEN volume_health.word = excluded.word
                 THEN volume_health.since_ms ELSE excluded.since_ms END,
               told_at_ms = excluded.told_at_ms",
        )
        .await?;
        let gone = gone(told, &kept);
        let batch = Batch::over(&gone).column("gone_id", |id| *id);
        self.batch_execute(
            "volume_health_tell",
            &batch,
            "DELETE FROM volume_health WHERE id IN (SELECT gone_id FROM batch)",
        )
        .await?;
        Ok(())
    }
}

fn rows(volume: &HealthTold) -> impl Iterator<Item = Told<'_>> {
    (0..).zip(&volume.sources).map(move |(place, source)| Told {
        volume,
        place,
        source,
    })
}

/// The rows whose volume was told of and that are not among what was told.
fn gone(told: &[HealthTold], kept: &[HealthRow]) -> Vec<i64> {
    let mut now: BTreeMap<(i64, &str), BTreeSet<(&str, &str)>> = BTreeMap::new();
    for one in told {
        let sources = now.entry((one.branch_id, &one.volume)).or_default();
        let said = one.sources.iter();
        sources.extend(said.map(|source| (source.source.as_str(), source.subject.as_str())));
    }
    let is_gone = |row: &&HealthRow| {
        let sources = now.get(&(row.branch_id, row.volume.as_str()));
        sources.is_some_and(|said| !said.contains(&(row.source.as_str(), row.subject.as_str())))
    };
    kept.iter().filter(is_gone).map(|row| row.id).collect()
}

impl Reader {
    /// What is told of the volumes of several branches, by branch, volume and place.
    pub async fn volume_health_of_branches(
        &mut self,
        branch_ids: &[i64],
    ) -> Result<Vec<HealthRow>, StoreError> {
        let batch = Batch::over(branch_ids).column("wanted_id", |id| *id);
        let mut found: Vec<HealthRow> = self
            .batch_fetch(
                "volume_health_of_branches",
                &batch,
                "SELECT volume_health.* FROM batch
                 JOIN volume_health ON volume_health.branch_id = batch.wanted_id",
            )
            .await?;
        found.sort_by(|one, other| {
            (one.branch_id, &one.volume, one.place).cmp(&(
                other.branch_id,
                &other.volume,
                other.place,
            ))
        });
        Ok(found)
    }

    /// What is told of a branch's volumes, by volume and place.
    pub async fn volume_health_of_branch(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<HealthRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT * FROM volume_health WHERE branch_id = $1 ORDER BY volume, place",
            )
            .bind(branch_id)
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("volume_health_of_branch"))
    }
}
