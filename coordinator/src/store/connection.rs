//! One snapshot, one write transaction, and one body of code for both databases.
//!
//! sqlx's own connection to *any* database knows too few types and leaves placeholders as they are.
//! So a query is written once and compiled twice: [`on_both!`] expands one body for each concrete
//! connection. Both databases take `$1` as a placeholder and give 64-bit integers, texts and bytes.
//!
//! Everything runs inside a transaction, reads too: several queries of one page see one moment.

use std::ops::{Deref, DerefMut};

use sqlx::{Postgres, Sqlite, Transaction};

use super::error::StoreError;

/// A transaction of either database.
#[derive(Debug)]
pub(super) enum Connection {
    /// Of a file.
    Sqlite(Transaction<'static, Sqlite>),
    /// Of a server.
    Postgres(Transaction<'static, Postgres>),
}

/// One snapshot of the store. Keep it only as long as a page takes: while it lives, SQLite cannot
/// shorten its log and PostgreSQL cannot clear away old rows.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: Connection,
}

/// One write transaction: what a [`Reader`] can, and writing. Dropped, it is rolled back.
///
/// There is one at a time on SQLite; on PostgreSQL it sees what others committed meanwhile.
#[derive(Debug)]
pub struct Tx {
    reader: Reader,
}

impl Tx {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            reader: Reader { connection },
        }
    }

    /// Makes everything durable, or nothing.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.reader.connection {
            Connection::Sqlite(transaction) => transaction.commit().await,
            Connection::Postgres(transaction) => transaction.commit().await,
        }
        .map_err(StoreError::during("commit"))
    }

    /// Undoes everything now. Dropping does the same a little later, when the connection is next
    /// looked at: until then PostgreSQL keeps the locks.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.reader.connection {
            Connection::Sqlite(transaction) => transaction.rollback().await,
            Connection::Postgres(transaction) => transaction.rollback().await,
        }
        .map_err(StoreError::during("rollback"))
    }
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

/// Compiles one body for both databases: `on_both!(self, c => sqlx::query("…").execute(c).await)`.
///
/// `self` is a [`Reader`] or a [`Tx`]; `c` is its concrete connection, to be used once.
macro_rules! on_both {
    ($holder:expr, $connection:ident => $body:expr) => {
        match &mut $holder.connection {
            $crate::store::connection::Connection::Sqlite(transaction) => {
                let $connection = &mut **transaction;
                $body
            }
            $crate::store::connection::Connection::Postgres(transaction) => {
                let $connection = &mut **transaction;
                $body
            }
        }
    };
}

pub(super) use on_both;
