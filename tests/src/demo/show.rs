//! The show: sets everything up as an operator would, waits until what was arranged is told, and goes
//! on until it is stopped.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::secret::Secret;
use serde::Serialize;
use serde_json::Value;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::arguments::{Arguments, Report};
use super::deliveries::{Deliveries, Delivery};
use super::expected::Expected;
use super::folder::{Folder, FolderError};
use super::guide::guide;
use super::headquarters::{Headquarters, HeadquartersError};
use super::program::ProgramError;
use super::scene::{CHANGED, Scene};
use super::secrets;
use super::site::Site;
use super::stage::{Stage, StageError};
use super::voice::{self, Voice};
use crate::footage::{LayError, NamingError, PlanError};

/// Between two looks at how things stand.
const LOOK: Duration = Duration::from_millis(250);

/// Why there was no show, or not all of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShowError {
    /// No folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// What ran does not any more.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// Headquarters.
    #[error(transparent)]
    Headquarters(#[from] HeadquartersError),
    /// The scene contradicts itself.
    #[error("the scene cannot be laid")]
    Plan(#[from] PlanError),
    /// A file has no name.
    #[error("the scene cannot be told")]
    Naming(#[from] NamingError),
    /// Footage.
    #[error("footage cannot be made")]
    Lay(#[from] LayError),
    /// The system.
    #[error("the system does not give what the demo needs")]
    System(#[from] io::Error),
    /// Standard output takes nothing.
    #[error("what the demo found cannot be printed")]
    Print(#[source] io::Error),
    /// It took too long.
    #[error("not done after {seconds} s; still waiting: {waiting_for}; --limit-s allows more")]
    Limit {
        /// What was allowed.
        seconds: u16,
        /// For what.
        waiting_for: String,
    },
    /// Somebody stopped it before the report.
    #[error("stopped before there was anything to report")]
    Stopped,
}

/// Shows all of it, and puts everything away however it ended.
pub(super) async fn show(
    arguments: &Arguments,
    clock: Arc<dyn Clock>,
    voice: Arc<Voice>,
) -> Result<(), ShowError> {
    let mut stop = Stop::listen()?;
    let folder = Folder::open(arguments.folder.as_deref(), arguments.keep)?;
    let path = folder.path().display().to_string();
    let mut stage = Stage::new(folder);
    let outcome = tokio::select! {
        played = play(arguments, &mut stage, &clock, &voice) => played,
        () = stop.asked() => match arguments.report {
            Some(Report::Json) => Err(ShowError::Stopped),
            None => Ok(()),
        },
    };
    voice.begin("putting everything away", None);
    let struck = stage.strike().await;
    voice.rest();
    if arguments.keep {
        voice.line(&format!("left in {path}"));
    }
    outcome?;
    Ok(struck?)
}

/// What came about.
struct Shown {
    /// The scene.
    scene: Scene,
    /// Where pages are.
    address: String,
    /// The administrator's.
    password: Secret,
    /// The report.
    report: Reported,
}

/// The report, as it is printed.
#[derive(Debug, Serialize)]
struct Reported {
    branches: usize,
    cameras: usize,
    segments: u64,
    alerts: Vec<Value>,
    drift_to_alert_ms: u64,
    scan_ms: u64,
}

async fn play(
    arguments: &Arguments,
    stage: &mut Stage,
    clock: &Arc<dyn Clock>,
    voice: &Arc<Voice>,
) -> Result<(), ShowError> {
    let seconds = arguments.limit_s;
    let limit = Duration::from_secs(seconds.into());
    let act = Box::pin(act(arguments, stage, clock, voice));
    let shown = tokio::time::timeout(limit, act).await;
    let shown = shown.map_err(|_| ShowError::Limit {
        seconds,
        waiting_for: voice.waiting_for(),
    })??;
    voice.rest();
    if arguments.report == Some(Report::Json) {
        // Numbers and what was JSON already always become JSON.
        voice::answer(&serde_json::to_string(&shown.report).unwrap_or_default())
            .map_err(ShowError::Print)?;
        return Ok(());
    }
    let Shown {
        scene,
        address,
        password,
        ..
    } = &shown;
    let goes = Some(stage.folder().path()).filter(|_| !arguments.keep);
    voice::answer(&guide(scene, address, password, goes)).map_err(ShowError::Print)?;
    loop {
        tokio::time::sleep(LOOK).await;
        stage.lives()?;
    }
}

/// From an empty folder to alerts that stand.
async fn act(
    arguments: &Arguments,
    stage: &mut Stage,
    clock: &Arc<dyn Clock>,
    voice: &Arc<Voice>,
) -> Result<Shown, ShowError> {
    let scene = Scene::of(arguments.days, arguments.cameras, clock.now());
    let expected = Expected::of(&scene)?;
    let deliveries = Deliveries::listen().await?;
    let password = secrets::password();
    let headquarters =
        Headquarters::furnish(stage.folder(), &deliveries.url(), deliveries.secret())?;
    let (heard, mut hearing) = watch::channel(Vec::new());
    let following = deliveries.follow(clock.clone(), voice.clone(), heard);
    stage.task(async move {
        following.await;
        Ok(())
    });

    let sites = scene.branches.iter().cloned();
    let sites: Vec<_> = sites
        .map(|branch| Site::new(branch, stage.folder()))
        .collect();
    voice.begin("making footage", Some(files(&scene)?));
    for site in &sites {
        site.furnish()?;
    }
    stage.lay(&sites, voice);
    let coordinator = stage.coordinator(headquarters.start(&password).await?);
    let address = headquarters.ready(coordinator).await?;
    let mut invitations = Vec::new();
    for site in &sites {
        invitations.push(headquarters.add_branch(site.branch()).await?);
    }
    let segments = stage.laid().await?;

    voice.begin(
        "agents join and read their footage",
        Some(sites.len() as u64),
    );
    for (site, invitation) in sites.iter().zip(&invitations) {
        site.join(invitation).await?;
        stage.agent(site.start()?);
    }
    stage.record(sites.clone(), scene.began, clock.clone());
    for site in &sites {
        while !headquarters.approve(site.branch()).await? {
            pause(stage).await?;
        }
    }
    let scan_ms = scanned(stage, &sites, voice).await?;
    let (drift, first): (Vec<_>, Vec<_>) = expected.into_iter().partition(Expected::is_drift);
    voice.begin("alerts of what was recorded", None);
    stand(stage, &headquarters, &first, voice).await?;

    voice.begin("an unauthorised change, and its alert", None);
    let drift_to_alert_ms =
        changed_and_heard(&sites[CHANGED], clock.as_ref(), &mut hearing).await?;
    let alerts = stand(stage, &headquarters, &[first, drift].concat(), voice).await?;
    let report = Reported {
        branches: scene.branches.len(),
        cameras: scene.cameras(),
        segments,
        alerts,
        drift_to_alert_ms,
        scan_ms,
    };
    Ok(Shown {
        scene,
        address,
        password,
        report,
    })
}

/// Changes a watched file and waits for the webhook to hear of it; how long that took, in
/// milliseconds. What hears goes on as long as the stage stands.
async fn changed_and_heard(
    site: &Site,
    clock: &dyn Clock,
    hearing: &mut watch::Receiver<Vec<Delivery>>,
) -> Result<u64, ShowError> {
    let code = site.branch().code;
    let raised = |all: &[Delivery]| {
        let raises = |delivery: &&Delivery| delivery.raises("config_drift", code);
        all.iter().find(raises).map(|delivery| delivery.at)
    };
    let before = clock.tick();
    site.tamper()?;
    loop {
        if let Some(at) = raised(&hearing.borrow_and_update()) {
            return Ok(at.since(before));
        }
        hearing.changed().await.map_err(io::Error::other)?;
    }
}

/// Waits until every agent has read its footage; how long the slowest took, in milliseconds.
async fn scanned(stage: &mut Stage, sites: &[Site], voice: &Voice) -> Result<u64, ShowError> {
    let mut walks = Vec::new();
    loop {
        let known = walks.len();
        walks = sites.iter().filter_map(Site::scan_ms).collect();
        voice.step(walks.len().saturating_sub(known) as u64);
        if walks.len() == sites.len() {
            return Ok(walks.into_iter().max().unwrap_or(0));
        }
        pause(stage).await?;
    }
}

/// Waits until these alerts stand; all that the API gives then.
async fn stand(
    stage: &mut Stage,
    headquarters: &Headquarters,
    expected: &[Expected],
    voice: &Voice,
) -> Result<Vec<Value>, ShowError> {
    loop {
        let alerts = headquarters.alerts().await?;
        let missing = expected
            .iter()
            .filter(|one| !alerts.iter().any(|item| one.is(item)));
        let missing: Vec<_> = missing.map(ToString::to_string).collect();
        if missing.is_empty() {
            return Ok(alerts);
        }
        voice.wait_for(&missing.join(", "));
        pause(stage).await?;
    }
}

async fn pause(stage: &mut Stage) -> Result<(), ShowError> {
    tokio::time::sleep(LOOK).await;
    Ok(stage.lives()?)
}

fn files(scene: &Scene) -> Result<u64, PlanError> {
    let mut files = 0;
    for plan in scene.branches.iter().flat_map(|branch| &branch.cameras) {
        files += plan.segments()?.len() as u64;
    }
    Ok(files)
}

/// The signals that ask the demo to end.
struct Stop([Signal; 3]);

impl Stop {
    fn listen() -> io::Result<Self> {
        let [interrupt, terminate, hangup] = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        Ok(Self([
            signal(interrupt)?,
            signal(terminate)?,
            signal(hangup)?,
        ]))
    }

    async fn asked(&mut self) {
        let Self([interrupt, terminate, hangup]) = self;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
