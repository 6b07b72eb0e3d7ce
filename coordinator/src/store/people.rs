//! People who may sign in. What a role may do is not known here.

use keepwatch_common::secret::Secret;
use keepwatch_common::time::Instant;

use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;

/// A person to be.
#[derive(Debug, Clone)]
pub struct NewPerson<'a> {
    /// The name to sign in with; unique.
    pub name: &'a str,
    /// The password's hash, as a PHC string.
    pub password_hash: &'a Secret,
    /// The role's name.
    pub role: &'a str,
    /// The region that the role is bound to.
    pub region_id: Option<i64>,
    /// The branch that the role is bound to.
    pub branch_id: Option<i64>,
    /// When.
    pub created_at: Instant,
}

/// A person as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Their number.
    pub id: i64,
    /// The name to sign in with.
    pub name: String,
    /// The password's hash, as a PHC string.
    pub password_hash: Secret,
    /// The role's name.
    pub role: String,
    /// The region that the role is bound to.
    pub region_id: Option<i64>,
    /// The branch that the role is bound to.
    pub branch_id: Option<i64>,
    /// When they were added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// Since when they may not sign in.
    pub disabled_at_ms: Option<i64>,
}

/// A person as lists show them: nothing of the password.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonListed {
    /// Their number.
    pub id: i64,
    /// The name to sign in with.
    pub name: String,
    /// The role's name.
    pub role: String,
    /// The code of the region that the role is bound to.
    pub region: Option<String>,
    /// The code of the branch that the role is bound to.
    pub branch: Option<String>,
    /// When they were added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// Since when they may not sign in.
    pub disabled_at_ms: Option<i64>,
}

/// Why a person was not added.
#[derive(Debug, thiserror::Error)]
pub enum PersonInsertError {
    /// The name is in use, perhaps by someone who may no longer sign in.
    #[error("the sign-in name “{name}” is taken; choose another")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The row as the databases give it. It has no `Debug`: the hash stands open in it.
#[derive(sqlx::FromRow)]
struct KeptPerson {
    id: i64,
    name: String,
    password_hash: String,
    role: String,
    region_id: Option<i64>,
    branch_id: Option<i64>,
    created_at_ms: i64,
    disabled_at_ms: Option<i64>,
}

impl Reader {
    /// The person of a number.
    pub async fn person_fetch(&mut self, id: i64) -> Result<Option<PersonRow>, StoreError> {
        let kept: Option<KeptPerson> = on_both!(self, c => {
            sqlx::query_as("SELECT * FROM people WHERE id = $1")
                .bind(id)
                .fetch_optional(c)
                .await
        })
        .map_err(StoreError::during("person_fetch"))?;
        Ok(kept.map(KeptPerson::read))
    }

    /// The person of a sign-in name, disabled or not.
    pub async fn person_fetch_by_name(
        &mut self,
        name: &str,
    ) -> Result<Option<PersonRow>, StoreError> {
        let kept: Option<KeptPerson> = on_both!(self, c => {
            sqlx::query_as("SELECT * FROM people WHERE name = $1")
                .bind(name)
                .fetch_optional(c)
                .await
        })
        .map_err(StoreError::during("person_fetch_by_name"))?;
        Ok(kept.map(KeptPerson::read))
    }

    /// People by number, those after `after`.
    pub async fn person_list(
        &mut self,
        after: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<PersonListed>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT people.id, people.name, people.role, regions.code AS region,
                        branches.code AS branch, people.created_at_ms, people.disabled_at_ms
                 FROM people LEFT JOIN regions ON regions.id = people.region_id
                 LEFT JOIN branches ON branches.id = people.branch_id
                 WHERE people.id > $1 ORDER BY people.id LIMIT $2",
            )
            .bind(after.unwrap_or(i64::MIN))
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("person_list"))
    }

    /// How many people there are, disabled ones too: none means that nobody was ever added.
    pub async fn person_count(&mut self) -> Result<i64, StoreError> {
        on_both!(self, c => sqlx::query_scalar("SELECT count(*) FROM people").fetch_one(c).await)
            .map_err(StoreError::during("person_count"))
    }
}

impl Tx {
    /// Adds a person and gives their number.
    pub async fn person_insert(
        &mut self,
        person: &NewPerson<'_>,
    ) -> Result<i64, PersonInsertError> {
        let id: Option<i64> = on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO people
                    (name, password_hash, role, region_id, branch_id, created_at_ms)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (name) DO NOTHING RETURNING id",
            )
            .bind(person.name)
            .bind(person.password_hash.expose())
            .bind(person.role)
            .bind(person.region_id)
            .bind(person.branch_id)
            .bind(person.created_at.ms())
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("person_insert"))?;
        id.ok_or_else(|| PersonInsertError::NameTaken {
            name: person.name.to_owned(),
        })
    }

    /// Keeps a new password's hash; false if there is no such person.
    pub async fn person_password_set(
        &mut self,
        id: i64,
        password_hash: &Secret,
    ) -> Result<bool, StoreError> {
        on_both!(self, c => {
            sqlx::query("UPDATE people SET password_hash = $2 WHERE id = $1")
                .bind(id)
                .bind(password_hash.expose())
                .execute(c)
                .await
                .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("person_password_set"))
    }

    /// Lets a person sign in no more and ends what they have open; false if there is no such person
    /// or they were disabled before.
    pub async fn person_disable(&mut self, id: i64, at: Instant) -> Result<bool, StoreError> {
        let disabled = on_both!(self, c => {
            sqlx::query(
                "UPDATE people SET disabled_at_ms = $2 WHERE id = $1 AND disabled_at_ms IS NULL",
            )
            .bind(id)
            .bind(at.ms())
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("person_disable"))?;
        on_both!(self, c => {
            sqlx::query("DELETE FROM sessions WHERE person_id = $1")
                .bind(id)
                .execute(c)
                .await
                .map(|_| ())
        })
        .map_err(StoreError::during("person_disable_sessions"))?;
        Ok(disabled)
    }
}

impl KeptPerson {
    fn read(self) -> PersonRow {
        PersonRow {
            id: self.id,
            name: self.name,
            password_hash: Secret::new(self.password_hash),
            role: self.role,
            region_id: self.region_id,
            branch_id: self.branch_id,
            created_at_ms: self.created_at_ms,
            disabled_at_ms: self.disabled_at_ms,
        }
    }
}
