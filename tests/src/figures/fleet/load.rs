//! One run of a fleet against a coordinator of its own, and the figures of several runs.
//!
//! Each run has a fresh coordinator and a fresh database. All agents connect, then begin at once; a
//! run is over when the last acknowledgement is in. Then the coordinator is stopped and its tables
//! are counted: what was acknowledged must be there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepwatch_agent::identity::key::AgentKey;
use keepwatch_agent::uplink::endpoint::open;
use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use keepwatch_common::wire::v1::report::Report;
use quinn::Endpoint;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::bare::{inserts_per_s, rows_of};
use super::kept::check;
use super::line::{Line, tls};
use super::mix::{self, Expected, WATCHED_NAME, WATCHED_PATH, reports};
use super::place::{Kind, Place};
use crate::databases::{Database, DatabaseError};
use crate::figures::child::Child;
use crate::figures::failure::{Failure, While};
use crate::figures::headquarters::{Approved, Headquarters};
use crate::figures::memory::resident_kib;
use crate::figures::statistics::{count, median, percentile, rounded, whole};
use crate::figures::stopwatch::Stopwatch;
use crate::receivers::Receiver;

/// Handshakes that are begun at once: a fleet comes back spread over time.
const HANDSHAKES_MAX: usize = 64;

/// Sockets that the agents share: thousands of them would only measure our own kernel.
const SOCKETS: usize = 16;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Agents, each at a branch of its own.
    pub agents: usize,
    /// Observations of each.
    pub observations: u64,
    /// Observations of one report at most.
    pub per_report: usize,
    /// Reports of one lane that an agent has on their way at most.
    pub in_flight: usize,
    /// Where the coordinator keeps them.
    pub database: Kind,
    /// How often.
    pub runs: usize,
    /// What is told.
    pub seed: u64,
    /// Where state is kept for as long as it takes.
    pub folder: PathBuf,
}

/// What was measured; medians of the runs.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Observations stored, judged and acknowledged a second.
    pub observations_per_s: f64,
    /// Bare inserts of the same rows a second.
    pub bare_inserts_per_s: f64,
    /// The one divided by the other.
    pub vs_bare: f64,
    /// From a report to its acknowledgement, in milliseconds.
    pub report_to_ack_ms: Latency,
    /// The coordinator's memory with all agents connected and quiet.
    pub rss_mib: f64,
    /// The same before any was there.
    pub rss_mib_before: f64,
    /// The same after all were heard.
    pub rss_mib_after_load: f64,
    /// What a quiet connection takes of it.
    pub rss_kib_per_connection: f64,
    /// Handshakes a second while connecting.
    pub connections_per_s: f64,
    /// Observations that were acknowledged, and counted in the tables, in every run.
    pub observations: i64,
    /// Agents.
    pub agents: usize,
    /// Observations of one report at most.
    pub per_report: usize,
    /// Reports of one lane that an agent had on their way at most.
    pub in_flight: usize,
    /// Runs.
    pub runs: usize,
    /// Processors of this machine, shared by the agents, the coordinator and the database.
    pub processors: usize,
}

/// Of all reports of a run.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latency {
    /// Half of them took no longer.
    pub p50: f64,
    /// All but one of a hundred took no longer.
    pub p99: f64,
}

/// One run.
#[derive(Debug)]
struct Run {
    per_s: f64,
    bare_per_s: f64,
    ack_ms: Vec<f64>,
    connected_per_s: f64,
    /// Before, connected, after.
    rss_kib: [u32; 3],
    expected: Expected,
}

/// An agent before it connects.
struct Recruit {
    tls: Arc<rustls::ClientConfig>,
    reports: Vec<(Lane, Report)>,
}

/// Runs the fleet as often as planned.
pub async fn measure(plan: &Plan) -> Result<Figures, Failure> {
    let mut runs = Vec::new();
    for _ in 0..plan.runs {
        runs.push(run(plan).await?);
    }
    let of = |figure: fn(&Run) -> f64| median(&runs.iter().map(figure).collect::<Vec<_>>());
    let mib = |at: fn(&Run) -> u32| {
        let kib: Vec<_> = runs.iter().map(|run| f64::from(at(run))).collect();
        median(&kib) / 1024.0
    };
    let (before, connected) = (mib(|run| run.rss_kib[0]), mib(|run| run.rss_kib[1]));
    let per_connection = (connected - before) * 1024.0 / count(plan.agents);
    let (ours, bare) = (of(|run| run.per_s), of(|run| run.bare_per_s));
    Ok(Figures {
        observations_per_s: whole(ours),
        bare_inserts_per_s: whole(bare),
        vs_bare: rounded(ours / bare),
        report_to_ack_ms: Latency {
            p50: rounded(of(|run| percentile(&run.ack_ms, 50))),
            p99: rounded(of(|run| percentile(&run.ack_ms, 99))),
        },
        rss_mib: rounded(connected),
        rss_mib_before: rounded(before),
        rss_mib_after_load: rounded(mib(|run| run.rss_kib[2])),
        rss_kib_per_connection: rounded(per_connection),
        connections_per_s: whole(of(|run| run.connected_per_s)),
        observations: runs.first().map_or(0, |run| run.expected.observations),
        agents: plan.agents,
        per_report: plan.per_report,
        in_flight: plan.in_flight,
        runs: plan.runs,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

async fn run(plan: &Plan) -> Result<Run, Failure> {
    let folder = tempfile::tempdir_in(&plan.folder).during("making a folder")?;
    match plan.database {
        Kind::Sqlite => {
            let bare = Place::Sqlite(folder.path().join("bare.db"));
            run_on(plan, folder.path(), None, &bare).await
        }
        Kind::Postgres => {
            let doing = "making a database";
            let database = Database::on_durable_postgres().await.during(doing)?;
            // The coordinator opens it itself.
            database.store.close().await;
            let address = database.address().unwrap_or_default();
            let bare = Place::Postgres(address.clone());
            let ran = run_on(plan, folder.path(), Some(&address), &bare).await;
            let removed: Result<(), DatabaseError> = database.remove().await;
            removed.during("removing a database")?;
            ran
        }
    }
}

async fn run_on(
    plan: &Plan,
    folder: &Path,
    address: Option<&str>,
    bare: &Place,
) -> Result<Run, Failure> {
    let receiver = Receiver::listen()
        .await
        .during("listening for notifications")?;
    let hq = Headquarters::found(folder, address, &receiver.url())?;
    let (recruits, expected, rows) = recruit(plan, &hq).await?;
    let (child, at) = Child::coordinator(&hq.config)?;
    let memory = || resident_kib(child.id()).during("reading the coordinator's memory");
    let before = memory()?;
    let endpoints: Result<Vec<_>, _> = (0..SOCKETS).map(|_| open(at)).collect();
    let endpoints = endpoints.during("opening sockets")?;
    let watch = Stopwatch::start();
    let crew = muster(&endpoints, at, recruits).await?;
    let connected_per_s = count(plan.agents) / watch.seconds();
    let connected = memory()?;
    let watch = Stopwatch::start();
    let (crew, ack_ms) = deliver(crew, plan.in_flight).await?;
    let seconds = watch.seconds();
    let after = memory()?;
    crew.into_iter().for_each(Line::leave);
    child.stop()?;
    let place = match address {
        None => Place::Sqlite(hq.file.clone()),
        Some(address) => Place::Postgres(address.to_owned()),
    };
    check(&place, expected).await?;
    let bare_per_s = inserts_per_s(bare, &rows)
        .await
        .during("inserting bare rows")?;
    Ok(Run {
        per_s: count(usize::try_from(expected.observations).unwrap_or(0)) / seconds,
        bare_per_s,
        ack_ms,
        connected_per_s,
        rss_kib: [before, connected, after],
        expected,
    })
}

/// Keys, certificates and everything that will be told; also as bare rows.
async fn recruit(
    plan: &Plan,
    hq: &Headquarters,
) -> Result<(Vec<Recruit>, Expected, Vec<super::bare::Row>), Failure> {
    let doing = "making an agent's key";
    let keys: Result<Vec<_>, _> = (0..plan.agents).map(|_| AgentKey::make()).collect();
    let keys = keys.during(doing)?;
    let requests: Result<Vec<_>, _> = keys.iter().map(AgentKey::request).collect();
    let baseline = mix::configuration(30);
    let approved = Approved {
        name: WATCHED_NAME,
        path: WATCHED_PATH,
        canonical: &baseline,
    };
    let enrolled = hq.enrol(&requests.during(doing)?, &[approved]).await?;
    let now: Instant = SystemClock::new().now();
    let (mut recruits, mut all, mut rows) = (Vec::new(), Expected::default(), Vec::new());
    for ((seed, key), one) in (plan.seed..).zip(&keys).zip(enrolled) {
        let told = reports(seed, plan.observations, plan.per_report, now);
        let (reports, expected) = told.during("making observations")?;
        all += expected;
        rows.extend(rows_of(one.agent, reports.iter().map(|(_, report)| report)));
        recruits.push(Recruit {
            tls: tls(hq.authority(), one.chain, key)?,
            reports,
        });
    }
    Ok((recruits, all, rows))
}

/// Connects all; each with what it will tell.
async fn muster(
    endpoints: &[Endpoint],
    at: std::net::SocketAddr,
    recruits: Vec<Recruit>,
) -> Result<Vec<(Line, Vec<(Lane, Report)>)>, Failure> {
    let (tracker, clock) = (TaskTracker::new(), Arc::new(SystemClock::new()));
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let mut coming = Vec::new();
    for (recruit, endpoint) in recruits.into_iter().zip(endpoints.iter().cycle()) {
        let (endpoint, clock) = (endpoint.clone(), clock.clone());
        let handshakes = handshakes.clone();
        coming.push(tracker.spawn(async move {
            let _turn = handshakes.acquire().await.during("waiting for a turn")?;
            let line = Line::connect(&endpoint, at, recruit.tls, clock).await?;
            Ok::<_, Failure>((line, recruit.reports))
        }));
    }
    let mut crew = Vec::new();
    for one in coming {
        crew.push(one.await.during("connecting an agent")??);
    }
    Ok(crew)
}

/// All tell at once; their connections, and how long each acknowledgement took.
async fn deliver(
    crew: Vec<(Line, Vec<(Lane, Report)>)>,
    in_flight: usize,
) -> Result<(Vec<Line>, Vec<f64>), Failure> {
    let tracker = TaskTracker::new();
    let telling: Vec<_> = crew
        .into_iter()
        .map(|(mut line, reports)| {
            tracker.spawn(async move {
                let took = line.deliver(reports, in_flight).await?;
                Ok::<_, Failure>((line, took))
            })
        })
        .collect();
    let (mut lines, mut ack_ms) = (Vec::new(), Vec::new());
    for one in telling {
        let (line, took) = one.await.during("delivering reports")??;
        lines.push(line);
        ack_ms.extend(took);
    }
    Ok((lines, ack_ms))
}
