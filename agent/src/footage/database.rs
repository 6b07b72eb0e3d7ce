//! Databases of other programs, read only: a recorder must never wait for us nor find us in its way.
//!
//! Each question is one short statement by key, so that no lock is held between two of them. It must
//! not know any recorder's tables. The only room of `footage` that knows a database library.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Row, SqliteConnection, TypeInfo, ValueRef};
use tokio::runtime::{Builder, Runtime};

use super::book::BookError;

/// How long to wait for the recorder to let go of its file: it writes for milliseconds.
const BUSY_MS: u64 = 2_000;

/// Rows of one question at most: some hundred kilobytes, read in milliseconds.
pub const ROWS_MAX: u32 = 4_096;

/// What a database's cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or what cannot be read.
    Null,
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Cell {
    /// A whole number.
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(value) => Some(*value),
            _ => None,
        }
    }

    /// Any number of seconds, in milliseconds.
    pub fn seconds_as_ms(&self) -> Option<i64> {
        match self {
            Self::Whole(seconds) => seconds.checked_mul(1_000),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "bounded to what milliseconds of a calendar can be"
            )]
            Self::Real(seconds) if (0.0..1e11).contains(seconds) => {
                Some((seconds * 1_000.0).round() as i64)
            }
            _ => None,
        }
    }

    /// Text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Bytes.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A database of another program.
pub struct Database {
    path: PathBuf,
    runtime: Runtime,
    connection: SqliteConnection,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the file for reading alone. Not to be called by what itself runs asynchronously.
    pub fn open(path: &Path) -> Result<Self, BookError> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|source| BookError::Read {
            path: path.to_owned(),
            source,
        })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .create_if_missing(false)
            .busy_timeout(Duration::from_millis(BUSY_MS))
            .thread_name(|_| "recorder-db".to_owned())
            .disable_statement_logging();
        let connection = runtime
            .block_on(options.connect())
            .map_err(|source| refused(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            runtime,
            connection,
        })
    }

    /// The rows that a statement answers with, at most [`ROWS_MAX`]; `keys` stand for its `?`.
    pub fn ask(
        &mut self,
        statement: &'static str,
        keys: &[i64],
    ) -> Result<Vec<Vec<Cell>>, BookError> {
        let query = keys
            .iter()
            .fold(sqlx::query(statement), |query, key| query.bind(*key));
        let rows = self
            .runtime
            .block_on(query.fetch_all(&mut self.connection))
            .map_err(|source| refused(&self.path, source))?;
        let most = usize::try_from(ROWS_MAX).unwrap_or(usize::MAX);
        Ok(rows.iter().take(most).map(cells).collect())
    }
}

fn refused(path: &Path, source: sqlx::Error) -> BookError {
    BookError::Query {
        path: path.to_owned(),
        source: Box::new(source),
    }
}

fn cells(row: &SqliteRow) -> Vec<Cell> {
    (0..row.len()).map(|column| cell(row, column)).collect()
}

/// A cell as it is stored, whatever its column was declared to hold.
fn cell(row: &SqliteRow, column: usize) -> Cell {
    let Ok(raw) = row.try_get_raw(column) else {
        return Cell::Null;
    };
    if raw.is_null() {
        return Cell::Null;
    }
    let read = match raw.type_info().name() {
        "INTEGER" | "BOOLEAN" => row.try_get_unchecked(column).map(Cell::Whole),
        "REAL" => row.try_get_unchecked(column).map(Cell::Real),
        "BLOB" => row.try_get_unchecked(column).map(Cell::Bytes),
        _ => row.try_get_unchecked(column).map(Cell::Text),
    };
    read.unwrap_or(Cell::Null)
}

/// Databases as recorders make them.
#[cfg(test)]
pub(in crate::footage) mod samples {
    use super::*;

    /// Makes a database by SQL.
    pub(in crate::footage) fn make(path: &Path, statements: &'static str) {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true);
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(statements)
                .execute(&mut connection)
                .await
                .unwrap();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_are_stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        samples::make(
            &path,
            "CREATE TABLE a (at DATETIME, name VARCHAR, id BLOB); \
             INSERT INTO a VALUES (12.5, 'x', X'00ff'), (7, NULL, NULL)",
        );
        let mut database = Database::open(&path).unwrap();
        let rows = database
            .ask("SELECT at, name, id FROM a WHERE rowid > ?", &[0])
            .unwrap();
        assert_eq!(rows[0][0].seconds_as_ms(), Some(12_500));
        assert_eq!(
            (rows[0][1].text(), rows[0][2].bytes()),
            (Some("x"), Some(&[0, 255][..]))
        );
        assert_eq!(rows[1], [Cell::Whole(7), Cell::Null, Cell::Null]);
    }

    #[test]
    fn nothing_can_be_written_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        assert!(matches!(
            Database::open(&path),
            Err(BookError::Query { .. })
        ));
        assert!(!path.exists());
        samples::make(&path, "CREATE TABLE a (at DATETIME)");
        let mut database = Database::open(&path).unwrap();
        assert!(database.ask("INSERT INTO a VALUES (1)", &[]).is_err());
    }
}
