//! Invitations for agents: of a token only the hash is kept.
//!
//! Taking one is a single statement, so that of two agents that show the same last use at the same
//! moment exactly one gets in.

use keepwatch_common::time::Instant;

use super::connection::{Reader, Tx, on_both};
use super::digest::SecretHash;
use super::error::StoreError;
use super::page::PageRows;

/// Most tokens cleared away by one statement, so that nobody waits for it.
const CLEARED_AT_ONCE_MAX: i64 = 1_000;

/// A token to be.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// Hash of the secret in the join string.
    pub secret_hash: &'a SecretHash,
    /// The branch whose agents it lets in.
    pub branch_id: i64,
    /// How many agents it lets in.
    pub uses: u32,
    /// Who made it.
    pub created_by: &'a str,
    /// When.
    pub created_at: Instant,
    /// From when on it is worth nothing.
    pub expires_at: Instant,
}

/// A token as it stands, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TokenRow {
    /// Its number.
    pub id: i64,
    /// The branch it is bound to.
    pub branch_id: i64,
    /// That branch's code.
    pub branch: String,
    /// How many agents it still lets in.
    pub uses_left: i64,
    /// Who made it.
    pub created_by: String,
    /// When, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// From when on it is worth nothing.
    pub expires_at_ms: i64,
    /// When it was last taken.
    pub used_at_ms: Option<i64>,
}

/// What a token that was taken says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct TokenTaken {
    /// Its number.
    pub id: i64,
    /// The branch that the agent joins.
    pub branch_id: i64,
}

impl Reader {
    /// Tokens by number, newest first, those before `before`.
    pub async fn token_list(
        &mut self,
        before: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<TokenRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT tokens.id, tokens.branch_id, branches.code AS branch, tokens.uses_left,
                        tokens.created_by, tokens.created_at_ms, tokens.expires_at_ms,
                        tokens.used_at_ms
                 FROM tokens JOIN branches ON branches.id = tokens.branch_id
                 WHERE tokens.id < $1 ORDER BY tokens.id DESC LIMIT $2",
            )
            .bind(before.unwrap_or(i64::MAX))
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("token_list"))
    }
}

impl Tx {
    /// Adds a token and gives its number.
    pub async fn token_insert(&mut self, token: &NewToken<'_>) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO tokens
                    (secret_hash, branch_id, uses_left, created_by, created_at_ms, expires_at_ms)
                 VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            )
            .bind(token.secret_hash.as_bytes())
            .bind(token.branch_id)
            .bind(i64::from(token.uses))
            .bind(token.created_by)
            .bind(token.created_at.ms())
            .bind(token.expires_at.ms())
            .fetch_one(c)
            .await
        })
        .map_err(StoreError::during("token_insert"))
    }

    /// Uses a token once; none if it is unknown, used up or too old. Which of them is nobody's
    /// business: a stranger who guesses learns nothing.
    pub async fn token_take(
        &mut self,
        secret_hash: &SecretHash,
        at: Instant,
    ) -> Result<Option<TokenTaken>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "UPDATE tokens SET uses_left = uses_left - 1, used_at_ms = $2
                 WHERE secret_hash = $1 AND uses_left > 0 AND expires_at_ms > $2
                 RETURNING id, branch_id",
            )
            .bind(secret_hash.as_bytes())
            .bind(at.ms())
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("token_take"))
    }

    /// Makes a token worthless; false if it is unknown or was used up.
    pub async fn token_withdraw(&mut self, id: i64) -> Result<bool, StoreError> {
        on_both!(self, c => {
            sqlx::query("UPDATE tokens SET uses_left = 0 WHERE id = $1 AND uses_left > 0")
                .bind(id)
                .execute(c)
                .await
                .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("token_withdraw"))
    }

    /// Clears away tokens that expired before an instant, a limited number at once, and says how
    /// many.
    pub async fn tokens_clear_expired(&mut self, before: Instant) -> Result<u64, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "DELETE FROM tokens WHERE id IN
                    (SELECT id FROM tokens WHERE expires_at_ms < $1 ORDER BY id LIMIT $2)",
            )
            .bind(before.ms())
            .bind(CLEARED_AT_ONCE_MAX)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("tokens_clear_expired"))
    }
}
