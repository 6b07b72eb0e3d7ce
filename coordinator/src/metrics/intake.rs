//! What the intake counts: connections, reports, and how long a group takes.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::hindrance::Hindrance;
use super::pulse::Pulse;
use super::units::{bounded, seconds};

/// Handed to the intake; clones count together.
#[derive(Debug, Clone)]
pub struct IntakeMetrics {
    connections: Counter,
    connections_refused: Counter,
    reports: Counter,
    observations: Counter,
    refused: Counter,
    group_reports: Histogram,
    group_observations: Histogram,
    commit_seconds: Histogram,
    /// Beats while the writer has a group in hand.
    pub writer: Pulse,
    /// Stands while the database does not take a group.
    pub hindrance: Hindrance,
}

/// At nought, and read by nobody.
impl Default for IntakeMetrics {
    fn default() -> Self {
        // Up to a group's limits of 512 reports and 4 096 observations.
        let sizes = |count| Histogram::new(exponential_buckets(1.0, 2.0, count));
        Self {
            connections: Counter::default(),
            connections_refused: Counter::default(),
            reports: Counter::default(),
            observations: Counter::default(),
            refused: Counter::default(),
            group_reports: sizes(10),
            group_observations: sizes(13),
            // From half a millisecond, a commit on a fast disk, to eight seconds.
            commit_seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 15)),
            writer: Pulse::default(),
            hindrance: Hindrance::default(),
        }
    }
}

impl IntakeMetrics {
    /// Enters all of it under its names.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let counters = Self::default();
        let own = counters.clone();
        registry.register(
            "connections",
            "Connections of agents that were let in",
            own.connections,
        );
        registry.register(
            "connections_refused",
            "Connections that were turned away",
            own.connections_refused,
        );
        registry.register("reports", "Reports stored and judged", own.reports);
        registry.register("observations", "Observations stored", own.observations);
        registry.register(
            "observations_refused",
            "Observations that could not be judged",
            own.refused,
        );
        registry.register(
            "group_reports",
            "Reports that shared a transaction",
            own.group_reports,
        );
        registry.register(
            "group_observations",
            "Observations that shared a transaction",
            own.group_observations,
        );
        registry.register(
            "commit_seconds",
            "From a group taken to its acknowledgement",
            own.commit_seconds,
        );
        counters
    }

    /// An agent was let in.
    pub fn connected(&self) {
        self.connections.inc();
    }

    /// Somebody was turned away.
    pub fn turned_away(&self) {
        self.connections_refused.inc();
    }

    /// A group is durable.
    pub fn group_committed(&self, reports: usize, observations: usize, ms: u64) {
        let (reports, observations) = (bounded(reports), bounded(observations));
        self.reports.inc_by(u64::from(reports));
        self.observations.inc_by(u64::from(observations));
        self.group_reports.observe(f64::from(reports));
        self.group_observations.observe(f64::from(observations));
        self.commit_seconds.observe(seconds(ms));
    }

    /// Observations could not be judged and were kept as they came.
    pub fn refused(&self, observations: usize) {
        self.refused.inc_by(u64::from(bounded(observations)));
    }
}
