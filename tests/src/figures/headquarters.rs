//! A coordinator's state made ready before it starts: its authority, its branches and their agents.
//!
//! A fleet of thousands would take minutes to join one by one, and joining is not what is measured.
//! So the authority issues the certificates here, on the requests that agents make, and what joining
//! would have entered is entered.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::ids::{Seeded, time_ordered};
use keepwatch_common::time::{DAY_MS, Instant};
use keepwatch_coordinator::authority::folder::PrivateFolder;
use keepwatch_coordinator::authority::issue::AgentRequest;
use keepwatch_coordinator::authority::root::Authority;
use keepwatch_coordinator::store::agents::NewAgent;
use keepwatch_coordinator::store::branches::NewBranch;
use keepwatch_coordinator::store::readings::NewReading;
use keepwatch_coordinator::store::watched::WatchedTold;
use keepwatch_coordinator::store::{DatabaseUrl, Opening, Schema, Sharing, Store, Tx};
use rustls::pki_types::CertificateDer;
use uuid::Uuid;

use super::failure::{Failure, While};

/// Days that the branches have been watched: what is older is history and told to nobody.
const WATCHED_DAYS: i64 = 31;

/// Days that a certificate lives.
const CERTIFICATE_DAYS: u16 = 30;

/// What signs the notifications.
const SECRET: &str = "00112233445566778899aabbccddeeff";

/// The folder of a coordinator that has not started, or not yet again.
#[derive(Debug)]
pub struct Headquarters {
    /// Its configuration.
    pub config: PathBuf,
    /// Its database, when that is a file.
    pub file: PathBuf,
    database: DatabaseUrl,
    authority: Authority,
}

/// An agent that may connect.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Its id.
    pub agent: Uuid,
    /// Its branch's code.
    pub branch: String,
    /// Its certificate.
    pub chain: Vec<CertificateDer<'static>>,
}

/// A watched file as it was approved.
#[derive(Debug, Clone, Copy)]
pub struct Approved<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its path.
    pub path: &'a str,
    /// What it says.
    pub canonical: &'a str,
}

impl Headquarters {
    /// Makes the folder's contents. The database is a file in it unless an address is given; all
    /// notifications go to `webhook`.
    pub fn found(folder: &Path, address: Option<&str>, webhook: &str) -> Result<Self, Failure> {
        let (state, doing) = (folder.join("state"), "making a coordinator's folder");
        PrivateFolder::open(&state).during(doing)?;
        let keys = PrivateFolder::open(&state.join("keys")).during(doing)?;
        let authority = Authority::create(&keys, now()).during("making an authority")?;
        let file = state.join("keepwatch.db");
        let (database, named) = match address {
            None => (DatabaseUrl::sqlite(&file), String::new()),
            Some(address) => {
                let url = secret_file(folder, "database-url", address)?;
                let named = format!("database_url_file = \"{}\"\n", url.display());
                (DatabaseUrl::parse(address).during(doing)?, named)
            }
        };
        let secret = secret_file(folder, "channel.secret", SECRET)?;
        let text = format!(
            "state = \"{}\"\nnames = [\"127.0.0.1\"]\n{named}[listen]\nagents = \"127.0.0.1:0\"\n\
             join = \"127.0.0.1:0\"\nweb = \"127.0.0.1:0\"\n[[channel]]\nname = \"figures\"\n\
             kind = \"webhook\"\nurl = \"{webhook}\"\nsecret_file = \"{}\"\n",
            state.display(),
            secret.display(),
        );
        let config = folder.join("keepwatch.toml");
        fs_err::write(&config, text).during(doing)?;
        Ok(Self {
            config,
            file,
            database,
            authority,
        })
    }

    /// The authority's certificate, for agents to pin.
    pub fn authority(&self) -> &CertificateDer<'static> {
        self.authority.certificate()
    }

    /// Enters an agent and a branch of its own for each request, with these files approved.
    pub async fn enrol(
        &self,
        requests: &[Vec<u8>],
        approved: &[Approved<'_>],
    ) -> Result<Vec<Enrolled>, Failure> {
        let opening = Opening {
            sharing: Sharing::Serving,
            schema: Schema::Migrate { at: now() },
        };
        let doing = "opening the coordinator's database";
        let store = Store::open(&self.database, opening).await.during(doing)?;
        let mut tx = store.begin().await.during(doing)?;
        let mut enrolled = Vec::new();
        for (number, request) in requests.iter().enumerate() {
            let one = self.enter(&mut tx, number, request, approved).await?;
            enrolled.push(one);
        }
        tx.commit().await.during("entering agents")?;
        store.close().await;
        Ok(enrolled)
    }

    async fn enter(
        &self,
        tx: &mut Tx,
        number: usize,
        request: &[u8],
        approved: &[Approved<'_>],
    ) -> Result<Enrolled, Failure> {
        let (now, doing) = (now(), "entering an agent");
        let code = format!("F-{number:05}");
        let branch = NewBranch {
            region_id: None,
            code: &code,
            name: "南京东路店",
            time_zone: "Asia/Shanghai",
            created_at: now - WATCHED_DAYS * DAY_MS,
        };
        let branch_id = tx.branch_ensure(&branch).await.during(doing)?;
        let seed = u64::try_from(number).unwrap_or(u64::MAX);
        let agent = time_ordered(now, &Seeded::new(seed));
        let wanted = AgentRequest {
            csr_der: request,
            agent,
            branch: &code,
            days: CERTIFICATE_DAYS,
        };
        let issued = self.authority.issue_agent(&wanted, now).during(doing)?;
        tx.agent_insert(&NewAgent {
            id: agent,
            branch_id,
            key_fingerprint: *issued.key.bytes(),
            host: "figures",
            version: env!("CARGO_PKG_VERSION"),
            joined_at: now,
            certificate_ends: issued.not_after,
        })
        .await
        .during(doing)?;
        approve(tx, branch_id, agent, approved, now).await?;
        Ok(Enrolled {
            agent,
            branch: code,
            chain: issued.chain,
        })
    }
}

/// Enters watched files, each with a reading that is approved.
async fn approve(
    tx: &mut Tx,
    branch_id: i64,
    agent: Uuid,
    approved: &[Approved<'_>],
    now: Instant,
) -> Result<(), Failure> {
    let doing = "approving a baseline";
    let told = approved.iter().map(|file| WatchedTold {
        branch_id,
        name: file.name.to_owned(),
        agent,
        path: file.path.to_owned(),
    });
    let told: Vec<_> = told.collect();
    let files = tx.watched_ensure_many(&told).await.during(doing)?;
    let read_ms = (now - DAY_MS).ms();
    let readings = files.iter().filter_map(|file| {
        let as_approved = approved.iter().find(|one| one.name == file.name)?;
        Some(NewReading {
            watched_id: file.id,
            at_ms: read_ms,
            received_ms: read_ms,
            status: "tree",
            canonical: Some(as_approved.canonical.to_owned()),
            owner: None,
            reason: None,
        })
    });
    let readings: Vec<_> = readings.collect();
    tx.readings_keep(&readings).await.during(doing)?;
    for file in tx.watched_list_of_branch(branch_id).await.during(doing)? {
        if let Some(reading) = file.latest_id {
            tx.baseline_approve(file.id, reading, "figures", now.ms(), "before the figures")
                .await
                .during(doing)?;
        }
    }
    Ok(())
}

fn now() -> Instant {
    SystemClock::new().now()
}

fn secret_file(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    let (path, doing) = (folder.join(name), "writing a coordinator's secret");
    fs_err::write(&path, text).during(doing)?;
    let private = std::fs::Permissions::from_mode(0o600);
    fs_err::set_permissions(&path, private).during(doing)?;
    Ok(path)
}
