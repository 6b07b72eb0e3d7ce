//! The threads that observe: one a recorder, one for what is held, one for the volumes, one for the
//! watched files.
//!
//! Threads and not tasks, because they wait for disks. Each ends when the agent stops; one that ends
//! otherwise takes the agent down.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::model::desired::DesiredSet;
use keepwatch_common::model::health::VolumeHealth;
use keepwatch_common::model::volume::VolumeState;
use tokio::sync::watch;
use tracing::warn;

use super::holds;
use super::plan::{Plan, RecorderPlan, WatchedPlan};
use super::share::{OnGround, Share};
use crate::config::{Config, Pace};
use crate::device::redact::{RedactionKey, Redactor};
use crate::device::source::file::Watched;
use crate::device::source::follower::{self as files, WatchedStanding};
use crate::footage::follower as footage;
use crate::footage::layouts;
use crate::footage::recorder::{Parts, Recorder};
use crate::footage::standing::RecorderStanding;
use crate::host::logbook::Logbook;
use crate::host::lookout::{self as host, Watchpost};
use crate::host::probe::Probe;
use crate::lifecycle::{Failure, Lifecycle};
use crate::storage::checkup::Checkup;
use crate::storage::foundation::{Foundation, Ground};
use crate::storage::remembered::Remembered;
use crate::storage::volume::Volume;
use crate::storage::{lookout, rounds};

/// Between two looks for a recorder's storage that is not there at the start, in milliseconds.
const STORAGE_LOOK_MS: u64 = 500;

/// What the observers last said of themselves.
#[derive(Debug)]
pub(super) struct Observers {
    pub(super) recorders: Vec<watch::Receiver<RecorderStanding>>,
    pub(super) volumes: watch::Receiver<Vec<VolumeState>>,
    pub(super) health: watch::Receiver<Vec<VolumeHealth>>,
    pub(super) watched: watch::Receiver<Vec<WatchedStanding>>,
}

/// What observing begins with beside the plan.
pub(super) struct Given<'a> {
    pub(super) config: &'a Config,
    pub(super) key: &'a RedactionKey,
    /// What people want of this agent.
    pub(super) desired: watch::Receiver<DesiredSet>,
}

impl Observers {
    /// Starts every thread that the plan needs.
    pub(super) fn start(
        plan: Plan,
        given: Given<'_>,
        share: &Share,
        lifecycle: &Lifecycle,
    ) -> Result<Self, Failure> {
        let Given {
            config,
            key,
            desired,
        } = given;
        look_out(plan.probes, config, share, lifecycle);
        let volumes = config.volumes.iter();
        let volumes = volumes.map(|volume| {
            Volume::new(volume.name.clone(), volume.path.clone())
                .identified(volume.id.clone())
                .on(&share.machine)
        });
        let foundation = Arc::new(Foundation::new(
            volumes.collect(),
            Remembered::read(&config.state),
        ));
        holds::start(
            &plan.recorders,
            config,
            desired,
            &foundation,
            share,
            lifecycle,
        )?;
        let recorders = plan
            .recorders
            .into_iter()
            .map(|plan| recorder(plan, config.pace, &foundation, share, lifecycle));
        Ok(Self {
            recorders: recorders.collect::<Result<_, _>>()?,
            volumes: self::volumes(&foundation, config, share, lifecycle)?,
            health: health(&foundation, config, share, lifecycle)?,
            watched: watched(plan.watched, config.pace, key, share, lifecycle)?,
        })
    }
}

/// Asks from time to time whether everybody is there.
fn look_out(probes: Vec<Probe>, config: &Config, share: &Share, lifecycle: &Lifecycle) {
    let post = Watchpost {
        probes,
        look_ms: config.pace.look_ms,
        logbook: Logbook::of(&config.state),
    };
    let looking = host::look_out(
        post,
        share.outlet.clone(),
        Arc::clone(&share.clock),
        share.stop.clone(),
    );
    lifecycle.task("the look-out", looking);
}

fn recorder(
    plan: RecorderPlan,
    pace: Pace,
    foundation: &Arc<Foundation>,
    share: &Share,
    lifecycle: &Lifecycle,
) -> Result<watch::Receiver<RecorderStanding>, Failure> {
    let (told, standing) = watch::channel(RecorderStanding::new(plan.name.to_string()));
    let ground = Ground::new(Arc::clone(foundation), plan.root.clone());
    let share = share.clone();
    lifecycle.thread(&format!("recorder {}", plan.name), move || {
        follow_recorder(plan, pace, ground, &told, &share)
    })?;
    Ok(standing)
}

/// Waits for the storage and follows the recorder from then on: where exactly its footage is can be
/// seen only once it is there.
fn follow_recorder(
    plan: RecorderPlan,
    pace: Pace,
    mut ground: Ground,
    told: &watch::Sender<RecorderStanding>,
    share: &Share,
) -> Result<(), Infallible> {
    let mut is_waiting = false;
    while !ground.is_firm() {
        if share.stop.is_cancelled() {
            return Ok(());
        }
        if !is_waiting {
            warn!(recorder = %plan.name, root = %plan.root.display(), "its storage is missing, or another than before; waiting for it");
            is_waiting = true;
        }
        std::thread::sleep(Duration::from_millis(STORAGE_LOOK_MS));
    }
    let recorder = Recorder::new(Parts {
        root: layouts::root(&plan.root, plan.layout.as_ref()),
        name: plan.name,
        layout: plan.layout,
        verify: plan.verify,
        step_ms: pace.coverage_step_ms,
        guard: Box::new(OnGround(ground)),
    });
    let pace = footage::Pace {
        files_per_second: pace.files_per_second,
        reconcile_ms: pace.reconcile_ms,
    };
    let clock = share.clock.as_ref();
    footage::follow(recorder, &pace, &share.outlet, clock, told, &share.stop)
}

fn volumes(
    foundation: &Arc<Foundation>,
    config: &Config,
    share: &Share,
    lifecycle: &Lifecycle,
) -> Result<watch::Receiver<Vec<VolumeState>>, Failure> {
    let (told, standing) = watch::channel(Vec::new());
    if config.volumes.is_empty() {
        return Ok(standing);
    }
    let (foundation, look_ms) = (Arc::clone(foundation), config.pace.look_ms);
    let share = share.clone();
    lifecycle.thread("volumes", move || {
        let clock = share.clock.as_ref();
        lookout::look_out(
            &foundation,
            look_ms,
            &share.outlet,
            clock,
            &told,
            &share.stop,
        )
    })?;
    Ok(standing)
}

fn health(
    foundation: &Arc<Foundation>,
    config: &Config,
    share: &Share,
    lifecycle: &Lifecycle,
) -> Result<watch::Receiver<Vec<VolumeHealth>>, Failure> {
    let (told, standing) = watch::channel(Vec::new());
    if config.volumes.is_empty() {
        return Ok(standing);
    }
    let (foundation, look_ms) = (Arc::clone(foundation), config.pace.look_ms);
    let share = share.clone();
    lifecycle.thread("health of volumes", move || {
        let checkup = Checkup::new(share.machine.clone());
        let told_by = (&share.outlet, share.clock.as_ref());
        rounds::go_round(&foundation, checkup, look_ms, told_by, &told, &share.stop)
    })?;
    Ok(standing)
}

fn watched(
    plans: Vec<WatchedPlan>,
    pace: Pace,
    key: &RedactionKey,
    share: &Share,
    lifecycle: &Lifecycle,
) -> Result<watch::Receiver<Vec<WatchedStanding>>, Failure> {
    let (told, standing) = watch::channel(Vec::new());
    if plans.is_empty() {
        return Ok(standing);
    }
    let file = |plan: WatchedPlan| {
        let redactor = Redactor::new(key.clone(), plan.rules);
        Watched::new(plan.name, plan.path, plan.format, redactor)
    };
    let watched: Vec<_> = plans.into_iter().map(file).collect();
    let share = share.clone();
    lifecycle.thread("files", move || {
        let clock = share.clock.as_ref();
        files::follow(
            watched,
            pace.look_ms,
            &share.outlet,
            clock,
            &told,
            &share.stop,
        )
    })?;
    Ok(standing)
}
