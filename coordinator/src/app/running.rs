//! Starts everything in order, and ends it in order.
//!
//! To end: nobody is let in any more; agents are told to come back; what they sent is written down
//! and acknowledged; notifications on their way arrive; then the database is closed. Whatever takes
//! too long is left: it was not acknowledged, or is lent, and happens after the restart.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::ids::Randomness;
use keepwatch_common::model::address::AddressError;
use keepwatch_common::wire::coordinator_session::Reason;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use super::front::{Front, FrontError};
use super::readiness;
use super::services::{Addresses, Services};
use super::state::{State, StateError, policy_pack};
use crate::activator::Activator;
use crate::assess::{Assessor, Bench, Policy};
use crate::authority::server::{ServerCertificate, ServerError};
use crate::authority::tls::{self, TlsError};
use crate::authority::{folder::PrivateFolder, provider};
use crate::background::{self, Driver, Overview};
use crate::config::{Config, Database, WebAddress, WebTls};
use crate::intake::joining::Joining;
use crate::intake::reception::{Doors, Reception, ReceptionError};
use crate::intake::roll::Roll;
use crate::intake::writer::{self, Delivery, QUEUE_MAX};
use crate::lifecycle::{Death, Lifecycle};
use crate::metrics::Metrics;
use crate::notify::{Channels, ChannelsError, Sender};

/// Time for agents to hear that they should come back.
const PARTING: Duration = Duration::from_secs(3);

/// Time for what is queued to be written down and for notifications on their way to arrive.
const LAST_WORK: Duration = Duration::from_secs(12);

/// Why a coordinator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// With what it keeps.
    #[error("what the coordinator keeps cannot be used")]
    State(#[from] StateError),
    /// Its certificate.
    #[error("the coordinator has no certificate")]
    Certificate(#[from] ServerError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// Channels.
    #[error("the channels for notifications cannot be used")]
    Channels(#[from] ChannelsError),
    /// Ports.
    #[error("nobody can connect")]
    Reception(#[from] ReceptionError),
    /// Pages and the API.
    #[error("pages and the API cannot be served")]
    Front(#[from] FrontError),
    /// Links of notifications would lead nowhere.
    #[error("the address of the pages cannot be told; name it in web.address")]
    Pages(#[from] AddressError),
}

/// Why a coordinator did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It did not start.
    #[error("the coordinator does not start")]
    Start(#[from] StartError),
    /// A part of it died.
    #[error("the coordinator stopped because a part of it died")]
    Died(#[from] Death),
}

/// A coordinator that runs.
#[derive(Debug)]
pub struct Running {
    services: Services,
    life: Lifecycle,
    reception: Reception,
    connections: TaskTracker,
    visits: TaskTracker,
    deliveries: mpsc::Sender<Delivery>,
    writer_stop: CancellationToken,
    folder: PrivateFolder,
}

/// Runs a coordinator until asked to stop, or until a part of it dies.
pub async fn run(
    config: &Config,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let running = start(config, clock, randomness, &stop).await?;
    Ok(running.ended().await?)
}

/// Starts a coordinator; agents are let in when this returns.
pub async fn start(
    config: &Config,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    stop: &CancellationToken,
) -> Result<Running, StartError> {
    let pack = policy_pack(&config.policy)?;
    let channels = Channels::open(&config.channels, &provider())?;
    let state = State::open(config, clock.as_ref(), randomness.as_ref()).await?;
    let (certificate, reception) = open_doors(config, &state, &clock)?;
    let front = Front::open(config, &certificate, &clock).await?;
    let policy = Policy {
        pack: Arc::new(pack),
        channels: channels.names(),
        pages: pages(config, front.web_at().port())?,
    };
    let metrics = Arc::new(Metrics::new());
    let roll = Roll::new(
        state.store.clone(),
        state.authority.clone(),
        state.admitted.clone(),
        clock.clone(),
    );
    let services = Services {
        store: state.store,
        roll: Arc::new(roll.counted(metrics.intake.clone())),
        authority: state.authority,
        certificate,
        admitted: state.admitted,
        policy,
        outbox: Activator::default(),
        metrics,
        background: Overview::default(),
        started_at: clock.now(),
        clock,
        randomness,
        names: config.names.clone(),
        addresses: Addresses {
            agents: reception.agents_at(),
            join: reception.join_at(),
            web: front.web_at(),
        },
    };
    let (deliveries, queue) = mpsc::channel(QUEUE_MAX);
    let running = Running {
        services,
        life: Lifecycle::until(stop),
        reception,
        connections: TaskTracker::new(),
        visits: TaskTracker::new(),
        deliveries,
        writer_stop: CancellationToken::new(),
        folder: state.folder,
    };
    running.write(queue);
    running.notify(channels);
    running.do_chores(config);
    running.receive();
    front.serve(&running.services, &running.life, &running.visits)?;
    let Addresses { agents, join, web } = running.services.addresses;
    info!(%agents, %join, %web, "the coordinator is ready");
    readiness::ready(&running.services, &running.folder);
    Ok(running)
}

/// Where people reach the pages: as configured, or by the first name where they are served.
fn pages(config: &Config, port: u16) -> Result<String, AddressError> {
    let address = match (&config.web_address, config.names.first()) {
        (None, Some(name)) => WebAddress::served_at(name, port, config.web_tls != WebTls::None)?,
        (Some(address), _) => address.clone(),
        (None, None) => return Ok(String::new()),
    };
    Ok(address.to_string())
}

fn open_doors(
    config: &Config,
    state: &State,
    clock: &Arc<dyn Clock>,
) -> Result<(Arc<ServerCertificate>, Reception), StartError> {
    let names: Vec<_> = config.names.iter().map(ToString::to_string).collect();
    let certificate = ServerCertificate::issue(&state.authority, &names, clock.now())?;
    let certificate = Arc::new(certificate);
    let (admitted, now) = (state.admitted.clone(), clock.clone());
    let doors = Doors {
        agents: config.listen.agents,
        agents_tls: tls::agent_config(&state.authority, &certificate, admitted, now)?,
        join: config.listen.join,
        join_tls: tls::join_config(&certificate, clock.clone())?,
        keys: &state.reset,
    };
    Ok((certificate, Reception::open(doors)?))
}

impl Running {
    /// What it offers to pages, the API and tests.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Its tasks: what else belongs to it is started here, and dies with it.
    pub fn life(&self) -> &Lifecycle {
        &self.life
    }

    /// Waits until it is asked to stop or a part of it dies, and ends in order.
    pub async fn ended(self) -> Result<(), Death> {
        self.life.stop().cancelled().await;
        info!("the coordinator stops");
        readiness::stopping(&self.folder);
        let services = &self.services;
        services.roll.registry().end_all(Reason::Restarting);
        self.connections.close();
        self.visits.close();
        // Who has not heard it by then notices with the next packet.
        let (Ok(()) | Err(_)) = tokio::time::timeout(PARTING, self.connections.wait()).await;
        self.reception.close().await;
        let parted = tokio::time::timeout(PARTING, self.connections.wait()).await;
        if parted.is_err() {
            // They wait for a writer that cannot write; without it they end.
            error!("reports could not be written down and are left with their agents");
            self.writer_stop.cancel();
            self.connections.wait().await;
        }
        // A page or a command that was being answered; nobody else waits for it.
        let (Ok(()) | Err(_)) = tokio::time::timeout(PARTING, self.visits.wait()).await;
        // With the last sender gone the writer writes what is queued, and returns.
        drop(self.deliveries);
        let last_work = tokio::time::timeout(LAST_WORK, self.life.ended()).await;
        let death = last_work.unwrap_or_else(|_| {
            error!("the last work took too long and is left for the next start");
            self.writer_stop.cancel();
            self.life.death()
        });
        if let Err(failed) = services.roll.write_down().await {
            error!(error = %chain(&failed), "who left is not written down");
        }
        services.store.close().await;
        info!("the coordinator has stopped");
        death.map_or(Ok(()), Err)
    }

    fn write(&self, queue: mpsc::Receiver<Delivery>) {
        let services = &self.services;
        let assessor = Assessor::new(
            services.store.clone(),
            services.policy.clone(),
            services.clock.clone(),
            services.outbox.clone(),
        )
        .counted(services.metrics.intake.clone());
        let (randomness, stop) = (services.randomness.clone(), self.writer_stop.clone());
        self.life.spawn_named("writer", async move {
            writer::run(assessor, queue, randomness.as_ref(), stop).await;
        });
    }

    fn notify(&self, channels: Channels) {
        let services = &self.services;
        let sender = Sender::new(
            services.store.clone(),
            channels,
            services.clock.clone(),
            services.randomness.clone(),
            services.outbox.clone(),
            services.metrics.notify.clone(),
        );
        let stop = self.life.stop().clone();
        self.life.spawn_named("notifications", sender.run(stop));
    }

    fn do_chores(&self, config: &Config) {
        let services = &self.services;
        let (store, clock) = (&services.store, &services.clock);
        let driver = Driver::new(&self.life, services.background.clone(), clock.clone());
        driver.start(background::Presence::new(
            services.roll.clone(),
            store.clone(),
            clock.clone(),
        ));
        let bench = Bench::new(
            store.clone(),
            services.policy.clone(),
            clock.clone(),
            services.outbox.clone(),
        );
        driver.start(background::Silence::new(
            bench.clone(),
            services.roll.clone(),
            clock.clone(),
        ));
        driver.start(background::Intentions::new(
            store.clone(),
            services.roll.clone(),
        ));
        driver.start(background::Waiting::new(bench.clone()));
        driver.start(background::Ageing::new(bench, clock.clone()));
        let keep = config.keep;
        driver.start(background::Clearing::new(
            store.clone(),
            keep,
            clock.clone(),
        ));
        // Nobody else can have a file.
        if !matches!(config.database, Database::Sqlite(_)) {
            driver.start(background::Admission::new(
                store.clone(),
                services.roll.clone(),
                services.admitted.clone(),
                clock.clone(),
            ));
        }
        driver.start(background::Certificate::new(
            services.authority.clone(),
            services.certificate.clone(),
            clock.clone(),
        ));
    }

    fn receive(&self) {
        let services = &self.services;
        let joining = Arc::new(Joining {
            store: services.store.clone(),
            authority: services.authority.clone(),
            admitted: services.admitted.clone(),
            clock: services.clock.clone(),
            randomness: services.randomness.clone(),
        });
        let (reception, tracker) = (self.reception.clone(), self.connections.clone());
        let (roll, deliveries) = (services.roll.clone(), self.deliveries.clone());
        let stop = self.life.stop().clone();
        self.life.spawn_named("agents", async move {
            let stop = stop.clone();
            reception
                .receive_agents(roll, deliveries, tracker, stop)
                .await;
        });
        let (reception, tracker) = (self.reception.clone(), self.connections.clone());
        let stop = self.life.stop().clone();
        self.life.spawn_named("strangers", async move {
            reception.receive_strangers(joining, tracker, stop).await;
        });
    }
}
