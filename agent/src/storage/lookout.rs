//! Looks after volumes while the agent runs: a thread that tells each when it changes.
//!
//! The kernel says when something is mounted or unmounted, so that a disk that is pulled out is told
//! at once; how full a volume is, is looked at from time to time. It must not know the spool.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::VolumeState;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::foundation::Foundation;
use crate::outlet::{Outlet, Stopping};

/// Where the kernel tells of mounts.
const MOUNTS: &str = "/proc/self/mountinfo";

/// How long the loop waits before it looks whether the agent stops, in milliseconds.
const BEAT_MS: u64 = 500;

/// Why volumes cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum LookoutError {
    /// The kernel does not tell of mounts.
    #[error("cannot hear of mounts; is /proc mounted?")]
    Mounts(#[source] std::io::Error),
}

/// Tells how volumes stand until the token is cancelled; `told` has the newest.
pub fn look_out(
    foundation: &Arc<Foundation>,
    look_ms: u64,
    outlet: &Outlet,
    clock: &dyn Clock,
    told: &watch::Sender<Vec<VolumeState>>,
    stop: &CancellationToken,
) -> Result<(), LookoutError> {
    let mounts = fs_err::File::open(MOUNTS).map_err(LookoutError::Mounts)?;
    let mut due = Tick(0);
    while !stop.is_cancelled() {
        if clock.tick() >= due {
            let Ok(()) = tell(foundation, outlet, clock, told) else {
                return Ok(());
            };
            due = clock.tick().after(look_ms);
        }
        let wait_ms = due.since(clock.tick()).min(BEAT_MS);
        if has_changed(&mounts, wait_ms).map_err(LookoutError::Mounts)? {
            due = Tick(0);
        }
    }
    Ok(())
}

/// Tells the volumes that are not as they were told last.
fn tell(
    foundation: &Foundation,
    outlet: &Outlet,
    clock: &dyn Clock,
    told: &watch::Sender<Vec<VolumeState>>,
) -> Result<(), Stopping> {
    let states = foundation.look();
    let changed = changed(&told.borrow(), &states);
    outlet.tell(changed.into_iter().map(Body::Volume).collect(), clock)?;
    told.send_replace(states);
    Ok(())
}

fn changed(before: &[VolumeState], now: &[VolumeState]) -> Vec<VolumeState> {
    now.iter()
        .filter(|state| !before.contains(state))
        .cloned()
        .collect()
}

/// Whether something was mounted or unmounted since the last call; waits for it.
fn has_changed(mounts: &fs_err::File, wait_ms: u64) -> std::io::Result<bool> {
    let limit = Timespec::try_from(Duration::from_millis(wait_ms)).ok();
    let mut polled = [PollFd::new(mounts.file(), PollFlags::PRI)];
    match poll(&mut polled, limit.as_ref()) {
        Ok(count) => Ok(count > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use keepwatch_common::model::volume::Presence;

    use super::*;

    fn state(name: &str, presence: Presence) -> VolumeState {
        VolumeState {
            volume: Name::new(name).unwrap(),
            path: format!("/{name}"),
            presence,
            total_bytes: 1,
            free_bytes: 1,
            kind: "ext4".to_owned(),
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let (a, b) = (state("a", Presence::Present), state("b", Presence::Present));
        let gone = state("b", Presence::Missing);
        assert_eq!(changed(&[], &[a.clone(), b.clone()]).len(), 2);
        assert_eq!(changed(&[a.clone(), b], &[a, gone.clone()]), [gone]);
    }

    #[test]
    fn a_kernel_without_news_is_waited_for() {
        let mounts = fs_err::File::open(MOUNTS).unwrap();
        // What was mounted before the first look counts as news or not; after it there is none.
        has_changed(&mounts, 0).unwrap();
        assert!(!has_changed(&mounts, 1).unwrap());
    }
}
