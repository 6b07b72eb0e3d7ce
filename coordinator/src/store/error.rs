//! What can go wrong with a statement.
//!
//! Three things: the database refused it, it gave back what this program never writes, or it was
//! asked to keep what it cannot. A rule that a caller must answer to (a name is taken, a key is known)
//! is no error here: it has an enum of its own beside the query.

/// A statement that failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused the statement or could not be reached.
    #[error("the database did not carry out {operation}")]
    Database {
        /// The query's name.
        operation: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds what this program never writes.
    #[error(
        "table {table} holds an impossible value in column {column} of row {row}; \
         restore that row from a backup"
    )]
    Corrupt {
        /// Where.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row, by its key.
        row: String,
    },
    /// A number needs more than the 63 bits that both databases keep.
    #[error("{number} does not fit into column {column} of table {table}")]
    TooLarge {
        /// Where.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// The number.
        number: u64,
    },
}

impl StoreError {
    /// Names the query that failed: `.map_err(StoreError::during("branch_fetch"))`.
    pub(super) fn during(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { operation, source }
    }

    /// A row that cannot be what was written.
    pub(super) fn corrupt(table: &'static str, column: &'static str, row: &str) -> Self {
        Self::Corrupt {
            table,
            column,
            row: row.to_owned(),
        }
    }

    /// Whether no row is to blame: the same work may well succeed later, and splitting it will not
    /// help. A lost connection, a deadlock, a full disk, a timeout.
    pub fn is_transient(&self) -> bool {
        let Self::Database { source, .. } = self else {
            return false;
        };
        match source {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(refusal) => {
                refusal.code().is_some_and(|code| is_transient_code(&code))
            }
            _ => false,
        }
    }
}

/// PostgreSQL speaks five characters (SQLSTATE), SQLite a number whose low byte is the cause.
fn is_transient_code(code: &str) -> bool {
    if code.len() == 5 {
        // Connection, rollback, resources, operator and system; a standby that cannot be written
        // to, a transaction that idled too long, a lock that was not given in time.
        return ["08", "40", "53", "57", "58"].contains(&&code[..2])
            || ["25006", "25P03", "55P03"].contains(&code);
    }
    // Busy, locked, out of memory, interrupted, input/output, full, cannot open.
    code.parse::<u32>()
        .is_ok_and(|number| [5, 6, 7, 9, 10, 13, 14].contains(&(number & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadlock_is_transient_and_a_broken_rule_is_not() {
        for code in ["40P01", "40001", "57014", "53100", "08006", "25006"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["23505", "23503", "22021", "42P01"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }

    #[test]
    fn sqlite_tells_its_cause_in_the_low_byte() {
        for code in ["5", "517", "13", "10", "3850"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["19", "2067", "787", "1", "x"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }
}
