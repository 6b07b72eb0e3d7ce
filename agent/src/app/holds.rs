//! The thread that holds footage: put together from what the branch allows.

use std::path::Path;
use std::sync::Arc;

use keepwatch_common::model::desired::DesiredSet;
use tokio::sync::watch;

use super::plan::RecorderPlan;
use super::share::{OnGround, Share};
use crate::config::Config;
use crate::footage::hold::follower::{self, Pace};
use crate::footage::hold::holder::{Bounds, HoldError, Holder};
use crate::footage::hold::source::Source;
use crate::footage::hold::vault::Vault;
use crate::footage::recorder::Guard;
use crate::lifecycle::{Failure, Lifecycle};
use crate::storage::foundation::{Foundation, Ground};

/// The folder of lists in the state folder.
const FOLDER: &str = "holds";

/// Starts it; where there is no recorder, whatever is asked for is refused.
pub(super) fn start(
    recorders: &[RecorderPlan],
    config: &Config,
    desired: watch::Receiver<DesiredSet>,
    foundation: &Arc<Foundation>,
    share: &Share,
    lifecycle: &Lifecycle,
) -> Result<(), Failure> {
    let on = |root: &Path| -> Box<dyn Guard> {
        Box::new(OnGround(Ground::new(
            Arc::clone(foundation),
            root.to_owned(),
        )))
    };
    let source = |plan: &RecorderPlan| Source {
        name: plan.name.clone(),
        root: plan.root.clone(),
        layout: Arc::clone(&plan.layout),
        guard: on(&plan.root),
    };
    let sources: Vec<_> = recorders.iter().map(source).collect();
    let vault = config.vaults.first().map(|vault| {
        let volume = config.volumes.iter().find(|one| one.name == vault.volume);
        Vault {
            root: vault.path.clone(),
            // The folder itself is made with the first copy; its volume has to be there before.
            guard: on(volume.map_or(&vault.path, |volume| &volume.path)),
            bytes_max: vault.bytes_max,
            free_bytes_min: vault.free_bytes_min,
        }
    });
    let bounds = Bounds {
        count_max: config.hold.count_max,
        walk_ms: config.pace.reconcile_ms,
        verify_ms: config.hold.verify_ms,
        release_grace_ms: config.hold.release_grace_ms,
    };
    let pace = Pace {
        bytes_per_second: config.hold.bytes_per_second,
        look_ms: config.pace.look_ms,
    };
    let (folder, share) = (config.state.join(FOLDER), share.clone());
    lifecycle.thread("holds", move || -> Result<(), HoldError> {
        let holder = Holder::open(&folder, bounds, sources, vault)?;
        let clock = share.clock.as_ref();
        let (outlet, stop) = (&share.outlet, &share.stop);
        let Ok(()) = follower::follow(holder, desired, pace, outlet, clock, stop);
        Ok(())
    })
}
