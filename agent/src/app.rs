//! Puts the agent together and runs it: every part gets what it needs and nothing else.
//!
//! Everything that can be refused is refused before anything starts. The command line calls this, and
//! so may any program that wants an agent inside.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::ids::nonce;
use keepwatch_common::model::observation::{AgentStarted, Body, EvidenceLost, Lane};
use keepwatch_common::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

mod holds;
mod observers;
/// What a configuration means, checked as far as nothing has to be opened.
pub mod plan;
mod share;
mod teller;

use crate::config::{Config, SpoolBounds};
use crate::desired::Desk;
use crate::device::source::key::{self, KeyError};
use crate::identity::folder::FolderError;
use crate::identity::home::HomeError;
use crate::identity::time::{TrustedTime, built};
use crate::identity::{IdentityHome, SystemRandomness};
use crate::lifecycle::{self, Failure, Lifecycle};
use crate::outlet::{self, Stopping};
use crate::spool::{FolderSpace, Limits, OpenError, Opened, Spool};
use crate::storage::machine::Machine;
use crate::uplink::{Parts, STAMP_BYTES, Uplink};

use observers::{Given, Observers};
use plan::{Plan, PlanError};
use share::Share;

/// The spool's folder in the state folder.
const SPOOL: &str = "spool";

/// Slots of state that the spool takes: a day of a camera is one, and days are kept for 400 days;
/// 160 cameras, with the faults of some hundred files.
const STATE_SLOTS_MAX: u64 = 65_536;

/// Bytes of state: a slot is some hundred bytes, one of a camera that records on motion a few
/// thousand.
const STATE_BYTES_MAX: u64 = 64 << 20;

/// Why the agent does not run, or does not any more.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is good for nothing.
    #[error("the configuration cannot be used")]
    Plan(#[from] PlanError),
    /// The identity cannot be read.
    #[error("the agent's identity cannot be read")]
    Home(#[from] HomeError),
    /// There is none.
    #[error(
        "this agent has not joined a coordinator; run `keepwatch-agent join` with a join string \
         from `keepwatch token create`"
    )]
    NotJoined,
    /// Secrets could not be hashed.
    #[error("configurations cannot be watched")]
    Key(#[from] KeyError),
    /// What people want of this agent cannot be kept.
    #[error("what is wanted of this agent cannot be kept")]
    Desired(#[source] FolderError),
    /// The spool does not open.
    #[error("observations cannot be kept")]
    Spool(#[from] OpenError),
    /// No runtime.
    #[error("the system gives no threads")]
    Runtime(#[source] std::io::Error),
    /// A part died.
    #[error("the agent stopped")]
    Part(#[from] Failure),
}

impl RunError {
    /// Whether the agent ran: then its supervisor should start it again, otherwise a person has to
    /// act.
    pub fn has_run(&self) -> bool {
        matches!(self, Self::Part(_) | Self::Runtime(_))
    }
}

/// Runs an agent on a runtime of its own until the token is cancelled or a part dies. Blocks; heeds
/// no signals.
pub fn run(config: Config, clock: Arc<dyn Clock>, stop: CancellationToken) -> Result<(), RunError> {
    let runtime = lifecycle::runtime().map_err(RunError::Runtime)?;
    let outcome = runtime.block_on(serve(config, clock, stop));
    // What is still blocked on a disk is left behind.
    runtime.shutdown_background();
    outcome
}

/// Runs an agent on the runtime at hand until the token is cancelled or a part dies.
pub async fn serve(
    config: Config,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    serve_on(Machine::this(), config, clock, stop).await
}

/// The same, where the machine shows itself elsewhere than usual.
pub async fn serve_on(
    machine: Machine,
    config: Config,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let plan = Plan::of(&config)?;
    let home = IdentityHome::open(&config.state)?;
    let identity = home.current()?.ok_or(RunError::NotJoined)?;
    let key = key::load_or_draw(&config.state, &SystemRandomness)?;
    let opened = open_spool(&config, clock.now()).await?;
    let (desk, desired) = Desk::open(&config.state).map_err(RunError::Desired)?;
    let started_at = clock.now();
    info!(agent = %identity.agent(), branch = identity.branch(), version = env!("CARGO_PKG_VERSION"), "starting");

    let lifecycle = Lifecycle::new(stop);
    let (outlet, observations) = outlet::queue();
    let process = nonce(&SystemRandomness);
    let news = news(process, opened.quarantined.is_some(), started_at);
    let uplink = Uplink::new(Parts {
        spool: opened.spool,
        epoch: opened.epoch,
        observations,
        time: time(&home, &clock)?,
        desk,
        home,
        identity,
        clock: Arc::clone(&clock),
        randomness: Arc::new(SystemRandomness),
        process,
        tasks: lifecycle.tasks().clone(),
    });
    let standing = uplink.standing();
    lifecycle.task("the uplink", uplink.run(lifecycle.stop().clone()));
    // The uplink listens already, and when it has died this is the least of our troubles.
    let (Ok(()) | Err(Stopping)) = outlet.tell_from_task(news, clock.as_ref()).await;

    let given = Given {
        config: &config,
        key: &key,
        desired,
    };
    let share = Share::new(machine, &outlet, &clock, &lifecycle);
    let observers = Observers::start(plan, given, &share, &lifecycle)?;
    // Nothing here may keep the queue open.
    drop(share);
    let teller = teller::Teller {
        state: config.state.clone(),
        clock: Arc::clone(&clock),
        started_at,
        uplink: standing,
        observers,
    };
    lifecycle.task("the status file", teller.run(lifecycle.stop().clone()));
    lifecycle.ready();
    lifecycle.stop().cancelled().await;
    // The uplink ends when every observer and we have let go of the queue.
    drop(outlet);
    Ok(lifecycle.finish().await?)
}

fn time(home: &IdentityHome, clock: &Arc<dyn Clock>) -> Result<Arc<TrustedTime>, HomeError> {
    let heard = home.heard()?;
    let time = TrustedTime::new(Arc::clone(clock), built(), heard);
    let standing = time.standing();
    if standing.is_fault() {
        warn!(?standing, "this machine's clock is wrong; set it");
    }
    Ok(Arc::new(time))
}

async fn open_spool(config: &Config, now: Instant) -> Result<Opened, OpenError> {
    let folder = config.state.join(SPOOL);
    let space = Box::new(FolderSpace::new(folder.clone()));
    let limits = limits(config.spool);
    let opened = Spool::open(&folder, limits, space, now, &SystemRandomness).await?;
    if let Some(moved) = &opened.quarantined {
        warn!(moved = %moved.display(), "the spool was damaged; a new one is begun");
    }
    Ok(opened)
}

/// What is told at every start. How much a damaged spool held is not known, so the count is 0.
fn news(process: u64, spool_was_damaged: bool, now: Instant) -> Vec<Body> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let mut news = vec![Body::Started(AgentStarted { version, process })];
    if spool_was_damaged {
        news.extend([Lane::Urgent, Lane::Routine].map(|lane| {
            Body::Lost(EvidenceLost {
                lane,
                sequences: (0, 0),
                count: 0,
                observed: (now, now),
            })
        }));
    }
    news
}

fn limits(bounds: SpoolBounds) -> Limits {
    Limits {
        evidence_bytes_max: bounds.bytes_max,
        evidence_age_ms_max: bounds.age_ms_max,
        disk_free_bytes_min: bounds.free_bytes_min,
        state_slots_max: STATE_SLOTS_MAX,
        state_bytes_max: STATE_BYTES_MAX,
        state_stamp_bytes: STAMP_BYTES,
        ..Limits::default()
    }
}
