//! Brings a database to this program's schema, alone with it.

use keepwatch_common::clock::{Clock, SystemClock};

use super::state::{StateError, database_url};
use crate::config::Config;
use crate::store::{OpenError, Opening, Schema, Sharing, Store};

/// Why a database was not migrated; it stands as it stood.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// There are no threads.
    #[error("the system does not give what a process needs")]
    System(#[from] std::io::Error),
    /// Where the database is cannot be read.
    #[error("the database is not known")]
    State(#[from] StateError),
    /// It cannot be opened alone, or does not take the steps.
    #[error("the database was not migrated")]
    Open(#[from] OpenError),
}

/// Applies what is missing; the names of the steps.
pub fn migrate(config: &Config) -> Result<Vec<&'static str>, MigrateError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let url = database_url(&config.database)?;
        let schema = Schema::Migrate {
            at: SystemClock::new().now(),
        };
        let store = Store::open(
            &url,
            Opening {
                sharing: Sharing::Alone,
                schema,
            },
        )
        .await?;
        let applied = store.migrated().to_vec();
        store.close().await;
        Ok(applied)
    })
}
