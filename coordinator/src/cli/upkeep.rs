//! What works without a running coordinator: running one, migrating, checking, the first person.
//!
//! Each opens the database alone, so it cannot come between a coordinator and its reports.

use std::path::Path;
use std::sync::Arc;

use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::error_chain::chain;
use keepwatch_common::secret::Secret;
use serde_json::json;

use super::error::CliError;
use super::print::{self, Format};
use super::table::Table;
use crate::app::{self, CheckError, Found, StateError, database_url};
use crate::auth::Viewer;
use crate::auth::password::Passwords;
use crate::auth::people::{WantedPerson, add_person};
use crate::authority::SystemRandomness;
use crate::config::Config;
use crate::store::exclusion::ExclusionError;
use crate::store::{OpenError, Opening, Schema, Sharing, Store};

/// Nothing is wrong.
const RIGHT: u8 = 0;

/// Something is wrong.
const WRONG: u8 = 1;

/// Runs the coordinator until it is told to stop.
pub(super) fn serve(config: &Path) -> Result<(), CliError> {
    Ok(app::serve(&Config::read(config)?)?)
}

/// Brings the database to this program's version.
pub(super) fn migrate(config: &Path, format: Format) -> Result<(), CliError> {
    let config = Config::read(config)?;
    fs_err::create_dir_all(&config.state)?;
    let applied = app::migrate(&config)?;
    if format == Format::Json {
        print::value(&json!({ "applied": applied }))?;
        return Ok(());
    }
    if applied.is_empty() {
        print::out("nothing to do, the database is at this program's version")?;
    }
    for name in applied {
        print::out(&format!("applied {name}"))?;
    }
    Ok(())
}

/// Sees whether a coordinator could start; the exit code.
pub(super) fn check(path: &Path, format: Format) -> Result<u8, CliError> {
    let config = Config::read(path)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let checked = runtime()?.block_on(app::check(&config, &clock));
    let mut said = vec![("configuration", "good".to_owned())];
    let mut code = RIGHT;
    for part in checked {
        let words = match part.outcome {
            Ok(Found::Good) => "good".to_owned(),
            Ok(Found::WillBeMade) => "not there yet; “keepwatch serve” makes it".to_owned(),
            Err(error) if is_in_use(&error) => "in use by a running program".to_owned(),
            Err(error) => {
                code = WRONG;
                chain(&error).to_string()
            }
        };
        said.push((part.part, words));
    }
    if format == Format::Json {
        let part = |(part, said)| json!({ "part": part, "said": said });
        let parts: Vec<_> = said.into_iter().map(part).collect();
        print::value(&json!({ "can_start": code == RIGHT, "parts": parts }))?;
        return Ok(code);
    }
    let mut table = Table::bare();
    for (part, words) in said {
        table.row([part.to_owned(), words]);
    }
    print::out(&table.to_string())?;
    Ok(code)
}

/// Adds the first person to a database that no coordinator serves.
pub(super) fn first_person(
    config: &Path,
    socket: &Path,
    person: &WantedPerson,
    password: Secret,
) -> Result<(), CliError> {
    let config = Config::read(config)?;
    let url = database_url(&config.database)?;
    let opening = Opening {
        sharing: Sharing::Alone,
        schema: Schema::MustBeCurrent,
    };
    runtime()?.block_on(async {
        let store = Store::open(&url, opening).await?;
        let added = first_person_to(&store, socket, person, password).await;
        store.close().await;
        added
    })
}

async fn first_person_to(
    store: &Store,
    socket: &Path,
    person: &WantedPerson,
    password: Secret,
) -> Result<(), CliError> {
    if store.read().await?.person_count().await? > 0 {
        let path = socket.to_owned();
        return Err(CliError::NotFirst { path });
    }
    if person.role != "administrator" {
        return Err(CliError::FirstIsNoAdministrator);
    }
    person.check(&password)?;
    let hash = Passwords::new(Arc::new(SystemRandomness))?
        .hash(password)
        .await?;
    let now = SystemClock::new().now();
    let mut tx = store.begin().await?;
    add_person(&mut tx, &Viewer::local(), person, &hash, now).await?;
    tx.commit().await?;
    Ok(())
}

fn is_in_use(error: &CheckError) -> bool {
    let CheckError::State(StateError::Open(OpenError::Exclusion { source, .. })) = error else {
        return false;
    };
    matches!(source, ExclusionError::InUse)
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime)
}
