//! What every thread that observes has a share of.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use tokio_util::sync::CancellationToken;

use crate::footage::recorder::Guard;
use crate::lifecycle::Lifecycle;
use crate::outlet::Outlet;
use crate::storage::foundation::Ground;
use crate::storage::machine::Machine;

/// See the module.
#[derive(Clone)]
pub(super) struct Share {
    pub(super) machine: Machine,
    pub(super) outlet: Outlet,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: CancellationToken,
}

impl Share {
    /// What observers of a machine share.
    pub(super) fn new(
        machine: Machine,
        outlet: &Outlet,
        clock: &Arc<dyn Clock>,
        lifecycle: &Lifecycle,
    ) -> Self {
        Self {
            machine,
            outlet: outlet.clone(),
            clock: Arc::clone(clock),
            stop: lifecycle.stop().clone(),
        }
    }
}

/// A recorder asks the ground that it stands on.
#[derive(Debug)]
pub(super) struct OnGround(pub(super) Ground);

impl Guard for OnGround {
    fn is_intact(&mut self) -> bool {
        self.0.is_firm()
    }
}
