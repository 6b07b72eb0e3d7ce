//! Joining: from a join string to an identity that is kept.
//!
//! The key is made and kept before it is asked for; the secret is sent only to a coordinator whose
//! authority has the fingerprint of the join string. It must not know where the string came from.

use std::path::Path;
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::model::join::JoinString;
use keepwatch_common::wire::v1::join::Join;
use rustls_pki_types::CertificateDer;
use uuid::Uuid;

use crate::identity::home::{HomeError, Joined};
use crate::identity::key::KeyError;
use crate::identity::time::{TrustedTime, built};
use crate::identity::tls::{TlsError, join_config};
use crate::identity::{Identity, IdentityHome};
use crate::uplink::joining::{self, JoinError};

/// Where this machine's name stands.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// Longest name of a machine told, in bytes; the kernel allows sixty-four.
const HOST_BYTES_MAX: usize = 64;

/// Why the agent has not joined.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The identity cannot be kept.
    #[error("the agent's identity cannot be kept")]
    Home(#[from] HomeError),
    /// The key cannot ask.
    #[error("the agent's key cannot ask for a certificate")]
    Key(#[from] KeyError),
    /// TLS cannot be had.
    #[error("no connection can be made")]
    Tls(#[from] TlsError),
    /// The coordinator does not let us in.
    #[error("not joined")]
    Join(#[from] JoinError),
    /// The answer names no agent.
    #[error("the coordinator's answer names no agent; update the older of both programs")]
    Answer(#[source] uuid::Error),
}

/// What came of it.
#[derive(Debug)]
pub enum Enrolled {
    /// It is one of the branch's agents now.
    Now(Identity),
    /// It was one already, and stays who it is.
    Already(Identity),
}

/// Joins with a join string; `again` replaces an identity that is there.
pub async fn enrol(
    state: &Path,
    join: &JoinString,
    again: bool,
    clock: Arc<dyn Clock>,
) -> Result<Enrolled, EnrolError> {
    let home = IdentityHome::open(state)?;
    if let Some(identity) = home.current()? {
        if !again {
            return Ok(Enrolled::Already(identity));
        }
        // The key of a renewal under way is known to the coordinator and could not join.
        home.drop_candidate()?;
    }
    let time = Arc::new(TrustedTime::new(clock, built(), home.heard()?));
    let tls = join_config(join.authority(), time)?;
    let question = Join {
        secret: join.secret().expose().to_owned(),
        request: home.candidate_key()?.request()?,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        host: host(),
    };
    let asked = joining::ask(join.joining(), join.authority(), tls, &question).await;
    let welcome = match asked {
        Ok(welcome) => welcome,
        Err(refused @ (JoinError::Request | JoinError::Token)) => {
            // The coordinator may know this key from an answer that was lost: the next try makes
            // another.
            home.drop_candidate()?;
            return Err(refused.into());
        }
        Err(failed) => return Err(failed.into()),
    };
    let agent = Uuid::try_parse(&welcome.joined.agent_id).map_err(EnrolError::Answer)?;
    let chain = welcome.joined.chain.into_iter();
    let identity = home.save_joined(Joined {
        agent,
        branch: welcome.joined.branch,
        coordinators: vec![join.coordinator().clone()],
        authority: welcome.authority,
        chain: chain.map(CertificateDer::from).collect(),
    })?;
    Ok(Enrolled::Now(identity))
}

/// This machine's name, for people only.
fn host() -> String {
    let name = fs_err::read_to_string(HOST_NAME).unwrap_or_default();
    let name = name.trim();
    name.get(..HOST_BYTES_MAX).unwrap_or(name).to_owned()
}
