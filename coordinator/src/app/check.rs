//! Whether a coordinator could start with what its configuration names. Nothing is changed.

use std::path::Path;
use std::sync::Arc;

use keepwatch_common::clock::Clock;

use super::front::{FrontError, web_tls};
use super::state::{StateError, database_url, is_new, policy_pack};
use crate::authority::folder::{FolderError, PrivateFolder};
use crate::authority::provider;
use crate::authority::root::{Authority, LoadError};
use crate::config::Config;
use crate::notify::{Channels, ChannelsError};
use crate::store::{Opening, Schema, Sharing, Store};

/// Why a part could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Policy, database or state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// Channels.
    #[error(transparent)]
    Channels(#[from] ChannelsError),
    /// The web's certificate.
    #[error(transparent)]
    Front(#[from] FrontError),
    /// The folder of keys.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The authority's key.
    #[error(transparent)]
    Authority(#[from] LoadError),
}

/// One part, and what was found.
#[derive(Debug)]
pub struct Checked {
    /// Which part.
    pub part: &'static str,
    /// How it was found, or what is wrong with it.
    pub outcome: Result<Found, CheckError>,
}

/// How a part was found with which a coordinator could start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It is there and can be used.
    Good,
    /// It is not there, and is made when the coordinator starts.
    WillBeMade,
}

/// Looks at every part, whatever is wrong with the one before.
pub async fn check(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Checked> {
    let policy = policy_pack(&config.policy);
    let channels = Channels::open(&config.channels, &provider());
    let web = web_tls(&config.web_tls, None, clock);
    let parts = [
        ("policy", policy.map(good).map_err(CheckError::from)),
        ("channels", channels.map(good).map_err(CheckError::from)),
        ("web", web.map(good).map_err(CheckError::from)),
        ("authority", authority(&config.state)),
        ("database", database(config).await),
    ];
    parts
        .into_iter()
        .map(|(part, outcome)| Checked { part, outcome })
        .collect()
}

fn good<T>(_: T) -> Found {
    Found::Good
}

/// A state folder that is not there yet is made when the coordinator starts.
fn authority(state: &Path) -> Result<Found, CheckError> {
    let keys = state.join(super::state::KEYS);
    if !keys.exists() {
        return Ok(Found::Good);
    }
    Authority::load(&PrivateFolder::open(&keys)?)?;
    Ok(Found::Good)
}

async fn database(config: &Config) -> Result<Found, CheckError> {
    if is_new(&config.database) {
        return Ok(Found::WillBeMade);
    }
    let url = database_url(&config.database)?;
    let opening = Opening {
        sharing: Sharing::Alone,
        schema: Schema::MustBeCurrent,
    };
    let store = Store::open(&url, opening).await.map_err(StateError::from)?;
    store.close().await;
    Ok(Found::Good)
}
