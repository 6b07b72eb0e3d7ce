//! The audit as JSON: stable keys, times in RFC 3339 UTC, spans in seconds.

use keepwatch_common::error_chain::chain;
use keepwatch_common::interval::Interval;
use keepwatch_common::time::{Instant, SECOND_MS};
use serde::{Serialize, Serializer};

use crate::footage::audit::{Audit, CameraAudit, Trouble};
use crate::footage::recognise::Recognised;
use crate::footage::tally::StateCounts;

#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    generated_at: Time,
    layout: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recognised: Option<Reasons>,
    files: u64,
    bytes: u64,
    elapsed_ms: u64,
    unseen: Vec<String>,
    unseen_count: u64,
    cameras: Vec<Row<'a>>,
}

/// Why a layout was recognised.
#[derive(Debug, Serialize)]
struct Reasons {
    layout: &'static str,
    fitting: usize,
    looked_at: usize,
    reason: String,
    runner_up: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    camera: &'a str,
    oldest: Option<Time>,
    newest: Option<Time>,
    stale_s: Seconds,
    seen_whole: bool,
    unknown_s: Seconds,
    recorded_s: Seconds,
    scheduled_s: Seconds,
    coverage: Option<f64>,
    continuous_days: f64,
    states: StateCounts,
    gaps: Vec<Gap>,
    faults: Vec<Fault<'a>>,
}

#[derive(Debug, Serialize)]
struct Gap {
    start: Time,
    end: Time,
    seconds: Seconds,
}

#[derive(Debug, Serialize)]
struct Fault<'a> {
    path: &'a str,
    start: Time,
    kind: &'static str,
    detail: &'a str,
}

/// The whole document.
pub(super) fn document<'a>(
    audit: &'a Audit,
    layout: &'a str,
    recognised: Option<&Recognised>,
) -> Document<'a> {
    Document {
        generated_at: Time(audit.generated_at),
        layout,
        recognised: recognised.map(|found| Reasons {
            layout: found.layout,
            fitting: found.fitting,
            looked_at: found.looked_at,
            reason: found.reason(),
            runner_up: found.runner_up.map(|(name, _)| name),
        }),
        files: audit.cameras.iter().map(|camera| camera.files).sum(),
        bytes: audit.cameras.iter().map(|camera| camera.bytes).sum(),
        elapsed_ms: audit.elapsed_ms,
        unseen: audit.unreadable.iter().map(unseen).collect(),
        unseen_count: audit.unreadable_count,
        cameras: audit.cameras.iter().map(camera).collect(),
    }
}

/// A place that could not be seen, without the words that all of them share.
fn unseen(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Place(place) => chain(place).to_string(),
        Trouble::Segment(error) => chain(error).to_string(),
    }
}

fn camera(audit: &CameraAudit) -> Row<'_> {
    Row {
        camera: &audit.camera,
        oldest: audit.oldest.map(Time),
        newest: audit.newest.map(Time),
        stale_s: Seconds(audit.stale_ms),
        seen_whole: audit.seen_whole,
        unknown_s: Seconds(audit.unknown_ms),
        recorded_s: Seconds(audit.recorded_ms),
        scheduled_s: Seconds(audit.scheduled_ms),
        coverage: share(audit.recorded_ms, audit.scheduled_ms),
        continuous_days: floor(audit.continuous.days(), 1_000.0),
        states: audit.states,
        gaps: audit.gaps.iter().map(|gap| gap_of(*gap)).collect(),
        faults: audit
            .faults
            .iter()
            .map(|fault| Fault {
                path: &fault.path,
                start: Time(fault.start),
                kind: fault.kind.word(),
                detail: &fault.detail,
            })
            .collect(),
    }
}

fn gap_of(gap: Interval) -> Gap {
    Gap {
        start: Time(gap.start()),
        end: Time(gap.end()),
        seconds: Seconds(gap.ms()),
    }
}

/// Recorded of expected, rounded down to a millionth, so that 1 means all; nothing expected, no share.
pub(super) fn share(recorded_ms: i64, scheduled_ms: i64) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a hundred years of milliseconds are exact"
    )]
    let share = recorded_ms as f64 / scheduled_ms as f64;
    (scheduled_ms > 0).then(|| floor(share, 1e6))
}

fn floor(value: f64, parts: f64) -> f64 {
    (value * parts).floor() / parts
}

#[derive(Debug)]
struct Time(Instant);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Milliseconds shown as seconds; whole ones as whole numbers.
#[derive(Debug)]
struct Seconds(i64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % SECOND_MS == 0 {
            return serializer.serialize_i64(self.0 / SECOND_MS);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a hundred years of milliseconds are exact"
        )]
        let seconds = self.0 as f64 / 1_000.0;
        serializer.serialize_f64(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_only_when_everything_was_recorded() {
        assert_eq!(share(1_000_000_000, 1_000_000_000), Some(1.0));
        assert_eq!(share(999_999_999, 1_000_000_000), Some(0.999_999));
        assert_eq!(share(0, 0), None);
    }

    #[test]
    fn whole_seconds_print_as_whole_numbers() {
        assert_eq!(serde_json::to_string(&Seconds(300_000)).unwrap(), "300");
        assert_eq!(serde_json::to_string(&Seconds(300_250)).unwrap(), "300.25");
    }
}
