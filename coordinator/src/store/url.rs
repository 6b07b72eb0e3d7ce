//! Where the database is: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
//!
//! The text may carry a password, so neither `Debug` nor `Display` nor any error repeats it.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

/// A place where a database is or will be.
#[derive(Clone)]
pub struct DatabaseUrl(Place);

/// The two kinds of places.
#[derive(Clone)]
pub(super) enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A server; boxed, because it is many times larger than a path.
    Postgres(Box<PgConnectOptions>),
}

/// Why a text names no database. The text itself is not repeated: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another beginning.
    #[error(
        "the database's address begins with neither “sqlite:” nor “postgres://”; \
         write sqlite:/var/lib/keepwatch/keepwatch.db or postgres://USER@HOST/DATABASE"
    )]
    UnknownKind,
    /// SQLite without a file.
    #[error("the database's address names no file after “sqlite:”")]
    NoPath,
    /// SQLite with `?…`, which would be taken as part of a file's name.
    #[error(
        "the address of an SQLite database takes no parameters; remove the “?” and what follows"
    )]
    Parameters,
    /// PostgreSQL's own address is malformed.
    #[error("the address of the PostgreSQL database cannot be read")]
    Postgres(#[source] sqlx::Error),
}

impl DatabaseUrl {
    /// Reads an address. For PostgreSQL, what the address leaves out comes from the environment
    /// (`PGHOST`, `PGPASSWORD`, …), as with that database's own tools.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = text.parse().map_err(DatabaseUrlError::Postgres)?;
            return Ok(Self(Place::Postgres(Box::new(options))));
        }
        let path = text
            .strip_prefix("sqlite:")
            .ok_or(DatabaseUrlError::UnknownKind)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.contains('?') {
            return Err(DatabaseUrlError::Parameters);
        }
        if path.is_empty() || path == ":memory:" {
            return Err(DatabaseUrlError::NoPath);
        }
        Ok(Self::sqlite(path))
    }

    /// A database in a file.
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self(Place::Sqlite(path.as_ref().to_owned()))
    }

    pub(super) fn place(&self) -> &Place {
        &self.0
    }
}

/// The address without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(options) => {
                let database = options.get_database().unwrap_or(options.get_username());
                write!(f, "postgres://{}@", options.get_username())?;
                match options.get_socket() {
                    Some(socket) => write!(f, "{}/{database}", socket.display()),
                    None => write!(
                        f,
                        "{}:{}/{database}",
                        options.get_host(),
                        options.get_port()
                    ),
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_written_with_and_without_slashes() {
        for text in ["sqlite:/srv/k.db", "sqlite:///srv/k.db"] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), "sqlite:/srv/k.db");
        }
    }

    #[test]
    fn neither_the_address_nor_its_errors_show_the_password() {
        let url = DatabaseUrl::parse("postgres://kw:hunter2@db.example:5433/keepwatch").unwrap();
        assert_eq!(url.to_string(), "postgres://kw@db.example:5433/keepwatch");
        let error =
            DatabaseUrl::parse("postgres://kw:hunter2@db.example:port/keepwatch").unwrap_err();
        for shown in [
            format!("{url:?}"),
            format!("{error:?}"),
            keepwatch_common::error_chain::chain(&error).to_string(),
        ] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn what_is_no_durable_database_is_refused() {
        assert!(matches!(
            DatabaseUrl::parse("mysql://x").unwrap_err(),
            DatabaseUrlError::UnknownKind
        ));
        for text in ["sqlite:", "sqlite://", "sqlite::memory:"] {
            assert!(matches!(
                DatabaseUrl::parse(text).unwrap_err(),
                DatabaseUrlError::NoPath
            ));
        }
        assert!(matches!(
            DatabaseUrl::parse("sqlite:k.db?mode=ro").unwrap_err(),
            DatabaseUrlError::Parameters
        ));
    }
}
