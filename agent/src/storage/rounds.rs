//! Examines volumes again and again while the agent runs, and tells each when it changed.
//!
//! A thread of its own beside the one that looks at mounts: a dying disk answers slowly, and that a
//! volume is gone must be told at once. It must not know the spool.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::model::health::VolumeHealth;
use keepwatch_common::model::observation::Body;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::checkup::Checkup;
use super::foundation::Foundation;
use crate::outlet::Outlet;

/// How long the loop waits before it looks whether the agent stops, in milliseconds.
const BEAT_MS: u64 = 500;

/// Goes round until the token is cancelled; `told` has the newest.
pub fn go_round(
    foundation: &Arc<Foundation>,
    mut checkup: Checkup,
    look_ms: u64,
    (outlet, clock): (&Outlet, &dyn Clock),
    told: &watch::Sender<Vec<VolumeHealth>>,
    stop: &CancellationToken,
) -> Result<(), Infallible> {
    let mut due = Tick(0);
    while !stop.is_cancelled() {
        if clock.tick() < due {
            let wait_ms = due.since(clock.tick()).min(BEAT_MS);
            std::thread::sleep(Duration::from_millis(wait_ms));
            continue;
        }
        let mut healths = Vec::with_capacity(foundation.volumes().len());
        for volume in foundation.volumes() {
            // One after the other, and never longer than a disk that hangs: the agent may be asked
            // to stop meanwhile.
            if stop.is_cancelled() {
                return Ok(());
            }
            let now = checkup.examine(volume, clock.tick());
            let before = told.borrow();
            let before = before.iter().find(|one| one.volume == now.volume).cloned();
            let (health, is_news) = news(now, before.as_ref());
            if is_news
                && outlet
                    .tell(vec![Body::Health(health.clone())], clock)
                    .is_err()
            {
                return Ok(());
            }
            healths.push(health);
        }
        told.send_replace(healths);
        due = clock.tick().after(look_ms);
    }
    Ok(())
}

/// What is to be believed now, and whether it must be told.
fn news(now: VolumeHealth, told: Option<&VolumeHealth>) -> (VolumeHealth, bool) {
    match told {
        Some(told) => {
            let now = now.settled(told);
            let is_news = now != *told;
            (now, is_news)
        }
        None => (now, true),
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::health::{Figure, Measure, Reason, Source, Word};
    use keepwatch_common::model::name::Name;

    use super::super::health::says;
    use super::*;

    fn health(celsius: i64) -> VolumeHealth {
        let mut smart = says(Source::Smart, "sda", Word::Good, Reason::Sound);
        smart.figures.push(Figure {
            measure: Measure::TemperatureC,
            value: celsius,
        });
        VolumeHealth {
            volume: Name::new("footage").unwrap(),
            sources: vec![smart],
        }
    }

    #[test]
    fn a_healthy_volume_is_told_once() {
        let (first, is_news) = news(health(38), None);
        assert!(is_news);
        // A day of half-minute rounds around one temperature.
        for round in 0..2_880 {
            let (settled, is_news) = news(health(36 + round % 5), Some(&first));
            assert!(!is_news && settled == first);
        }
        assert!(news(health(43), Some(&first)).1);
    }
}
