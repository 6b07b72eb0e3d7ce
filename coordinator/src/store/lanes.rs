//! How far each agent's lanes are stored: the whole of deduplication.
//!
//! Acknowledgements are cumulative, so one number a lane is enough. Both queries take the lanes of
//! all reports of a group at once. Lock the branches first (`branches_lock`), or two coordinators
//! could read the same number.

use std::collections::BTreeMap;

use keepwatch_common::model::observation::Lane;
use uuid::Uuid;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;

/// One lane in one life of an agent's spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaneKey {
    /// Whose.
    pub agent: Uuid,
    /// Which life: a random number of 64 bits.
    pub epoch: u64,
    /// Which lane.
    pub lane: Lane,
}

#[derive(Debug, sqlx::FromRow)]
struct LaneRow {
    agent_id: String,
    epoch: i64,
    lane: i64,
    through: i64,
}

impl Reader {
    /// The last sequence stored of each lane; a lane of which nothing is stored is absent.
    pub async fn lanes_through(
        &mut self,
        keys: &[LaneKey],
    ) -> Result<BTreeMap<LaneKey, u64>, StoreError> {
        let batch = Batch::over(keys)
            .column("agent_id", |key| key.agent.to_string())
            .column("epoch", |key| epoch_kept(key.epoch))
            .column("lane", |key| i64::from(key.lane.number()));
        let rows: Vec<LaneRow> = self
            .batch_fetch(
                "lanes_through",
                &batch,
                "SELECT lanes.agent_id, lanes.epoch, lanes.lane, lanes.through
                 FROM batch JOIN lanes ON lanes.agent_id = batch.agent_id
                  AND lanes.epoch = batch.epoch AND lanes.lane = batch.lane",
            )
            .await?;
        rows.iter().map(LaneRow::read).collect()
    }

    /// Lanes in the order of their keys, those after `after`.
    pub async fn lanes_after(
        &mut self,
        after: Option<LaneKey>,
        rows: PageRows,
    ) -> Result<Vec<LaneKey>, StoreError> {
        let (agent, epoch, lane) = after.map_or((String::new(), 0, 0), |key| {
            let lane = i64::from(key.lane.number());
            (key.agent.to_string(), epoch_kept(key.epoch), lane)
        });
        let rows: Vec<LaneRow> = on_both!(self, c => {
            sqlx::query_as(
                "SELECT agent_id, epoch, lane, through FROM lanes
                 WHERE (agent_id, epoch, lane) > ($1, $2, $3)
                 ORDER BY agent_id, epoch, lane LIMIT $4",
            )
            .bind(agent)
            .bind(epoch)
            .bind(lane)
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("lanes_after"))?;
        let keys = rows.iter().map(LaneRow::read);
        keys.map(|row| row.map(|(key, _)| key)).collect()
    }
}

impl Tx {
    /// Moves lanes on to the last sequence stored now. A lane never moves back.
    pub async fn lanes_advance(
        &mut self,
        through: &BTreeMap<LaneKey, u64>,
    ) -> Result<(), StoreError> {
        let rows = through
            .iter()
            .map(|(key, through)| Ok((*key, sequence_kept(*through)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let batch = Batch::over(&rows)
            .column("agent_id", |(key, _)| key.agent.to_string())
            .column("epoch", |(key, _)| epoch_kept(key.epoch))
            .column("lane", |(key, _)| i64::from(key.lane.number()))
            .column("through", |(_, through)| *through);
        self.batch_execute(
            "lanes_advance",
            &batch,
            "INSERT INTO lanes (agent_id, epoch, lane, through)
             SELECT agent_id, epoch, lane, through FROM batch WHERE true
             ON CONFLICT (agent_id, epoch, lane) DO UPDATE SET through = excluded.through
             WHERE lanes.through < excluded.through",
        )
        .await?;
        Ok(())
    }
}

impl LaneRow {
    fn read(&self) -> Result<(LaneKey, u64), StoreError> {
        let corrupt = |column| {
            let row = format!("{}/{}/{}", self.agent_id, self.epoch, self.lane);
            StoreError::corrupt("lanes", column, &row)
        };
        let agent = Uuid::parse_str(&self.agent_id).map_err(|_| corrupt("agent_id"))?;
        let lane = u8::try_from(self.lane).ok().and_then(Lane::from_number);
        let key = LaneKey {
            agent,
            epoch: epoch_read(self.epoch),
            lane: lane.ok_or_else(|| corrupt("lane"))?,
        };
        let through = u64::try_from(self.through).map_err(|_| corrupt("through"))?;
        Ok((key, through))
    }
}

/// An epoch is only ever compared for equality, so its 64 bits are kept as they come: the upper half
/// of the numbers looks negative in the database.
pub(super) fn epoch_kept(epoch: u64) -> i64 {
    epoch.cast_signed()
}

/// The epoch of what [`epoch_kept`] gave.
pub(super) fn epoch_read(kept: i64) -> u64 {
    kept.cast_unsigned()
}

/// A sequence is compared by size, so it must fit into 63 bits. A spool that counts from one does
/// not get there.
pub(super) fn sequence_kept(sequence: u64) -> Result<i64, StoreError> {
    i64::try_from(sequence).map_err(|_| StoreError::TooLarge {
        table: "lanes",
        column: "through",
        number: sequence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_survives_the_database() {
        for epoch in [0, 1, u64::MAX, u64::MAX / 2, u64::MAX / 2 + 1] {
            assert_eq!(epoch_read(epoch_kept(epoch)), epoch);
        }
    }

    #[test]
    fn a_sequence_that_would_turn_negative_is_refused() {
        assert!(sequence_kept(u64::MAX).is_err());
        assert_eq!(sequence_kept(7).unwrap(), 7);
    }
}
