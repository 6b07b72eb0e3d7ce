//! Runs chores: once a period, and when the bell rings.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::chore::{Chore, Done};
use super::overview::Overview;
use crate::activator::Activator;
use crate::lifecycle::Lifecycle;

/// Between two runs of a chore that has more to do: long enough for reports to come in between.
const MORE_MS: u64 = 50;

/// Starts chores.
#[derive(Debug)]
pub struct Driver<'a> {
    life: &'a Lifecycle,
    overview: Overview,
    clock: Arc<dyn Clock>,
}

impl<'a> Driver<'a> {
    /// Chores live as long as the program.
    pub fn new(life: &'a Lifecycle, overview: Overview, clock: Arc<dyn Clock>) -> Self {
        Self {
            life,
            overview,
            clock,
        }
    }

    /// Starts a chore; its first run is now.
    pub fn start<C: Chore>(&self, chore: C) {
        let bell = self.overview.enter(C::NAME);
        let course = Course {
            chore,
            bell,
            overview: self.overview.clone(),
            clock: self.clock.clone(),
        };
        let stop = self.life.stop().clone();
        self.life.spawn_named(C::NAME, course.run(stop));
    }
}

struct Course<C> {
    chore: C,
    bell: Activator,
    overview: Overview,
    clock: Arc<dyn Clock>,
}

impl<C: Chore> Course<C> {
    async fn run(mut self, stop: CancellationToken) {
        loop {
            let wait_ms = self.once().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.bell.woken() => {}
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
            }
        }
    }

    /// How long to wait for the next run.
    async fn once(&mut self) -> u64 {
        let failed_before = self.failed_before();
        let outcome = self.chore.run().await;
        let wait_ms = match &outcome {
            Ok(Done { more: true, .. }) => MORE_MS,
            Ok(_) | Err(_) => C::PERIOD_MS,
        };
        match &outcome {
            Ok(_) if failed_before => info!(chore = C::NAME, "a chore works again"),
            // A chore that fails every second is told once.
            Err(failed) if !failed_before => {
                error!(chore = C::NAME, error = %chain(failed), "a chore failed");
            }
            Ok(_) | Err(_) => {}
        }
        self.overview.note(C::NAME, &outcome, self.clock.now());
        wait_ms
    }

    fn failed_before(&self) -> bool {
        let statuses = self.overview.statuses();
        statuses
            .get(C::NAME)
            .is_some_and(|status| status.error.is_some())
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::ManualClock;
    use keepwatch_common::time::Instant;

    use super::super::chore::ChoreError;
    use super::*;
    use crate::store::StoreError;

    /// Fails every other time; never due by itself.
    struct Moody(u64);

    impl Chore for Moody {
        const NAME: &'static str = "moody";
        const PERIOD_MS: u64 = u64::MAX / 2;

        async fn run(&mut self) -> Result<Done, ChoreError> {
            self.0 += 1;
            if self.0.is_multiple_of(2) {
                return Err(ChoreError::Store(StoreError::TooLarge {
                    table: "t",
                    column: "c",
                    number: self.0,
                }));
            }
            Ok(Done::with(5))
        }
    }

    fn started() -> (Lifecycle, Overview, CancellationToken) {
        let stop = CancellationToken::new();
        let (life, overview) = (Lifecycle::until(&stop), Overview::default());
        let clock = Arc::new(ManualClock::at(Instant::from_s(1_000)));
        Driver::new(&life, overview.clone(), clock).start(Moody(0));
        (life, overview, stop)
    }

    #[tokio::test]
    async fn a_chore_runs_when_its_bell_rings_and_tells_how_it_went() {
        let (life, overview, stop) = started();
        let status = overview.run_now("moody").await.unwrap();
        assert_eq!((status.runs, status.failures), (2, 1));
        assert_eq!(status.changed, 5);
        let why = status.error.unwrap();
        assert!(why.contains("the store fails: 2 does not fit"), "{why}");
        stop.cancel();
        assert_eq!(life.ended().await, None);
    }

    #[tokio::test]
    async fn a_chore_that_failed_runs_again() {
        let (_life, overview, _stop) = started();
        overview.run_now("moody").await;
        let mut status = overview.run_now("moody").await.unwrap();
        if status.error.is_some() {
            status = overview.run_now("moody").await.unwrap();
        }
        assert!(status.runs > 2);
        assert_eq!(status.done_at, Some(Instant::from_s(1_000)));
    }

    #[tokio::test]
    async fn there_is_no_chore_of_another_name() {
        let (_life, overview, _stop) = started();
        assert!(!overview.ring("other"));
        assert_eq!(overview.run_now("other").await, None);
    }
}
