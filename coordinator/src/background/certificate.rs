//! Renews the certificate that the coordinator shows, at half of its life.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use tracing::info;

use super::chore::{Chore, ChoreError, Done};
use crate::authority::root::Authority;
use crate::authority::server::ServerCertificate;

/// See the module.
#[derive(Debug)]
pub struct Certificate {
    authority: Arc<Authority>,
    shown: Arc<ServerCertificate>,
    clock: Arc<dyn Clock>,
}

impl Certificate {
    /// Of this coordinator.
    pub fn new(
        authority: Arc<Authority>,
        shown: Arc<ServerCertificate>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            authority,
            shown,
            clock,
        }
    }
}

impl Chore for Certificate {
    const NAME: &'static str = "certificate";
    const PERIOD_MS: u64 = 60 * 60 * 1_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let now = self.clock.now();
        let renewed = self.shown.renew_if_due(&self.authority, now)?;
        if renewed {
            info!(until = %self.shown.not_after(), "the coordinator's certificate is renewed");
        }
        Ok(Done::with(u64::from(renewed)))
    }
}
