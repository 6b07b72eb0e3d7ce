//! Whether a coordinator could start with what its configuration names. Nothing is changed.

use std::path::Path;
use std::sync::Arc;

use keepwatch_common::clock::Clock;

use super::front::{FrontError, web_tls};
use super::state::{StateError, database_url, policy_pack};
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
    /// What is wrong with it.
    pub outcome: Result<(), CheckError>,
}

/// Looks at every part, whatever is wrong with the one before.
pub async fn check(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Checked> {
    let policy = policy_pack(&config.policy);
    let channels = Channels::open(&config.channels, &provider());
    let web = web_tls(&config.web_tls, None, clock);
    let parts = [
        ("policy", policy.map(drop).map_err(CheckError::from)),
        ("channels", channels.map(drop).map_err(CheckError::from)),
        ("web", web.map(drop).map_err(CheckError::from)),
        ("authority", authority(&config.state)),
        ("database", database(config).await),
    ];
    parts
        .into_iter()
        .map(|(part, outcome)| Checked { part, outcome })
        .collect()
}

/// A state folder that is not there yet is made when the coordinator starts.
fn authority(state: &Path) -> Result<(), CheckError> {
    let keys = state.join(super::state::KEYS);
    if !keys.exists() {
        return Ok(());
    }
    Authority::load(&PrivateFolder::open(&keys)?)?;
    Ok(())
}

async fn database(config: &Config) -> Result<(), CheckError> {
    let url = database_url(&config.database)?;
    let opening = Opening {
        sharing: Sharing::Alone,
        schema: Schema::MustBeCurrent,
    };
    let store = Store::open(&url, opening).await.map_err(StateError::from)?;
    store.close().await;
    Ok(())
}
