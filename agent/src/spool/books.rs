//! The database, the ledger that is kept in step with it, and the caps that hold for both.
//!
//! Every operation takes the ledger from [`Books::begin`], changes it together with the rows and
//! hands it back to [`Books::commit`]. Between the two there is none: an operation that fails, or
//! whose future is dropped, leaves it to be counted anew.

use std::path::PathBuf;

use keepwatch_common::model::observation::Lane;
use sqlx::SqliteConnection;

use super::audit;
use super::database::{Condition, Database, DatabaseError};
use super::ledger::Ledger;
use super::limit::{Budget, Limits};
use super::quarantine;
use super::space::DiskSpace;

/// Pages given back to the file system in one step of [`Books::shrink`]: 1 MiB, some milliseconds.
const SHRINK_STEP_PAGES: u32 = 256;

/// Free pages kept in the file, so that a spool that fills and drains does not grow and shrink.
const FREE_PAGES_KEPT: u64 = 256;

/// What every operation needs.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) folder: PathBuf,
    pub(super) limits: Limits,
    pub(super) space: Box<dyn DiskSpace>,
    pub(super) database: Database,
    /// Nothing while a transaction is under way, or after one that did not commit.
    pub(super) ledger: Option<Ledger>,
}

impl Books {
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        self.database.conn()
    }

    pub(super) fn done<T>(&self, result: sqlx::Result<T>) -> Result<T, DatabaseError> {
        result.map_err(|source| self.database.fault(source))
    }

    /// The ledger, read anew when the last transaction did not commit.
    pub(super) async fn ledger(&mut self) -> Result<Ledger, DatabaseError> {
        if let Some(ledger) = self.ledger {
            return Ok(ledger);
        }
        self.database.settle().await;
        let counted = audit::ledger(self.database.conn()).await;
        let ledger = self.done(counted)?;
        self.ledger = Some(ledger);
        Ok(ledger)
    }

    pub(super) async fn begin(&mut self) -> Result<Ledger, DatabaseError> {
        let ledger = self.ledger().await?;
        self.ledger = None;
        let begun = self.database.begin().await;
        self.done(begun)?;
        Ok(ledger)
    }

    /// Writes the sequences of the lanes that moved, and makes everything durable.
    pub(super) async fn commit(
        &mut self,
        ledger: Ledger,
        moved: &[Lane],
    ) -> Result<(), DatabaseError> {
        for lane in moved {
            let saved = ledger.save_lane(self.database.conn(), *lane).await;
            self.done(saved)?;
        }
        let committed = self.database.commit().await;
        self.done(committed)?;
        self.ledger = Some(ledger);
        Ok(())
    }

    /// Remembers that records of a lane go out, up to `last_seq`. One write does for a whole drain,
    /// since it covers every sequence given so far. A full disk must not keep what is there from
    /// being delivered: then it is remembered for the life of this process only.
    pub(super) async fn hand_out(
        &mut self,
        lane: Lane,
        last_seq: u64,
    ) -> Result<(), DatabaseError> {
        let mut ledger = self.ledger().await?;
        let counters = ledger.lane_mut(lane);
        if last_seq <= counters.handed_out {
            return Ok(());
        }
        counters.handed_out = counters.assigned;
        self.begin().await?;
        match self.commit(ledger, &[lane]).await {
            Err(error) if error.condition() == Condition::Full => {
                self.database.settle().await;
                self.ledger = Some(ledger);
                Ok(())
            }
            committed => committed,
        }
    }

    /// What may stay of the `stored` bytes. Below the floor, spools that were moved aside go before
    /// any evidence does, and free pages inside the file count as free.
    pub(super) async fn budget(&mut self, stored: u64) -> Result<Budget, DatabaseError> {
        let mut free = self.space.free_bytes();
        if self.limits.is_below_floor(free) {
            // What cannot be listed or removed takes its room, and evidence pays for it.
            if quarantine::discard(&self.folder).unwrap_or(false) {
                free = self.space.free_bytes();
            }
            let inside = self.database.free_bytes().await;
            let inside = self.done(inside)?;
            free = free.map(|free| free.saturating_add(inside));
        }
        Ok(self.limits.budget(stored, free))
    }

    /// Gives one step of free pages back to the file system; says whether there are more to give.
    pub(super) async fn shrink(&mut self) -> Result<bool, DatabaseError> {
        let is_short = self.limits.is_below_floor(self.space.free_bytes());
        let kept = if is_short { 0 } else { FREE_PAGES_KEPT };
        let before = self.free_pages().await?;
        if before <= kept {
            return Ok(false);
        }
        let shrunk = self.database.shrink(SHRINK_STEP_PAGES).await;
        self.done(shrunk)?;
        let left = self.free_pages().await?;
        // A step that frees nothing must not keep the caller coming back.
        Ok(left > kept && left < before)
    }

    /// Closes the file and waits until it is closed.
    pub(super) async fn close(self) -> Result<(), DatabaseError> {
        let path = quarantine::database_path(&self.folder);
        let closed = self.database.close().await;
        closed.map_err(|source| DatabaseError::new(&path, source))
    }

    async fn free_pages(&mut self) -> Result<u64, DatabaseError> {
        let pages = self.database.free_pages().await;
        self.done(pages)
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;
    use keepwatch_common::time::Instant;

    use super::super::record::Put;
    use super::super::space::FolderSpace;
    use super::super::{evidence, opening};
    use super::*;

    async fn append(books: &mut Books, bytes: usize) -> Result<(), DatabaseError> {
        let put = Put::Urgent {
            observed_at: Instant::EPOCH,
            payload: vec![7; bytes],
        };
        let mut ledger = books.begin().await?;
        let batch = [put];
        let rows = evidence::rows(&batch, &mut ledger);
        let appended = evidence::append(books.conn(), &rows).await;
        books.done(appended)?;
        books.commit(ledger, &[Lane::Urgent]).await
    }

    #[tokio::test]
    async fn a_full_disk_refuses_one_batch_and_harms_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let opened = opening::open(folder.path(), Instant::EPOCH, &Seeded::new(1)).await;
        let ready = opened.unwrap_or_else(|error| panic!("{error}"));
        let mut books = Books {
            folder: folder.path().to_owned(),
            limits: Limits::default(),
            space: Box::new(FolderSpace::new(folder.path().to_owned())),
            database: ready.database,
            ledger: Some(ready.ledger),
        };
        append(&mut books, 10).await.unwrap();
        sqlx::raw_sql("PRAGMA max_page_count = 20")
            .execute(books.conn())
            .await
            .unwrap();
        for _ in 0..2 {
            let refused = append(&mut books, 1 << 20).await.unwrap_err();
            assert_eq!(refused.condition(), Condition::Full);
        }
        append(&mut books, 10).await.unwrap();
        let ledger = books.ledger().await.unwrap();
        assert_eq!(ledger.lane(Lane::Urgent).assigned, 2);
        let counted = audit::ledger(books.conn()).await.unwrap();
        assert_eq!(ledger, counted);
    }
}
