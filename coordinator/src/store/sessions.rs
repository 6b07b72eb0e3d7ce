//! Who is signed in: of a session's key only the hash is kept.

use keepwatch_common::time::Instant;

use super::connection::{Reader, Tx, on_both};
use super::digest::SecretHash;
use super::error::StoreError;

/// Most sessions cleared away by one statement, so that nobody waits for it.
const CLEARED_AT_ONCE_MAX: i64 = 1_000;

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Hash of the key in the browser's cookie.
    pub token_hash: &'a SecretHash,
    /// Who signed in.
    pub person_id: i64,
    /// When.
    pub created_at: Instant,
    /// When it ends, whatever happens.
    pub ends_at: Instant,
}

/// A session that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// Who.
    pub person_id: i64,
    /// Since when, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last used.
    pub seen_at_ms: i64,
    /// When it ends.
    pub ends_at_ms: i64,
}

impl Reader {
    /// The session of a key, if it has not ended and its person may still sign in.
    pub async fn session_fetch(
        &mut self,
        token_hash: &SecretHash,
        at: Instant,
    ) -> Result<Option<SessionRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT person_id, sessions.created_at_ms, seen_at_ms, ends_at_ms
                 FROM sessions JOIN people ON people.id = sessions.person_id
                 WHERE token_hash = $1 AND ends_at_ms > $2 AND disabled_at_ms IS NULL",
            )
            .bind(token_hash.as_bytes())
            .bind(at.ms())
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("session_fetch"))
    }
}

impl Tx {
    /// Adds a session.
    pub async fn session_insert(&mut self, session: &NewSession<'_>) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "INSERT INTO sessions (token_hash, person_id, created_at_ms, seen_at_ms, ends_at_ms)
                 VALUES ($1, $2, $3, $3, $4)",
            )
            .bind(session.token_hash.as_bytes())
            .bind(session.person_id)
            .bind(session.created_at.ms())
            .bind(session.ends_at.ms())
            .execute(c)
            .await
            .map(|_| ())
        })
        .map_err(StoreError::during("session_insert"))
    }

    /// Notes that a session was used.
    pub async fn session_seen(
        &mut self,
        token_hash: &SecretHash,
        at: Instant,
    ) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE sessions SET seen_at_ms = $2 WHERE token_hash = $1 AND seen_at_ms < $2",
            )
            .bind(token_hash.as_bytes())
            .bind(at.ms())
            .execute(c)
            .await
            .map(|_| ())
        })
        .map_err(StoreError::during("session_seen"))
    }

    /// Ends a session; false if there was none.
    pub async fn session_end(&mut self, token_hash: &SecretHash) -> Result<bool, StoreError> {
        on_both!(self, c => {
            sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                .bind(token_hash.as_bytes())
                .execute(c)
                .await
                .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("session_end"))
    }

    /// Ends all sessions of a person, as after a change of password, and says how many.
    pub async fn sessions_end_of_person(&mut self, person_id: i64) -> Result<u64, StoreError> {
        on_both!(self, c => {
            sqlx::query("DELETE FROM sessions WHERE person_id = $1")
                .bind(person_id)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("sessions_end_of_person"))
    }

    /// Clears away sessions that ended, a limited number at once, and says how many.
    pub async fn sessions_clear_ended(&mut self, at: Instant) -> Result<u64, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "DELETE FROM sessions WHERE token_hash IN
                    (SELECT token_hash FROM sessions WHERE ends_at_ms <= $1 LIMIT $2)",
            )
            .bind(at.ms())
            .bind(CLEARED_AT_ONCE_MAX)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("sessions_clear_ended"))
    }
}
