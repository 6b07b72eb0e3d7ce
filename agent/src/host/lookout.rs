//! Looks from time to time whether everybody is there, and tells outages as they begin and end.
//!
//! It must not know the spool, nor what an outage means for footage.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::outage::{Outage, OutageOf};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::logbook::{Logbook, Page};
use super::probe::Probe;
use super::spells::Spells;
use crate::outlet::{Outlet, Stopping};

/// Asked at one time at most, so that a dead network costs few sockets.
const ASKED_AT_ONCE: usize = 16;

/// An agent that was alive so short before it started was restarted, and missed nothing that a
/// walk would not find.
const AWAY_MS_MIN: i64 = 120_000;

/// What the look-out needs.
#[derive(Debug)]
pub struct Watchpost {
    /// Whom to ask.
    pub probes: Vec<Probe>,
    /// Between two looks, in milliseconds.
    pub look_ms: u64,
    /// Where it is written down.
    pub logbook: Logbook,
}

/// Looks until the token is cancelled.
pub async fn look_out(
    post: Watchpost,
    outlet: Outlet,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), Infallible> {
    let last = post.logbook.read();
    let asked: Vec<_> = post.probes.iter().map(|probe| probe.of.clone()).collect();
    let mut spells = Spells::resume(last.iter().flat_map(|page| page.open.clone()));
    let mut news = spells.keep_only(&asked, clock.now());
    news.extend(last.and_then(|page| own_absence(&page, clock.as_ref())));
    let mut can_write = true;
    let mut beat = tokio::time::interval(Duration::from_millis(post.look_ms.max(1)));
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        let Some(answers) = stop.run_until_cancelled(ask_all(&post.probes)).await else {
            break;
        };
        let now = clock.now();
        for (of, is_there) in answers {
            news.extend(spells.answered(&of, is_there, now));
        }
        for outage in &news {
            info!(of = outage.of.word(), since = %outage.from, ended = outage.until.is_some(), "outage");
        }
        let bodies = news.drain(..).map(Body::Outage).collect();
        if let Err(Stopping) = outlet.tell_from_task(bodies, clock.as_ref()).await {
            break;
        }
        let page = Page {
            alive: now,
            open: spells.open(),
        };
        let written = post.logbook.write(&page);
        if let (Err(error), true) = (&written, can_write) {
            warn!(%error, "the next start will not know when this agent was alive");
        }
        can_write = written.is_ok();
    }
    Ok(())
}

/// The time in which the agent itself did not run.
fn own_absence(last: &Page, clock: &dyn Clock) -> Option<Outage> {
    let now = clock.now();
    (now.since(last.alive) >= AWAY_MS_MIN).then_some(Outage {
        of: OutageOf::Agent,
        from: last.alive,
        until: Some(now),
    })
}

/// Everybody's answer, of those of whom there is one.
async fn ask_all(probes: &[Probe]) -> Vec<(OutageOf, bool)> {
    let turns = Arc::new(Semaphore::new(ASKED_AT_ONCE));
    let mut asking = JoinSet::new();
    for probe in probes {
        let (probe, turns) = (probe.clone(), Arc::clone(&turns));
        asking.spawn(async move {
            let _turn = turns.acquire_owned().await.ok()?;
            let is_there = probe.how.ask().await?;
            Some((probe.of, is_there))
        });
    }
    asking.join_all().await.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::ManualClock;
    use keepwatch_common::model::name::Name;
    use keepwatch_common::time::Instant;

    use super::super::probe::How;
    use super::*;

    #[test]
    fn a_restart_is_no_absence_and_a_night_without_power_is() {
        let clock = ManualClock::at(Instant::from_s(100_000));
        let alive = |s| Page {
            alive: Instant::from_s(s),
            open: Vec::new(),
        };
        assert_eq!(own_absence(&alive(99_950), &clock), None);
        let away = own_absence(&alive(70_000), &clock).unwrap();
        assert_eq!(
            (away.from, away.until),
            (Instant::from_s(70_000), Some(Instant::from_s(100_000)))
        );
    }

    #[tokio::test]
    async fn of_many_each_gives_his_own_answer() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let here = How::Address(listener.local_addr().unwrap());
        let gone = {
            let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            How::Address(other.local_addr().unwrap())
        };
        let probes: Vec<_> = (0..40)
            .map(|n| Probe {
                of: OutageOf::Recorder(Name::new(format!("r{n}")).unwrap()),
                how: if n % 2 == 0 {
                    here.clone()
                } else {
                    gone.clone()
                },
            })
            .collect();
        let answers = ask_all(&probes).await;
        assert_eq!(answers.len(), 40);
        assert_eq!(answers.iter().filter(|(_, is_there)| *is_there).count(), 20);
    }
}
