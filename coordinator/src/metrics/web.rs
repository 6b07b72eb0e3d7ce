//! What the web counts: answers by method and status, and how long they took.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Methods that are told apart; a client may send any word, and each would be a series.
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PUT", "DELETE"];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    status: u16,
}

/// Handed to the web; clones count together.
#[derive(Debug, Clone)]
pub struct WebMetrics {
    answers: Family<Answer, Counter>,
    seconds: Histogram,
}

impl WebMetrics {
    /// Enters all of it under its names.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let counters = Self {
            answers: Family::default(),
            // From a millisecond to eight seconds.
            seconds: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
        };
        let own = counters.clone();
        registry.register("http_answers", "Answers to requests", own.answers);
        registry.register(
            "http_seconds",
            "From a request's head to its answer's",
            own.seconds,
        );
        counters
    }

    /// A request was answered.
    pub fn answered(&self, method: &str, status: u16, seconds: f64) {
        let known = METHODS.into_iter().find(|known| *known == method);
        let method = known.unwrap_or("another");
        self.answers.get_or_create(&Answer { method, status }).inc();
        self.seconds.observe(seconds);
    }
}
