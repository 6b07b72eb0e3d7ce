//! Counters that whoever counts is handed, and their text.
//!
//! A *face*: it uses its children. Each room that has something to count gets a clone of its own
//! struct and knows nothing of the others, of the registry, or of who reads the text. What the store
//! knows better than a counter (agents, alerts, what waits) is set from there when the text is asked
//! for. Labels are words of ours or channels' names: never a branch, for ten thousand of them would
//! be ten thousand series.

/// Whether what is to be written can be written.
pub mod hindrance;
/// What the intake counts.
pub mod intake;
/// What notifying counts.
pub mod notify;
/// Whether something that must not stop has stopped.
pub mod pulse;
/// What stands in the store.
pub mod standing;
/// From what we count in to what Prometheus counts in.
mod units;
/// What the web counts.
pub mod web;

use std::fmt;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

pub use intake::IntakeMetrics;
pub use notify::NotifyMetrics;
pub use standing::{AlertCount, Standing, StandingMetrics};
pub use web::WebMetrics;

/// What every name begins with.
const PREFIX: &str = "keepwatch";

/// All counters of one coordinator.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// For the intake.
    pub intake: IntakeMetrics,
    /// For notify.
    pub notify: NotifyMetrics,
    /// For the web.
    pub web: WebMetrics,
    standing: StandingMetrics,
}

impl Metrics {
    /// Everything at nought.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        Self {
            intake: IntakeMetrics::register(&mut registry),
            notify: NotifyMetrics::register(&mut registry),
            web: WebMetrics::register(&mut registry),
            standing: StandingMetrics::register(&mut registry),
            registry,
        }
    }

    /// The text that Prometheus reads (`OpenMetrics` 1.0), with what stands now.
    pub fn text(&self, standing: &Standing) -> Result<String, fmt::Error> {
        self.standing.set(standing);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_and_what_stands_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.intake.group_committed(3, 40, 12);
        metrics.notify.sent("ops");
        metrics.web.answered("GET", 200, 4);
        let standing = Standing {
            agents: 7,
            agents_connected: 5,
            outbox_waiting: 2,
            alerts: vec![AlertCount {
                kind: "gap".to_owned(),
                severity: "major".to_owned(),
                alerts: 4,
            }],
        };
        let text = metrics.text(&standing).unwrap();
        for line in [
            "keepwatch_reports_total 3",
            "keepwatch_observations_total 40",
            "keepwatch_notifications_sent_total{channel=\"ops\"} 1",
            "keepwatch_agents 7",
            "keepwatch_agents_connected 5",
            "keepwatch_notifications_waiting 2",
            "keepwatch_alerts{kind=\"gap\",severity=\"major\"} 4",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is missing in {text}");
        }
    }

    #[test]
    fn an_alert_that_is_gone_is_gone_from_the_text() {
        let metrics = Metrics::new();
        let mut standing = Standing::default();
        standing.alerts.push(AlertCount {
            kind: "gap".to_owned(),
            severity: "major".to_owned(),
            alerts: 4,
        });
        assert!(metrics.text(&standing).unwrap().contains("kind=\"gap\""));
        let text = metrics.text(&Standing::default()).unwrap();
        assert!(!text.contains("kind=\"gap\""), "{text}");
    }
}
