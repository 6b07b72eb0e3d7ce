//! Keeps one recorder true while the agent runs: a thread of its own that hears of files, walks from
//! time to time, and tells what changed.
//!
//! All waiting is on events with a limit; the loop ends when the agent stops. It must not know the
//! spool nor the wire.

use std::convert::Infallible;
use std::ops::ControlFlow;
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

/// Between two walks while not everything is heard of, in milliseconds.
const DEAF_WALK_MS: u64 = 60_000;

/// Such walks take a tenth of the time at most, because the disks are there to record.
const DEAF_WALK_SHARE: u64 = 10;

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
) -> Result<(), Infallible> {
    let mut watch = Watch::new();
    let mut follower = Follower {
        pace,
        outlet,
        clock,
        told,
        stop,
        walk_due: Tick(0),
        follow_due: Tick(0),
        is_deaf: false,
        left_out: Vec::new(),
    };
    while !stop.is_cancelled() {
        if follower.turn(&mut recorder, &mut watch).is_err() {
            break;
        }
    }
    debug!(recorder = %recorder.name(), "no longer followed");
    Ok(())
}

struct Follower<'a> {
    pace: &'a Pace,
    outlet: &'a Outlet,
    clock: &'a dyn Clock,
    told: &'a watch::Sender<RecorderStanding>,
    stop: &'a CancellationToken,
    walk_due: Tick,
    follow_due: Tick,
    /// Not everything that happens is heard of.
    is_deaf: bool,
    /// Places left out that the log has, at most as many as a walk lists.
    left_out: Vec<String>,
}

impl Follower<'_> {
    fn turn(&mut self, recorder: &mut Recorder, watch: &mut Watch) -> Result<(), Stopping> {
        if self.clock.tick() >= self.follow_due {
            self.look_for_folders(recorder, watch);
        }
        if watch.take_missed() || self.clock.tick() >= self.walk_due {
            self.walk(recorder)?;
        }
        if self.hear(recorder, watch) && !self.is_deaf {
            recorder.probed(self.clock);
        }
        self.outlet.tell(recorder.tell(), self.clock)?;
        Ok(())
    }

    fn look_for_folders(&mut self, recorder: &mut Recorder, watch: &mut Watch) {
        self.follow_due = self.clock.tick().after(FOLLOW_MS);
        let followed = watch.follow(recorder.root(), recorder.layout().as_ref());
        self.note_hearing(recorder, followed.refused.as_ref());
        // What came before the watch did is not heard of.
        for folder in followed.new {
            let Ok(entries) = fs_err::read_dir(&folder) else {
                continue;
            };
            for entry in entries.filter_map(Result::ok) {
                if !recorder.touch(&entry.path(), self.clock) {
                    self.walk_due = Tick(0);
                }
            }
        }
    }

    /// Says once that walks have to do, and once that they need not any more.
    fn note_hearing(&mut self, recorder: &Recorder, refused: Option<&WatchError>) {
        match refused {
            Some(error) if !self.is_deaf => {
                warn!(recorder = %recorder.name(), error = %chain(error), "new footage is found by walking only");
                let soon = self.clock.tick().after(DEAF_WALK_MS);
                self.walk_due = self.walk_due.min(soon);
            }
            None if self.is_deaf => {
                info!(recorder = %recorder.name(), "new footage is heard of again");
                self.walk_due = Tick(0);
            }
            _ => return,
        }
        self.is_deaf = refused.is_some();
        let hears = !self.is_deaf;
        self.told.send_modify(|standing| standing.hears = hears);
    }

    fn between_walks_ms(&self, took_ms: u64) -> u64 {
        if self.is_deaf {
            self.pace.reconcile_ms.min(deaf_walk_ms(took_ms))
        } else {
            self.pace.reconcile_ms
        }
    }

    fn walk(&mut self, recorder: &mut Recorder) -> Result<(), Stopping> {
        let began = self.clock.tick();
        let mut pacer = Stoppable {
            steady: Steady::new(self.pace.files_per_second, began),
            clock: self.clock,
            stop: self.stop,
        };
        let reconciled = recorder.reconcile(self.clock, &mut pacer);
        let now = self.clock.tick();
        self.walk_due = now.after(self.between_walks_ms(now.since(began)));
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
            Reconciled::Stopped => return Err(Stopping),
        };
        self.note_left_out(recorder);
        let walk = Walk {
            at: self.clock.now(),
            took_ms: now.since(began),
            outcome,
        };
        self.told.send_modify(|standing| {
            standing.walk = Some(walk);
            standing.cameras = recorder.cameras();
            standing.left_out = recorder.left_out().count;
            standing.left_out_first = self.left_out.first().cloned();
        });
        Ok(())
    }

    /// Says once of each place that it is left out.
    fn note_left_out(&mut self, recorder: &Recorder) {
        let places = &recorder.left_out().places;
        let places: Vec<_> = places.iter().map(|p| chain(p).to_string()).collect();
        for place in places.iter().filter(|place| !self.left_out.contains(place)) {
            warn!(recorder = %recorder.name(), place = %place.escape_debug(), "left out; nothing is told of what it concerns");
        }
        self.left_out = places;
    }

    /// Takes what happened; `true` when nothing was left unheard.
    fn hear(&mut self, recorder: &mut Recorder, watch: &mut Watch) -> bool {
        let mut wait = Duration::from_millis(BEAT_MS);
        for _ in 0..EVENTS_PER_TURN_MAX {
            let Some(happened) = watch.hear(wait) else {
                return watch.hears();
            };
            self.happened(&happened, recorder, watch);
            wait = Duration::ZERO;
        }
        false
    }

    fn happened(&mut self, happened: &Happened, recorder: &mut Recorder, watch: &mut Watch) {
        match happened {
            Happened::Appeared(path) if path.is_dir() => self.look_for_folders(recorder, watch),
            Happened::Appeared(path) => {
                if !recorder.touch(path, self.clock) {
                    self.walk_due = Tick(0);
                }
            }
            Happened::Gone(path) => {
                if !recorder.lost(path, self.clock) {
                    self.walk_due = Tick(0);
                }
            }
        }
    }
}

/// Between two walks while not everything is heard of, when the last one took so long.
fn deaf_walk_ms(took_ms: u64) -> u64 {
    DEAF_WALK_MS.max(took_ms.saturating_mul(DEAF_WALK_SHARE))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorder_that_is_not_heard_is_walked_every_minute_or_a_tenth_of_the_time() {
        assert_eq!(deaf_walk_ms(0), 60_000);
        assert_eq!(deaf_walk_ms(6_000), 60_000);
        assert_eq!(deaf_walk_ms(90_000), 900_000);
    }
}
