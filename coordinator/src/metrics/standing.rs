//! What stands in the store, as gauges: set anew each time the text is asked for.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Alert {
    kind: String,
    severity: String,
}

/// Alerts of one kind and severity that stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertCount {
    /// The alert's word.
    pub kind: String,
    /// How bad.
    pub severity: String,
    /// How many.
    pub alerts: i64,
}

/// What stands now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Agents that may report.
    pub agents: i64,
    /// Agents connected to this coordinator.
    pub agents_connected: i64,
    /// Notifications on their way out.
    pub outbox_waiting: i64,
    /// Alerts that stand.
    pub alerts: Vec<AlertCount>,
}

/// The gauges.
#[derive(Debug, Clone, Default)]
pub struct StandingMetrics {
    agents: Gauge,
    agents_connected: Gauge,
    outbox_waiting: Gauge,
    alerts: Family<Alert, Gauge>,
}

impl StandingMetrics {
    /// Enters all of it under its names.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        let own = gauges.clone();
        registry.register("agents", "Agents that may report", own.agents);
        registry.register(
            "agents_connected",
            "Agents connected to this coordinator",
            own.agents_connected,
        );
        registry.register(
            "notifications_waiting",
            "Notifications on their way out",
            own.outbox_waiting,
        );
        registry.register("alerts", "Alerts that stand", own.alerts);
        gauges
    }

    /// Sets all of it.
    pub(super) fn set(&self, standing: &Standing) {
        self.agents.set(standing.agents);
        self.agents_connected.set(standing.agents_connected);
        self.outbox_waiting.set(standing.outbox_waiting);
        // What does not stand any more must not stay at its last number.
        self.alerts.clear();
        for count in &standing.alerts {
            let alert = Alert {
                kind: count.kind.clone(),
                severity: count.severity.clone(),
            };
            self.alerts.get_or_create(&alert).set(count.alerts);
        }
    }
}
