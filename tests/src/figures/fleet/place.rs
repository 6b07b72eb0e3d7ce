//! Where rows are kept: a file, or a database of a PostgreSQL that keeps what it confirmed.

use std::path::PathBuf;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};

/// A database.
#[derive(Debug, Clone)]
pub enum Place {
    /// This file.
    Sqlite(PathBuf),
    /// This address.
    Postgres(String),
}

/// The kinds of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Place {
    /// What a statement counts.
    pub async fn number(&self, statement: &str) -> Result<i64, sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(file) => {
                let mut connection = sqlite(file.clone()).await?;
                let number = sqlx::query_scalar(statement)
                    .fetch_one(&mut connection)
                    .await?;
                connection.close().await?;
                Ok(number)
            }
            Self::Postgres(address) => {
                let mut connection = PgConnection::connect(address).await?;
                let number = sqlx::query_scalar(statement)
                    .fetch_one(&mut connection)
                    .await?;
                connection.close().await?;
                Ok(number)
            }
        }
    }
}

/// A file opened as the coordinator opens it: a log, and nothing confirmed that is not on disk.
pub(super) async fn sqlite(file: PathBuf) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
}
