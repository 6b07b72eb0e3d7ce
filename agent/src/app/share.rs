//! What every thread that observes has a share of.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use tokio_util::sync::CancellationToken;

use crate::footage::recorder::Guard;
use crate::outlet::Outlet;
use crate::storage::foundation::Ground;

/// See the module.
#[derive(Clone)]
pub(super) struct Share {
    pub(super) outlet: Outlet,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: CancellationToken,
}

/// A recorder asks the ground that it stands on.
#[derive(Debug)]
pub(super) struct OnGround(pub(super) Ground);

impl Guard for OnGround {
    fn is_intact(&mut self) -> bool {
        self.0.is_firm()
    }
}
