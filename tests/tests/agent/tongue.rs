//! The agent's uplink as a test starts, feeds, stops and kills it.

use std::ops::Range;
use std::sync::Arc;

use keepwatch_agent::desired::Desk;
use keepwatch_agent::identity::SystemRandomness;
use keepwatch_agent::identity::time::TrustedTime;
use keepwatch_agent::outlet::{self, Outlet};
use keepwatch_agent::spool::{FolderSpace, Limits, Spool};
use keepwatch_agent::uplink::{Parts, Uplink, UplinkError, UplinkStanding};
use keepwatch_common::clock::Clock;
use keepwatch_common::ids::nonce;
use keepwatch_common::model::camera::{CameraFootage, CameraKey};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::{AgentStarted, Body, Lane};
use keepwatch_common::model::watched::{Reading, WatchedFile};
use keepwatch_common::time::{DAY_MS, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::{Branch, HANGS_AFTER, Shifted, now};

/// A running uplink.
pub(crate) struct Agent {
    outlet: Outlet,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    running: JoinHandle<Result<(), UplinkError>>,
    standing: watch::Receiver<UplinkStanding>,
}

/// How it stands.
#[derive(Debug, Clone)]
pub(crate) struct Stands(pub(crate) UplinkStanding);

impl Stands {
    /// All that was ever told is acknowledged, and something was.
    pub(crate) fn all_acked(&self) -> bool {
        let waiting = &self.0.waiting;
        waiting.iter().any(|lane| lane.assigned > 0)
            && waiting.iter().all(|lane| lane.assigned == lane.acked)
    }
}

impl Agent {
    pub(crate) async fn start(branch: &Branch) -> Self {
        Self::start_at(branch, now()).await
    }

    /// With a clock that begins there.
    pub(crate) async fn start_at(branch: &Branch, began: Instant) -> Self {
        let limits = Limits {
            disk_free_bytes_min: 0,
            ..Limits::default()
        };
        Self::start_with(branch, began, limits).await
    }

    /// With a spool of these bounds.
    pub(crate) async fn start_with(branch: &Branch, began: Instant, limits: Limits) -> Self {
        let clock = Shifted::from(began);
        let opened = Spool::open(
            &branch.spool(),
            limits,
            Box::new(FolderSpace::new(branch.spool())),
            clock.now(),
            &SystemRandomness,
        )
        .await
        .unwrap();
        let (outlet, observations) = outlet::queue();
        let tasks = TaskTracker::new();
        let uplink = Uplink::new(Parts {
            spool: opened.spool,
            epoch: opened.epoch,
            observations,
            desk: Desk::open(branch.state.path()).unwrap().0,
            home: branch.home.clone(),
            identity: branch.home.current().unwrap().unwrap(),
            time: Arc::new(TrustedTime::new(
                clock.clone(),
                now() - 30 * DAY_MS,
                branch.home.heard().unwrap(),
            )),
            clock: clock.clone(),
            randomness: Arc::new(SystemRandomness),
            process: nonce(&SystemRandomness),
            tasks: tasks.clone(),
        });
        let (stop, standing) = (CancellationToken::new(), uplink.standing());
        let running = tasks.spawn(uplink.run(stop.clone()));
        Self {
            outlet,
            clock,
            stop,
            running,
            standing,
        }
    }

    pub(crate) async fn tell(&self, bodies: Vec<Body>) {
        let (outlet, clock) = (self.outlet.clone(), Arc::clone(&self.clock));
        tokio::task::spawn_blocking(move || outlet.tell(bodies, clock.as_ref()).unwrap())
            .await
            .unwrap();
    }

    /// Waits until it stands so.
    pub(crate) async fn stands(&self, so: impl Fn(&Stands) -> bool) -> Stands {
        let mut standing = self.standing.clone();
        let waited = standing.wait_for(|standing| so(&Stands(standing.clone())));
        let met = tokio::time::timeout(HANGS_AFTER, waited).await;
        Stands(met.expect("it stands so in time").unwrap().clone())
    }

    /// Waits until a lane has given out so many sequences at least: so many observations are on disk.
    pub(crate) async fn keeps(&self, lane: Lane, assigned: u64) {
        self.stands(|standing| {
            let mut waiting = standing.0.waiting.iter();
            waiting.any(|waiting| waiting.lane == lane && waiting.assigned >= assigned)
        })
        .await;
    }

    /// Stops it as the agent does, and waits.
    pub(crate) async fn stop(self) {
        drop(self.outlet);
        self.stop.cancel();
        let ended = tokio::time::timeout(HANGS_AFTER, self.running).await;
        ended.expect("it stops in time").unwrap().unwrap();
    }

    /// Ends it wherever it is.
    pub(crate) async fn kill(self) {
        self.running.abort();
        assert!(self.running.await.unwrap_err().is_cancelled());
    }
}

/// Readings of a watched file, told apart by their numbers.
pub(crate) fn drift(numbers: Range<u64>) -> Vec<Body> {
    let one = |number| {
        Body::Watched(WatchedFile {
            name: Name::new("frigate").unwrap(),
            path: "/etc/frigate.yml".to_owned(),
            reading: Reading::Tree {
                canonical: number_text(number),
                owner: None,
            },
        })
    };
    numbers.map(one).collect()
}

/// What a numbered reading says.
pub(crate) fn number_text(number: u64) -> String {
    format!("{{\"number\":{number}}}")
}

/// States of cameras, told apart by their names.
pub(crate) fn footage(numbers: Range<u64>) -> Vec<Body> {
    let one = |number: u64| {
        Body::Footage(CameraFootage {
            camera: CameraKey {
                recorder: Name::new("nvr").unwrap(),
                camera: Name::new(format!("camera {number}")).unwrap(),
            },
            oldest: None,
            newest: None,
            sealed: number,
            open: 0,
            opaque: 0,
            corrupt: 0,
            bytes: 0,
            segment_ms: 0,
        })
    };
    numbers.map(one).collect()
}

/// Restarts, told apart by their process numbers.
pub(crate) fn restarts(numbers: Range<u64>) -> Vec<Body> {
    let one = |process| {
        Body::Started(AgentStarted {
            version: "x".repeat(100),
            process,
        })
    };
    numbers.map(one).collect()
}
