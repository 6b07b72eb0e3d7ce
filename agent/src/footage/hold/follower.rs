//! Keeps holds while the agent runs: a thread of its own that hears what is wanted, looks from time
//! to time, copies, and tells what changed.
//!
//! Reading is bounded in bytes a second, because the disks are there to record. A list that cannot be
//! written is no reason to stop measuring: it is tried again in the next look.

use std::cell::Cell;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::time::Duration;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::error_chain::chain;
use keepwatch_common::model::desired::DesiredSet;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::holder::{HoldError, Holder};
use super::reading::Rest;
use crate::outlet::{Outlet, Stopping};

/// How long the loop waits before it looks at the time and at what is wanted, in milliseconds.
const BEAT_MS: u64 = 200;

/// How long segments are listed, read again or copied before other things are looked at, in
/// milliseconds; one file is always read to its end.
const STRETCH_MS: u64 = 4_000;

/// How hard to work.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Bytes read in a second at most.
    pub bytes_per_second: u64,
    /// Between two looks, in milliseconds.
    pub look_ms: u64,
}

/// Runs until the token is cancelled.
pub fn follow(
    mut holder: Holder,
    mut wanted: watch::Receiver<DesiredSet>,
    pace: Pace,
    outlet: &Outlet,
    clock: &dyn Clock,
    stop: &CancellationToken,
) -> Result<(), Infallible> {
    let mut rest = Slow {
        bytes_per_second: pace.bytes_per_second.max(1),
        clock,
        stop,
        ready_at: clock.tick(),
        enough_at: clock.tick(),
        has_left: Cell::new(false),
    };
    let mut look_due = Tick(0);
    wanted.mark_changed();
    while !stop.is_cancelled() {
        let is_new = wanted.has_changed().unwrap_or(false);
        if !is_new && clock.tick() < look_due {
            std::thread::sleep(Duration::from_millis(BEAT_MS));
            continue;
        }
        look_due = clock.tick().after(pace.look_ms);
        match turn(&mut holder, &mut wanted, outlet, clock, &mut rest) {
            Ok(Ok(ControlFlow::Continue(()))) => {
                if rest.has_left.take() {
                    look_due = Tick(0);
                }
            }
            Ok(Ok(ControlFlow::Break(())) | Err(Stopping)) => break,
            Err(error) => {
                warn!(error = %chain(&error), "what is held cannot be written down; tried again");
                wanted.mark_changed();
                std::thread::sleep(Duration::from_millis(BEAT_MS));
            }
        }
    }
    Ok(())
}

type Turned = Result<ControlFlow<()>, Stopping>;

fn turn(
    holder: &mut Holder,
    wanted: &mut watch::Receiver<DesiredSet>,
    outlet: &Outlet,
    clock: &dyn Clock,
    rest: &mut Slow<'_>,
) -> Result<Turned, HoldError> {
    rest.begin();
    if wanted.has_changed().unwrap_or(false) {
        let list = wanted.borrow_and_update().clone();
        holder.want(&list, clock.now())?;
        // Whoever asked hears that it came here before everything is read.
        if outlet.tell(holder.tell(clock.now()), clock).is_err() {
            return Ok(Err(Stopping));
        }
    }
    let looked = holder.look(clock, rest);
    // What a look found is told before anything is copied, also when it did not come to its end.
    if outlet.tell(holder.tell(clock.now()), clock).is_err() {
        return Ok(Err(Stopping));
    }
    rest.begin();
    if looked?.is_break() || holder.copy(rest)?.is_break() {
        return Ok(Ok(ControlFlow::Break(())));
    }
    holder.clear(clock.now())?;
    Ok(outlet
        .tell(holder.tell(clock.now()), clock)
        .map(ControlFlow::Continue))
}

/// Reads so many bytes a second at most.
#[derive(Debug)]
struct Slow<'a> {
    bytes_per_second: u64,
    clock: &'a dyn Clock,
    stop: &'a CancellationToken,
    ready_at: Tick,
    enough_at: Tick,
    /// Something was left for the next look.
    has_left: Cell<bool>,
}

impl Slow<'_> {
    fn begin(&mut self) {
        self.enough_at = self.clock.tick().after(STRETCH_MS);
    }
}

impl Rest for Slow<'_> {
    fn spent(&mut self, bytes: u64) -> ControlFlow<()> {
        let now = self.clock.tick();
        let cost_ms = bytes.saturating_mul(1_000) / self.bytes_per_second;
        self.ready_at = self.ready_at.max(now).after(cost_ms);
        while !self.stop.is_cancelled() {
            let wait_ms = self.ready_at.since(self.clock.tick());
            if wait_ms == 0 {
                return ControlFlow::Continue(());
            }
            std::thread::sleep(Duration::from_millis(wait_ms.min(BEAT_MS)));
        }
        ControlFlow::Break(())
    }

    fn is_enough(&self) -> bool {
        let is_enough = self.clock.tick() >= self.enough_at;
        self.has_left.set(self.has_left.get() || is_enough);
        is_enough
    }
}
