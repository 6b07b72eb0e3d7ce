//! Many rows in one statement, on both databases.
//!
//! The hot path must not send a statement per row: each costs a round trip to PostgreSQL and a hop
//! to SQLite's thread. A [`Batch`] makes some rows available to a statement as a table called
//! `batch`, whose columns have the names given here:
//!
//! ```sql
//! INSERT INTO lanes (agent_id, epoch, lane, through)
//! SELECT agent_id, epoch, lane, through FROM batch WHERE true
//! ON CONFLICT (agent_id, epoch, lane) DO UPDATE SET through = excluded.through
//! ```
//!
//! `INSERT … SELECT`, `UPDATE … FROM batch`, `DELETE … USING` by subquery and `SELECT … JOIN batch`
//! all work, and the statement stands once. What differs is only how `batch` is made: PostgreSQL
//! unnests one array a column, SQLite lists the values.
//!
//! Three things to know. `WHERE true` is needed before `ON CONFLICT`, or SQLite takes `ON` for a
//! join. PostgreSQL refuses to update one row twice in a statement, so rows must differ in their
//! key. A batch longer than [`POSTGRES_ROWS_MAX`] or [`SQLITE_ROWS_MAX`] becomes several statements:
//! an aggregate over all of `batch` would see only a part.

use std::fmt::Write;
use std::ops::Range;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, FromRow};

use super::connection::{Connection, Reader, Tx};
use super::error::StoreError;

/// Most rows of one statement on PostgreSQL: beyond this the round trip no longer shows.
pub(super) const POSTGRES_ROWS_MAX: usize = 4_096;

/// Most rows of one statement on SQLite: its compiled form grows with every row.
pub(super) const SQLITE_ROWS_MAX: usize = 512;

/// SQLite's own limit of values bound to one statement.
const SQLITE_BINDS_MAX: usize = 32_766;

/// A statement for SQLite is made for one of these many rows and told how many there are, so that
/// at most four compiled forms of each are kept.
const SQLITE_SIZES: [usize; 4] = [1, 8, 64, SQLITE_ROWS_MAX];

/// Some rows and what of them goes into which column.
#[derive(Debug)]
pub(super) struct Batch<'r, R> {
    rows: &'r [R],
    columns: Vec<(&'static str, Column)>,
}

/// The cells of one column.
#[derive(Debug)]
pub(super) enum Column {
    /// `INTEGER` or `BIGINT`.
    Integers(Vec<Option<i64>>),
    /// `TEXT`.
    Texts(Vec<Option<String>>),
    /// `BLOB` or `BYTEA`.
    Bytes(Vec<Option<Vec<u8>>>),
}

/// What can stand in a cell.
pub(super) trait Cell: Sized {
    /// Makes a column of cells.
    fn column(cells: impl Iterator<Item = Self>) -> Column;
}

impl Cell for i64 {
    fn column(cells: impl Iterator<Item = Self>) -> Column {
        Column::Integers(cells.map(Some).collect())
    }
}

impl Cell for Option<i64> {
    fn column(cells: impl Iterator<Item = Self>) -> Column {
        Column::Integers(cells.collect())
    }
}

impl Cell for String {
    fn column(cells: impl Iterator<Item = Self>) -> Column {
        Column::Texts(cells.map(Some).collect())
    }
}

impl Cell for Option<String> {
    fn column(cells: impl Iterator<Item = Self>) -> Column {
        Column::Texts(cells.collect())
    }
}

impl Cell for Vec<u8> {
    fn column(cells: impl Iterator<Item = Self>) -> Column {
        Column::Bytes(cells.map(Some).collect())
    }
}

impl Cell for Option<Vec<u8>> {
    fn column(cells: impl Iterator<Item = Self>) -> Column {
        Column::Bytes(cells.collect())
    }
}

impl<'r, R> Batch<'r, R> {
    /// A batch of these rows, still without columns.
    pub(super) fn over(rows: &'r [R]) -> Self {
        Self {
            rows,
            columns: Vec::new(),
        }
    }

    /// Adds a column: its name inside the statement, and each row's cell.
    pub(super) fn column<C: Cell>(mut self, name: &'static str, cell: impl Fn(&'r R) -> C) -> Self {
        self.columns
            .push((name, C::column(self.rows.iter().map(cell))));
        self
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The rows in portions of at most `rows_max`.
    fn portions(&self, rows_max: usize) -> impl Iterator<Item = Range<usize>> {
        let rows = self.rows.len();
        let rows_max = rows_max.max(1);
        (0..rows)
            .step_by(rows_max)
            .map(move |start| start..rows.min(start + rows_max))
    }

    fn sqlite_rows_max(&self) -> usize {
        SQLITE_ROWS_MAX.min((SQLITE_BINDS_MAX - 1) / self.columns.len().max(1))
    }

    /// The first place says how many of the listed rows are meant; the rest is left unbound. It
    /// stands first, because sqlx stops binding at the first place that has no value. Places have
    /// no numbers: SQLite keeps those as names in a list, which it walks for every single place.
    fn sqlite_text(&self, rows: usize, statement: &str) -> String {
        let listed = SQLITE_SIZES
            .into_iter()
            .find(|size| *size >= rows)
            .unwrap_or(rows)
            .min(self.sqlite_rows_max());
        let columns = self.columns.len();
        let mut text = format!(
            "WITH batch_rows (count) AS (SELECT ?), batch ({}) AS (SELECT * FROM (VALUES ",
            self.names()
        );
        let places = vec!["?"; columns].join(", ");
        for row in 0..listed {
            let comma = if row == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _written = write!(text, "{comma}({places})");
        }
        text.push_str(") LIMIT (SELECT count FROM batch_rows)) ");
        text.push_str(statement);
        text
    }

    fn postgres_text(&self, statement: &str) -> String {
        let arrays: Vec<_> = (1..)
            .zip(&self.columns)
            .map(|(place, (_, column))| format!("${place}::{}[]", column.postgres_type()))
            .collect();
        let (names, arrays) = (self.names(), arrays.join(", "));
        format!("WITH batch ({names}) AS (SELECT * FROM UNNEST({arrays})) {statement}")
    }

    fn sqlite_arguments(&self, rows: Range<usize>) -> Result<SqliteArguments, sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        arguments.add(count).map_err(sqlx::Error::Encode)?;
        for row in rows {
            for (_, column) in &self.columns {
                match column {
                    Column::Integers(cells) => arguments.add(cells[row]),
                    Column::Texts(cells) => arguments.add(cells[row].as_deref()),
                    Column::Bytes(cells) => arguments.add(cells[row].as_deref()),
                }
                .map_err(sqlx::Error::Encode)?;
            }
        }
        Ok(arguments)
    }

    fn postgres_arguments(&self, rows: &Range<usize>) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        for (_, column) in &self.columns {
            match column {
                Column::Integers(cells) => arguments.add(&cells[rows.clone()]),
                Column::Texts(cells) => arguments.add(&cells[rows.clone()]),
                Column::Bytes(cells) => arguments.add(&cells[rows.clone()]),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

impl Column {
    fn postgres_type(&self) -> &'static str {
        match self {
            Self::Integers(_) => "int8",
            Self::Texts(_) => "text",
            Self::Bytes(_) => "bytea",
        }
    }
}

impl Tx {
    /// Runs a writing statement over the batch and says how many rows it touched.
    pub(super) async fn batch_execute<R>(
        &mut self,
        operation: &'static str,
        batch: &Batch<'_, R>,
        statement: &'static str,
    ) -> Result<u64, StoreError> {
        self.batch_execute_raw(batch, statement)
            .await
            .map_err(StoreError::during(operation))
    }

    async fn batch_execute_raw<R>(
        &mut self,
        batch: &Batch<'_, R>,
        statement: &'static str,
    ) -> Result<u64, sqlx::Error> {
        let mut touched = 0;
        match &mut self.connection {
            Connection::Sqlite(transaction) => {
                for rows in batch.portions(batch.sqlite_rows_max()) {
                    let text = AssertSqlSafe(batch.sqlite_text(rows.len(), statement));
                    let query = sqlx::query_with(text, batch.sqlite_arguments(rows)?);
                    touched += query.execute(&mut **transaction).await?.rows_affected();
                }
            }
            Connection::Postgres(transaction) => {
                let text = batch.postgres_text(statement);
                for rows in batch.portions(POSTGRES_ROWS_MAX) {
                    let arguments = batch.postgres_arguments(&rows)?;
                    let query = sqlx::query_with(AssertSqlSafe(text.clone()), arguments);
                    touched += query.execute(&mut **transaction).await?.rows_affected();
                }
            }
        }
        Ok(touched)
    }
}

impl Reader {
    /// Runs a statement that gives rows over the batch. Their order means nothing.
    pub(super) async fn batch_fetch<R, Row>(
        &mut self,
        operation: &'static str,
        batch: &Batch<'_, R>,
        statement: &'static str,
    ) -> Result<Vec<Row>, StoreError>
    where
        Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.batch_fetch_raw(batch, statement)
            .await
            .map_err(StoreError::during(operation))
    }

    async fn batch_fetch_raw<R, Row>(
        &mut self,
        batch: &Batch<'_, R>,
        statement: &'static str,
    ) -> Result<Vec<Row>, sqlx::Error>
    where
        Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut found = Vec::new();
        match &mut self.connection {
            Connection::Sqlite(transaction) => {
                for rows in batch.portions(batch.sqlite_rows_max()) {
                    let text = AssertSqlSafe(batch.sqlite_text(rows.len(), statement));
                    let query = sqlx::query_as_with(text, batch.sqlite_arguments(rows)?);
                    found.append(&mut query.fetch_all(&mut **transaction).await?);
                }
            }
            Connection::Postgres(transaction) => {
                let text = batch.postgres_text(statement);
                for rows in batch.portions(POSTGRES_ROWS_MAX) {
                    let arguments = batch.postgres_arguments(&rows)?;
                    let query = sqlx::query_as_with(AssertSqlSafe(text.clone()), arguments);
                    found.append(&mut query.fetch_all(&mut **transaction).await?);
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::SqlitePool;

    use super::*;

    type Kept = (i64, Option<String>, Option<Vec<u8>>);

    fn batch(rows: &[Kept]) -> Batch<'_, Kept> {
        Batch::over(rows)
            .column("id", |row| row.0)
            .column("name", |row| row.1.clone())
            .column("coded", |row| row.2.clone())
    }

    #[test]
    fn postgresql_unnests_one_array_a_column() {
        assert_eq!(
            batch(&[]).postgres_text("SELECT id FROM batch"),
            "WITH batch (id, name, coded) AS \
             (SELECT * FROM UNNEST($1::int8[], $2::text[], $3::bytea[])) SELECT id FROM batch"
        );
    }

    #[test]
    fn sqlite_keeps_few_statements_and_none_beyond_its_binds() {
        let rows = vec![(0, None, None); SQLITE_ROWS_MAX];
        let texts: std::collections::BTreeSet<_> = (1..=SQLITE_ROWS_MAX)
            .map(|count| batch(&rows[..count]).sqlite_text(count, "SELECT 1"))
            .collect();
        assert_eq!(texts.len(), SQLITE_SIZES.len());
        let wide = (0..100).fold(Batch::over(&rows), |batch, _| {
            batch.column("x", |row| row.0)
        });
        let text = wide.sqlite_text(wide.sqlite_rows_max(), "SELECT 1");
        assert!(text.matches('?').count() <= SQLITE_BINDS_MAX);
        assert_eq!(wide.sqlite_rows_max(), 327);
    }

    #[tokio::test]
    async fn every_kind_of_cell_arrives_as_it_was() {
        let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
        let mut tx = Tx::new(Connection::Sqlite(pool.begin().await.unwrap()));
        for count in [0, 1, 2, 8, 9, 65, 700] {
            let rows: Vec<Kept> = (0..count)
                .map(|row| match row % 3 {
                    0 => (i64::MIN + row, Some(format!("店 {row}")), None),
                    1 => (i64::MAX - row, None, Some(vec![0, 255, 39])),
                    _ => (-row, Some(String::new()), Some(Vec::new())),
                })
                .collect();
            let statement = "SELECT id, name, coded FROM batch";
            let mut read: Vec<Kept> = tx
                .batch_fetch("test", &batch(&rows), statement)
                .await
                .unwrap();
            let mut expected = rows;
            read.sort();
            expected.sort();
            assert_eq!(read, expected);
        }
    }
}
