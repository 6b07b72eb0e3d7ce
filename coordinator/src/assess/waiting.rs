//! Alerts that only wait: one that is pending fires, one that is snoozed wakes.

use std::collections::BTreeSet;

use super::bench::{Bench, JudgeError, Round};
use super::branches::branches;
use super::conclude::{Desk, is_due, waited};
use crate::store::page::PageRows;

impl Bench {
    /// Looks at some of the waiting alerts, those of findings after `after`, in one transaction.
    pub async fn judge_waiting(&self, after: i64, rows: PageRows) -> Result<Round, JudgeError> {
        let now = self.now();
        let pack = &self.policy.pack;
        let mut reader = self.store.read().await?;
        let waiting = reader.finding_list_waiting(now, after, rows).await?;
        drop(reader);
        let filled = rows.is_filled_by(waiting.len());
        let next = waiting.last().map(|row| row.id).filter(|_| filled);
        let due: BTreeSet<i64> = waiting
            .iter()
            .filter(|row| is_due(pack, row, now))
            .map(|row| row.branch_id)
            .collect();
        if due.is_empty() {
            return Ok(Round { changed: 0, next });
        }
        let ids: Vec<i64> = due.into_iter().collect();
        let mut tx = self.store.begin().await?;
        tx.branches_lock(&ids).await?;
        let known = branches(&mut tx, &ids).await?;
        let (mut told, mut changed) = (0, 0);
        // Somebody may have handled them since the snapshot.
        for row in tx.finding_list_waiting(now, after, rows).await? {
            if let Some(branch) = known.get(&row.branch_id)
                && is_due(pack, &row, now)
            {
                let desk = Desk::of(&self.policy, row.branch_id, branch, now);
                told += waited(&mut tx, desk, &row).await?;
                changed += 1;
            }
        }
        self.commit(tx, told).await?;
        Ok(Round { changed, next })
    }
}
