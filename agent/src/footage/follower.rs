//! Keeps one recorder true while the agent runs: a thread of its own that hears of files, walks from
//! time to time, and tells what changed.
//!
//! All waiting is on events with a limit; the loop ends when the agent stops. It must not know the
//! spool nor the wire.

use std::ops::ControlFlow;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::error_chain::chain;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::pace::{Pacer, Steady};
use super::recorder::{Reconciled, Recorder};
use super::standing::{RecorderStanding, Walk, WalkOutcome};
use super::watch::{Happened, Watch, WatchError};
use crate::outlet::{Outlet, Stopping};

/// How long the loop waits for an event before it looks at the time, in milliseconds.
const BEAT_MS: u64 = 500;

/// Between two looks at which folders grow, in milliseconds; a new folder is heard of at once.
const FOLLOW_MS: u64 = 30_000;

/// Events taken in one go before something is told.
const EVENTS_PER_TURN_MAX: usize = 2_000;

/// After a walk that could not see everything, the next one comes sooner, in milliseconds.
const RETRY_MS: u64 = 60_000;

/// What the loop needs beside the recorder.
#[derive(Debug)]
pub struct Pace {
    /// Files opened in a second at most.
    pub files_per_second: u32,
    /// Between two walks, in milliseconds.
    pub reconcile_ms: u64,
}

/// Runs until the token is cancelled; `told` has how the recorder stands.
pub fn follow(
    mut recorder: Recorder,
    pace: &Pace,
    outlet: &Outlet,
    clock: &dyn Clock,
    told: &watch::Sender<RecorderStanding>,
    stop: &CancellationToken,
) -> Result<(), WatchError> {
    let mut watch = Watch::new()?;
    let mut follower = Follower {
        pace,
        outlet,
        clock,
        told,
        stop,
        walk_due: Tick(0),
        follow_due: Tick(0),
    };
    while !stop.is_cancelled() {
        match follower.turn(&mut recorder, &mut watch) {
            Ok(()) => {}
            Err(Ended::Stopping(Stopping)) => break,
            Err(Ended::Watch(error)) => return Err(error),
        }
    }
    debug!(recorder = %recorder.name(), "no longer followed");
    Ok(())
}

enum Ended {
    Stopping(Stopping),
    Watch(WatchError),
}

impl From<Stopping> for Ended {
    fn from(stopping: Stopping) -> Self {
        Self::Stopping(stopping)
    }
}

impl From<WatchError> for Ended {
    fn from(error: WatchError) -> Self {
        Self::Watch(error)
    }
}

struct Follower<'a> {
    pace: &'a Pace,
    outlet: &'a Outlet,
    clock: &'a dyn Clock,
    told: &'a watch::Sender<RecorderStanding>,
    stop: &'a CancellationToken,
    walk_due: Tick,
    follow_due: Tick,
}

impl Follower<'_> {
    fn turn(&mut self, recorder: &mut Recorder, watch: &mut Watch) -> Result<(), Ended> {
        if self.clock.tick() >= self.follow_due {
            self.look_for_folders(recorder, watch)?;
        }
        if watch.take_missed() || self.clock.tick() >= self.walk_due {
            self.walk(recorder)?;
        }
        if self.hear(recorder, watch)? {
            recorder.probed(self.clock);
        }
        self.outlet.tell(recorder.tell(), self.clock)?;
        Ok(())
    }

    fn look_for_folders(
        &mut self,
        recorder: &mut Recorder,
        watch: &mut Watch,
    ) -> Result<(), Ended> {
        self.follow_due = self.clock.tick().after(FOLLOW_MS);
        let new = watch.follow(recorder.root(), recorder.layout().as_ref())?;
        // What came before the watch did is not heard of.
        for folder in new {
            let Ok(entries) = fs_err::read_dir(&folder) else {
                continue;
            };
            for entry in entries.filter_map(Result::ok) {
                if !recorder.touch(&entry.path(), self.clock) {
                    self.walk_due = Tick(0);
                }
            }
        }
        Ok(())
    }

    fn walk(&mut self, recorder: &mut Recorder) -> Result<(), Ended> {
        let began = self.clock.tick();
        let mut pacer = Stoppable {
            steady: Steady::new(self.pace.files_per_second, began),
            clock: self.clock,
            stop: self.stop,
        };
        let reconciled = recorder.reconcile(self.clock, &mut pacer);
        let now = self.clock.tick();
        self.walk_due = now.after(self.pace.reconcile_ms);
        let outcome = match reconciled {
            Reconciled::Whole => {
                info!(recorder = %recorder.name(), took_ms = now.since(began), "footage walked");
                WalkOutcome::Whole
            }
            Reconciled::Partly(trouble) => {
                self.walk_due = now.after(self.pace.reconcile_ms.min(RETRY_MS));
                for place in trouble.iter().take(5) {
                    warn!(recorder = %recorder.name(), error = %chain(place), "footage not readable");
                }
                WalkOutcome::Partly
            }
            Reconciled::StorageMissing => {
                self.walk_due = now.after(self.pace.reconcile_ms.min(RETRY_MS));
                warn!(recorder = %recorder.name(), "its storage is missing; nothing is concluded");
                WalkOutcome::StorageMissing
            }
            Reconciled::Stopped => return Err(Ended::Stopping(Stopping)),
        };
        let walk = Walk {
            at: self.clock.now(),
            took_ms: now.since(began),
            outcome,
        };
        self.told.send_modify(|standing| {
            standing.walk = Some(walk);
            standing.cameras = recorder.cameras();
        });
        Ok(())
    }

    /// Takes what happened; `true` when nothing was left unheard.
    fn hear(&mut self, recorder: &mut Recorder, watch: &mut Watch) -> Result<bool, Ended> {
        let mut wait = Duration::from_millis(BEAT_MS);
        for _ in 0..EVENTS_PER_TURN_MAX {
            match watch.events().recv_timeout(wait) {
                Ok(happened) => self.happened(&happened, recorder, watch)?,
                Err(RecvTimeoutError::Timeout) => return Ok(true),
                Err(RecvTimeoutError::Disconnected) => {
                    self.walk_due = Tick(0);
                    return Ok(false);
                }
            }
            wait = Duration::ZERO;
        }
        Ok(false)
    }

    fn happened(
        &mut self,
        happened: &Happened,
        recorder: &mut Recorder,
        watch: &mut Watch,
    ) -> Result<(), Ended> {
        match happened {
            Happened::Appeared(path) if path.is_dir() => self.look_for_folders(recorder, watch)?,
            Happened::Appeared(path) => {
                if !recorder.touch(path, self.clock) {
                    self.walk_due = Tick(0);
                }
            }
            Happened::Gone(path) => recorder.lost(path, self.clock),
        }
        Ok(())
    }
}

struct Stoppable<'a> {
    steady: Steady,
    clock: &'a dyn Clock,
    stop: &'a CancellationToken,
}

impl Pacer for Stoppable<'_> {
    fn opened(&mut self) -> ControlFlow<()> {
        if self.stop.is_cancelled() {
            return ControlFlow::Break(());
        }
        let wait_ms = self.steady.wait_ms(self.clock.tick());
        if wait_ms > 0 {
            std::thread::sleep(Duration::from_millis(wait_ms.min(BEAT_MS)));
        }
        ControlFlow::Continue(())
    }
}
