//! Notifications on their way out.
//!
//! They are written in the transaction that has something to tell, so none is lost and none tells
//! what did not happen. Taking one lends it: until its loan runs out nobody else takes it, and when
//! the taker dies it is due again. So one may be sent twice, never not at all; its key, sent along,
//! lets the receiver see that.

use keepwatch_common::limits::DETAIL_BYTES_MAX;
use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Connection, Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;

/// Most notifications cleared away by one statement, so that nobody waits for it.
const CLEARED_AT_ONCE_MAX: i64 = 1_000;

/// A notification to be.
#[derive(Debug, Clone)]
pub struct NewNotification {
    /// The channel's name.
    pub channel: String,
    /// What makes it this one; the same key is queued once, however often it is said.
    pub key: String,
    /// What to tell, as JSON.
    pub body: String,
    /// When it was queued.
    pub created_at: Instant,
    /// Not before this.
    pub due_at: Instant,
}

/// A notification lent to a sender.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NotificationTaken {
    /// Its number.
    pub id: i64,
    /// The channel's name.
    pub channel: String,
    /// What makes it this one; sent along.
    pub key: String,
    /// What to tell, as JSON.
    pub body: String,
    /// When it was queued, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// How many times it was taken, this time included.
    pub attempts: i64,
}

/// What became of a notification that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Sent {
        /// When.
        at: Instant,
    },
    /// Try again, not before this.
    Retry {
        /// When.
        due_at: Instant,
    },
    /// It will not be sent; the answer says why.
    GivenUp,
}

/// A notification as it stands, for pages.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NotificationRow {
    /// Its number.
    pub id: i64,
    /// The channel's name.
    pub channel: String,
    /// What makes it this one.
    pub key: String,
    /// When it was queued, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it is due, or its loan runs out.
    pub due_at_ms: i64,
    /// How many times it was taken.
    pub attempts: i64,
    /// `waiting`, `sent` or `given_up`.
    pub state: String,
    /// What the receiver said last.
    pub answer: Option<String>,
    /// When it was sent.
    pub sent_at_ms: Option<i64>,
}

impl Reader {
    /// Notifications by number, newest first, those before `before`.
    pub async fn outbox_list(
        &mut self,
        before: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<NotificationRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, channel, key, created_at_ms, due_at_ms, attempts, state, answer,
                        sent_at_ms
                 FROM outbox WHERE id < $1 ORDER BY id DESC LIMIT $2",
            )
            .bind(before.unwrap_or(i64::MAX))
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("outbox_list"))
    }

    /// How many notifications wait, those on loan to a sender too.
    pub async fn outbox_count_waiting(&mut self) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar("SELECT count(*) FROM outbox WHERE state = 'waiting'")
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("outbox_count_waiting"))
    }

    /// When the next notification is due; none if nothing waits.
    pub async fn outbox_next_due(&mut self) -> Result<Option<Instant>, StoreError> {
        let due_at_ms: Option<i64> = on_both!(self, c => {
            sqlx::query_scalar("SELECT min(due_at_ms) FROM outbox WHERE state = 'waiting'")
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("outbox_next_due"))?;
        Ok(due_at_ms.map(Instant::from_ms))
    }
}

impl Tx {
    /// Queues notifications whose key was never queued before, and says how many.
    pub async fn outbox_insert(
        &mut self,
        notifications: &[NewNotification],
    ) -> Result<u64, StoreError> {
        let batch = Batch::over(notifications)
            .column("channel", |one| one.channel.clone())
            .column("key", |one| one.key.clone())
            .column("body", |one| one.body.clone())
            .column("created_at_ms", |one| one.created_at.ms())
            .column("due_at_ms", |one| one.due_at.ms());
        self.batch_execute(
            "outbox_insert",
            &batch,
            "INSERT INTO outbox (channel, key, body, created_at_ms, due_at_ms, state)
             SELECT channel, key, body, created_at_ms, due_at_ms, 'waiting' FROM batch WHERE true
             ON CONFLICT (key) DO NOTHING",
        )
        .await
    }

    /// Lends those that are due until `loan_ends_at`, the longest waiting first. Commit before
    /// sending: what another sender has taken meanwhile is passed over, not waited for.
    pub async fn outbox_take(
        &mut self,
        at: Instant,
        loan_ends_at: Instant,
        rows: PageRows,
    ) -> Result<Vec<NotificationTaken>, StoreError> {
        let taken: Result<Vec<NotificationTaken>, _> = match &mut self.connection {
            Connection::Sqlite(transaction) => {
                sqlx::query_as(
                    "UPDATE outbox SET attempts = attempts + 1, due_at_ms = $2
                     WHERE id IN (SELECT id FROM outbox
                        WHERE state = 'waiting' AND due_at_ms <= $1
                        ORDER BY due_at_ms, id LIMIT $3)
                     RETURNING id, channel, key, body, created_at_ms, attempts",
                )
                .bind(at.ms())
                .bind(loan_ends_at.ms())
                .bind(rows.limit())
                .fetch_all(&mut **transaction)
                .await
            }
            Connection::Postgres(transaction) => {
                // Materialised, or the planner may run the choice more than once and take more.
                sqlx::query_as(
                    "WITH due AS MATERIALIZED (SELECT id FROM outbox
                        WHERE state = 'waiting' AND due_at_ms <= $1
                        ORDER BY due_at_ms, id LIMIT $3 FOR UPDATE SKIP LOCKED)
                     UPDATE outbox SET attempts = attempts + 1, due_at_ms = $2
                     FROM due WHERE outbox.id = due.id
                     RETURNING outbox.id, channel, key, body, created_at_ms, attempts",
                )
                .bind(at.ms())
                .bind(loan_ends_at.ms())
                .bind(rows.limit())
                .fetch_all(&mut **transaction)
                .await
            }
        };
        let mut taken = taken.map_err(StoreError::during("outbox_take"))?;
        taken.sort_by_key(|one| one.id);
        Ok(taken)
    }

    /// Notes what became of a notification, with the receiver's answer. False if it was taken again
    /// since, because the loan had run out: then this outcome is not the last word.
    pub async fn outbox_settle(
        &mut self,
        taken: &NotificationTaken,
        outcome: Outcome,
        answer: &str,
    ) -> Result<bool, StoreError> {
        let (state, due_at, sent_at) = match outcome {
            Outcome::Sent { at } => ("sent", None, Some(at.ms())),
            Outcome::Retry { due_at } => ("waiting", Some(due_at.ms()), None),
            Outcome::GivenUp => ("given_up", None, None),
        };
        on_both!(self, c => {
            sqlx::query(
                "UPDATE outbox SET state = $3, due_at_ms = COALESCE($4, due_at_ms),
                        sent_at_ms = $5, answer = $6
                 WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
            )
            .bind(taken.id)
            .bind(taken.attempts)
            .bind(state)
            .bind(due_at)
            .bind(sent_at)
            .bind(answer_kept(answer))
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("outbox_settle"))
    }
}

impl Tx {
    /// Clears away the oldest notifications that were queued before an instant and wait no more, a
    /// limited number at once, and says how many.
    pub async fn outbox_clear(&mut self, before: Instant) -> Result<u64, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "DELETE FROM outbox WHERE state <> 'waiting' AND id <= (SELECT MAX(id) FROM
                   (SELECT id, created_at_ms FROM outbox ORDER BY id LIMIT $1) AS oldest
                   WHERE created_at_ms < $2)",
            )
            .bind(CLEARED_AT_ONCE_MAX)
            .bind(before.ms())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("outbox_clear"))
    }
}

/// The beginning of an answer, which comes from a stranger and may be anything. PostgreSQL keeps no
/// zero character in a text.
fn answer_kept(answer: &str) -> String {
    let end = answer.floor_char_boundary(DETAIL_BYTES_MAX);
    answer[..end].replace('\0', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let kept = answer_kept(&"好".repeat(DETAIL_BYTES_MAX));
        assert_eq!(kept.len(), DETAIL_BYTES_MAX / 3 * 3);
        assert_eq!(answer_kept("a\0b"), "a b");
    }
}
