//! What a coordinator keeps over a restart: the database, the authority's key, the endpoint's keys.
//!
//! Two mistakes would be silent disasters and are refused: an authority that is gone while agents
//! know it (a new one would orphan them all), and a schema of another program. A database is made
//! only where there is none.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::ids::Randomness;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::time::Instant;
use tracing::{info, warn};
use zeroize::Zeroizing;

use crate::authority::admission::AdmittedKeys;
use crate::authority::folder::{FolderError, PrivateFolder};
use crate::authority::root::{Authority, CreateError, LoadError};
use crate::config::{Config, Database, PolicySource};
use crate::domain::pack::{Pack, PackError, read as read_pack};
use crate::domain::packs;
use crate::intake::endpoint::reset::{ResetKeys, ResetKeysError};
use crate::store::url::DatabaseUrlError;
use crate::store::{DatabaseUrl, OpenError, Opening, Schema, Sharing, Store, StoreError};

/// The folder for keys inside the state folder.
pub(super) const KEYS: &str = "keys";

/// Longest address of a database in a file, in bytes.
const URL_BYTES_MAX: u64 = 4_096;

/// Largest policy pack read, in bytes: a little more than any that is taken, so that the refusal can
/// say what is wrong.
const PACK_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Why a coordinator cannot begin with what it keeps.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder cannot be used.
    #[error("the state folder cannot be used")]
    Folder(#[from] FolderError),
    /// The file with the database's address cannot be read.
    #[error("the file with the database's address cannot be read")]
    UrlFile(#[source] io::Error),
    /// A file is much larger than it can be.
    #[error("{} is too large to be what the configuration says", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// The address is none.
    #[error("the database's address is not understood")]
    Url(#[from] DatabaseUrlError),
    /// The database does not open.
    #[error("the database does not open")]
    Open(#[from] OpenError),
    /// The database fails.
    #[error("the database fails")]
    Store(#[from] StoreError),
    /// The authority is there and cannot be used.
    #[error("the authority cannot be used")]
    Load(#[from] LoadError),
    /// The authority cannot be made.
    #[error("the authority cannot be made")]
    Create(#[from] CreateError),
    /// The authority is not there, though agents know it.
    #[error(
        "the authority's key is not in {}, though {agents} agents joined under it; put back \
         authority.pem from a backup or from another coordinator of this database", folder.display()
    )]
    AuthorityLost {
        /// Where it should be.
        folder: PathBuf,
        /// How many keys would be worth nothing.
        agents: usize,
    },
    /// The endpoint's keys cannot be used.
    #[error("the endpoint's keys cannot be used")]
    Keys(#[from] ResetKeysError),
    /// The policy pack cannot be read.
    #[error("the policy pack cannot be read")]
    PackFile(#[source] io::Error),
    /// The policy pack is refused.
    #[error("the policy pack is refused")]
    Pack(#[from] PackError),
}

/// What is kept, opened.
#[derive(Debug)]
pub(super) struct State {
    pub(super) store: Store,
    pub(super) authority: Arc<Authority>,
    pub(super) admitted: Arc<AdmittedKeys>,
    pub(super) reset: ResetKeys,
    pub(super) folder: PrivateFolder,
}

impl State {
    pub(super) async fn open(
        config: &Config,
        clock: &dyn Clock,
        randomness: &dyn Randomness,
    ) -> Result<Self, StateError> {
        let folder = PrivateFolder::open(&config.state)?;
        let keys = PrivateFolder::open(&config.state.join(KEYS))?;
        let store = open_store(&config.database, clock.now()).await?;
        warn_if_nobody_can_sign_in(&store).await?;
        let admitted = store.read().await?.agent_keys_admitted().await?;
        let authority = match Authority::load(&keys)? {
            Some(authority) => authority,
            None if admitted.is_empty() => {
                info!(folder = %config.state.join(KEYS).display(), "a new authority is made; back it up");
                Authority::create(&keys, clock.now())?
            }
            None => {
                return Err(StateError::AuthorityLost {
                    folder: config.state.join(KEYS),
                    agents: admitted.len(),
                });
            }
        };
        let admitted = admitted.into_iter().map(Fingerprint::from_bytes);
        Ok(Self {
            authority: Arc::new(authority),
            admitted: Arc::new(AdmittedKeys::of(admitted)),
            reset: ResetKeys::load_or_make(&keys, randomness)?,
            store,
            folder,
        })
    }
}

/// The pack that the configuration names.
pub(super) fn policy_pack(source: &PolicySource) -> Result<Pack, StateError> {
    match source {
        PolicySource::MonitoringRoom => Ok(packs::monitoring_room()?),
        PolicySource::File(path) => {
            let text = read_text(path, PACK_BYTES_MAX, StateError::PackFile)?;
            Ok(read_pack(&path.display().to_string(), &text)?)
        }
    }
}

/// Where the database is that the configuration names.
pub fn database_url(database: &Database) -> Result<DatabaseUrl, StateError> {
    match database {
        Database::Sqlite(path) => Ok(DatabaseUrl::sqlite(path)),
        Database::Postgres(url) => Ok(DatabaseUrl::parse(url)?),
        Database::UrlFile(path) => {
            let text = read_text(path, URL_BYTES_MAX, StateError::UrlFile)?;
            Ok(DatabaseUrl::parse(text.trim())?)
        }
    }
}

async fn open_store(database: &Database, now: Instant) -> Result<Store, StateError> {
    let url = database_url(database)?;
    let schema = if is_new(database) {
        info!(database = %url, "a new database is made");
        Schema::Migrate { at: now }
    } else {
        Schema::MustBeCurrent
    };
    let sharing = Sharing::Serving;
    Ok(Store::open(&url, Opening { sharing, schema }).await?)
}

/// Without people the pages show a sign-in that lets nobody in, and nothing there could say why.
async fn warn_if_nobody_can_sign_in(store: &Store) -> Result<(), StateError> {
    if store.read().await?.person_count().await? == 0 {
        warn!(
            "nobody can sign in yet; add someone with “keepwatch user add NAME --role administrator”"
        );
    }
    Ok(())
}

/// Whether the database is made when the coordinator starts.
pub(super) fn is_new(database: &Database) -> bool {
    matches!(database, Database::Sqlite(path) if is_absent(path))
}

/// Whether there is no database yet; one that cannot be looked at is not absent.
fn is_absent(path: &Path) -> bool {
    match fs_err::metadata(path) {
        Ok(metadata) => metadata.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// A small file's text, wiped when dropped.
fn read_text(
    path: &Path,
    bytes_max: u64,
    unread: fn(io::Error) -> StateError,
) -> Result<Zeroizing<String>, StateError> {
    if fs_err::metadata(path).map_err(unread)?.len() > bytes_max {
        let path = path.to_owned();
        return Err(StateError::TooLarge { path });
    }
    fs_err::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(unread)
}
