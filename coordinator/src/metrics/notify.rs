//! What notifying counts, by channel.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// A channel's name, as configured: there are a handful.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Channel {
    channel: String,
}

/// Handed to notify; clones count together.
#[derive(Debug, Clone, Default)]
pub struct NotifyMetrics {
    sent: Family<Channel, Counter>,
    failed: Family<Channel, Counter>,
    given_up: Family<Channel, Counter>,
}

impl NotifyMetrics {
    /// Enters all of it under its names.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let counters = Self::default();
        let own = counters.clone();
        registry.register("notifications_sent", "Notifications that arrived", own.sent);
        registry.register(
            "notifications_failed",
            "Tries that failed and are repeated",
            own.failed,
        );
        registry.register(
            "notifications_given_up",
            "Notifications that never arrived",
            own.given_up,
        );
        counters
    }

    /// One arrived.
    pub fn sent(&self, channel: &str) {
        count(&self.sent, channel);
    }

    /// A try failed.
    pub fn failed(&self, channel: &str) {
        count(&self.failed, channel);
    }

    /// One is not tried any more.
    pub fn given_up(&self, channel: &str) {
        count(&self.given_up, channel);
    }
}

fn count(family: &Family<Channel, Counter>, channel: &str) {
    let channel = channel.to_owned();
    family.get_or_create(&Channel { channel }).inc();
}
