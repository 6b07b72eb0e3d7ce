//! The schema, version by version.
//!
//! A migration is a pair of files with one name, one for each database, compiled into the program.
//! What was applied stands in the table `migrations` with a checksum of its text. All that is
//! pending is applied in one transaction, so the schema is never half of one version. A migration
//! that was released is never edited: the checksum would differ and the program refuses to start.

use keepwatch_common::time::Instant;

use super::connection::{Connection, Reader, Tx, on_both};
use super::digest::{hex, sha256};
use super::error::StoreError;

/// One step of the schema, in both languages.
#[derive(Debug)]
struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// All steps, oldest first; only ever added to at the end.
const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "spine",
        sqlite: include_str!("../../migrations/sqlite/0001_spine.sql"),
        postgres: include_str!("../../migrations/postgres/0001_spine.sql"),
    },
    Migration {
        version: 2,
        name: "outages",
        sqlite: include_str!("../../migrations/sqlite/0002_outages.sql"),
        postgres: include_str!("../../migrations/postgres/0002_outages.sql"),
    },
    Migration {
        version: 3,
        name: "volume_health",
        sqlite: include_str!("../../migrations/sqlite/0003_volume_health.sql"),
        postgres: include_str!("../../migrations/postgres/0003_volume_health.sql"),
    },
    Migration {
        version: 4,
        name: "holds",
        sqlite: include_str!("../../migrations/sqlite/0004_holds.sql"),
        postgres: include_str!("../../migrations/postgres/0004_holds.sql"),
    },
];

/// The number of PostgreSQL's advisory lock that two migrating programs contend for.
const POSTGRES_MIGRATE_LOCK: i64 = 0x6b77_6d69_6772;

/// Why the schema is not the one this program works with.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Steps are missing.
    #[error(
        "the database lacks {pending} migration(s), first {first}; \
         make a backup, stop every coordinator and run “keepwatch migrate”"
    )]
    Pending {
        /// How many.
        pending: usize,
        /// The name of the first one.
        first: &'static str,
    },
    /// A newer program was here.
    #[error(
        "the database is at schema version {version}, newer than this program knows; \
         start the newer program, or restore a backup from before its migration"
    )]
    Newer {
        /// The database's version.
        version: i64,
    },
    /// What was applied is not what this program carries.
    #[error(
        "migration {version} ({name}) in the database differs from this program's; it was made by \
         another build: start that one, or restore a backup made with this one"
    )]
    Differs {
        /// Which step.
        version: i64,
        /// Its name in the database.
        name: String,
    },
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A row of the table `migrations`.
#[derive(Debug, sqlx::FromRow)]
struct AppliedRow {
    version: i64,
    name: String,
    checksum: String,
}

impl Migration {
    fn checksum(&self, text: &str) -> String {
        hex(&sha256(&[self.name.as_bytes(), b"\n", text.as_bytes()]))
    }
}

/// What is still to be applied, or why nothing may be.
fn pending(
    applied: &[AppliedRow],
    text: fn(&Migration) -> &'static str,
) -> Result<&'static [Migration], SchemaError> {
    for (index, row) in applied.iter().enumerate() {
        let Some(known) = MIGRATIONS.get(index) else {
            return Err(SchemaError::Newer {
                version: row.version,
            });
        };
        if row.version != known.version || row.checksum != known.checksum(text(known)) {
            return Err(SchemaError::Differs {
                version: row.version,
                name: row.name.clone(),
            });
        }
    }
    Ok(&MIGRATIONS[applied.len()..])
}

impl Reader {
    /// Whether the schema is exactly this program's.
    pub(super) async fn schema_check(&mut self) -> Result<(), SchemaError> {
        let applied = if self.migration_table_exists().await? {
            self.migration_list().await?
        } else {
            Vec::new()
        };
        match pending(&applied, self.migration_text())? {
            [] => Ok(()),
            [first, rest @ ..] => Err(SchemaError::Pending {
                pending: rest.len() + 1,
                first: first.name,
            }),
        }
    }

    fn migration_text(&self) -> fn(&Migration) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => |migration| migration.sqlite,
            Connection::Postgres(_) => |migration| migration.postgres,
        }
    }

    async fn migration_table_exists(&mut self) -> Result<bool, StoreError> {
        let count: Result<i64, _> = match &mut self.connection {
            Connection::Sqlite(transaction) => sqlx::query_scalar(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'",
            )
            .fetch_one(&mut **transaction)
            .await,
            Connection::Postgres(transaction) => {
                sqlx::query_scalar(
                    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('migrations')",
                )
                .fetch_one(&mut **transaction)
                .await
            }
        };
        Ok(count.map_err(StoreError::during("migration_table_exists"))? > 0)
    }

    async fn migration_list(&mut self) -> Result<Vec<AppliedRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT version, name, checksum FROM migrations ORDER BY version")
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("migration_list"))
    }
}

impl Tx {
    /// Applies what is pending and gives the names of it.
    pub(super) async fn schema_migrate(
        &mut self,
        at: Instant,
    ) -> Result<Vec<&'static str>, SchemaError> {
        self.migration_lock().await?;
        self.migration_table_ensure().await?;
        let applied = self.migration_list().await?;
        let text = self.migration_text();
        let mut names = Vec::new();
        for migration in pending(&applied, text)? {
            self.migration_apply(migration, text(migration), at).await?;
            names.push(migration.name);
        }
        Ok(names)
    }

    /// SQLite has one writer anyway. PostgreSQL's limit of time is for pages and reports, not for a
    /// migration that rewrites a table.
    async fn migration_lock(&mut self) -> Result<(), StoreError> {
        let Connection::Postgres(transaction) = &mut self.connection else {
            return Ok(());
        };
        sqlx::raw_sql("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            .execute(&mut **transaction)
            .await
            .map_err(StoreError::during("migration_lock"))?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(POSTGRES_MIGRATE_LOCK)
            .execute(&mut **transaction)
            .await
            .map_err(StoreError::during("migration_lock"))?;
        Ok(())
    }

    async fn migration_table_ensure(&mut self) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "CREATE TABLE IF NOT EXISTS migrations (
                    version       BIGINT PRIMARY KEY,
                    name          TEXT   NOT NULL,
                    checksum      TEXT   NOT NULL,
                    applied_at_ms BIGINT NOT NULL
                )",
            )
            .execute(c)
            .await
            .map(|_| ())
        })
        .map_err(StoreError::during("migration_table_ensure"))
    }

    async fn migration_apply(
        &mut self,
        migration: &Migration,
        text: &'static str,
        at: Instant,
    ) -> Result<(), StoreError> {
        on_both!(self, c => sqlx::raw_sql(text).execute(c).await.map(|_| ()))
            .map_err(StoreError::during("migration_apply"))?;
        on_both!(self, c => {
            sqlx::query(
                "INSERT INTO migrations (version, name, checksum, applied_at_ms)
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(migration.version)
            .bind(migration.name)
            .bind(migration.checksum(text))
            .bind(at.ms())
            .execute(c)
            .await
            .map(|_| ())
        })
        .map_err(StoreError::during("migration_record"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_from_one() {
        for (expected, migration) in (1..).zip(MIGRATIONS) {
            assert_eq!(migration.version, expected);
        }
    }

    #[test]
    fn both_databases_have_the_same_tables_and_columns() {
        for migration in MIGRATIONS {
            assert_eq!(shape(migration.sqlite), shape(migration.postgres));
        }
    }

    /// The first two words of each line that is not a comment: the table, or the column.
    fn shape(text: &str) -> Vec<String> {
        let lines = text.lines().map(str::trim);
        let code = lines.filter(|line| !line.is_empty() && !line.starts_with("--"));
        code.map(|line| {
            let mut words = line.split_whitespace();
            match words.next().unwrap_or_default() {
                word @ ("CREATE" | "UNIQUE" | "PRIMARY") => {
                    format!("{word} {}", line.trim_start_matches(word).trim())
                }
                word if word.starts_with(')') => ")".to_owned(),
                column => column.to_owned(),
            }
        })
        .collect()
    }
}
