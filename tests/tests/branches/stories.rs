//! What every recorder is put through.

use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::time::{Instant, SECOND_MS};
use keepwatch_tests::branch::media::Look;
use keepwatch_tests::branch::recorders::tree;
use keepwatch_tests::branch::{Condition, Fault, Recorder, Scenario, Truth};

use super::audit::scan;
use super::comparison::differences;

/// An evening without anything peculiar but a midnight, in Berlin and in UTC.
const EVENING: &str = "2026-11-10T21:30:00Z";

/// The night in which Berlin has an hour twice: 02:00 to 03:00 is 00:00 to 01:00 and again 01:00 to
/// 02:00 in UTC.
const LONG_NIGHT: &str = "2026-10-24T23:20:07Z";

/// The night in which Berlin has no hour from 02:00 to 03:00.
const SHORT_NIGHT: &str = "2026-03-28T23:20:07Z";

/// How long everything lasts.
const SPAN_S: i64 = 4 * 3_600;

/// Seeds of the mixtures.
const SEEDS: [u64; 4] = [1, 20, 300, 4_000];

fn night(start: &str) -> Scenario {
    Scenario::healthy(Instant::parse(start).unwrap(), SPAN_S)
}

/// As long as a clock that is put back an hour needs.
fn evening() -> Scenario {
    Scenario {
        span_s: 9_000,
        ..night(EVENING)
    }
}

/// Lays a scenario, scans it, and compares; everything that is told otherwise than it is.
fn told_wrong(recorder: &dyn Recorder, scenario: &Scenario) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let laid = recorder.lay(folder.path(), scenario).unwrap();
    let audit = scan(recorder, folder.path());
    differences(&Truth::of(&laid), &audit)
}

fn assert_exact(recorder: &dyn Recorder, what: &str, scenario: &Scenario) {
    let wrong = told_wrong(recorder, scenario);
    let (name, seed) = (recorder.name(), scenario.seed);
    assert!(
        wrong.is_empty(),
        "{name}, {what}, seed {seed}, {:?}:\n{}",
        scenario.injected,
        wrong.join("\n")
    );
}

/// Faults that may come together.
const FAULTS: [Fault; 12] = [
    Fault::Gap { seconds: 5 },
    Fault::Gap { seconds: 1_800 },
    Fault::File(Condition::Cut),
    Fault::File(Condition::IndexFlipped),
    Fault::File(Condition::MediaFlipped),
    Fault::File(Condition::Empty),
    Fault::File(Condition::Killed),
    Fault::ClockForward,
    Fault::ClockBack,
    Fault::Doubled,
    Fault::Deleted { files: 3 },
    Fault::SlowCamera { minute_s: 72 },
];

/// Those of them that this recorder shows.
fn faults(recorder: &dyn Recorder) -> Vec<Fault> {
    let shown = |fault: &Fault| recorder.shows(fault);
    FAULTS.into_iter().filter(shown).collect()
}

/// Unbroken nights, also those whose clocks change, are without a finding.
pub(crate) fn healthy(recorder: &dyn Recorder) {
    for start in [EVENING, LONG_NIGHT, SHORT_NIGHT] {
        let scenario = night(start);
        assert_exact(recorder, "without a fault", &scenario);
        assert_eq!(scenario.injected, []);
    }
}

/// Each fault by itself is told, and nothing else is.
pub(crate) fn each_fault_alone(recorder: &dyn Recorder) {
    let mut faults = faults(recorder);
    faults.extend([Fault::Stopped, Fault::Relic { days: 40 }]);
    for fault in faults {
        let scenario = evening().with(4_500, fault);
        assert_exact(recorder, "one fault", &scenario);
    }
}

/// What only pictures tell is no fault of any file: a structure is sound whatever it shows.
pub(crate) fn every_look(recorder: &dyn Recorder) {
    let looks = Look::ALL.into_iter().zip(1..);
    let scenario = looks.fold(evening(), |scenario, (look, nth)| {
        scenario.with(nth * 1_000, Fault::Look(look, 5))
    });
    assert_exact(recorder, "every look", &scenario);
    let thinned = evening().with(4_500, Fault::ThinnedBefore);
    assert_exact(recorder, "thinned", &thinned);
}

/// The file that is being written is open, and no fault.
pub(crate) fn open_newest(recorder: &dyn Recorder) {
    let now = SystemClock::new().now();
    let start = Instant::from_s(now.ms() / SECOND_MS - 2 * 3_600);
    let scenario = if recorder.shows(&Fault::OpenNewest) {
        // As many whole files as fit, and one that was begun less than a minute ago.
        Scenario::healthy(start, 2 * 3_600 + 50)
            .with(0, Fault::OpenNewest)
            .with_camera(1, 0, Fault::OpenNewest)
    } else {
        Scenario::healthy(start, 2 * 3_600)
    };
    assert_exact(recorder, "the newest open", &scenario);
}

/// Several faults in one branch, drawn by seed, also in nights whose clocks change.
pub(crate) fn mixtures(recorder: &dyn Recorder) {
    for (nth, seed) in SEEDS.into_iter().enumerate() {
        let start = [EVENING, LONG_NIGHT, SHORT_NIGHT][nth % 3];
        let scenario = night(start).mixture(seed, &faults(recorder));
        assert_exact(recorder, "a mixture", &scenario);
    }
}

/// What is held against a truth that leaves a fault out must be told otherwise: these comparisons can
/// fail.
#[test]
fn a_truth_that_lacks_a_fault_is_contradicted() {
    let recorder = tree("template").unwrap();
    for fault in [
        Fault::Gap { seconds: 5 },
        Fault::File(Condition::Cut),
        Fault::File(Condition::Empty),
        Fault::File(Condition::IndexFlipped),
        Fault::ClockBack,
        Fault::Doubled,
        Fault::Stopped,
        Fault::Relic { days: 40 },
    ] {
        let lay = |scenario: &Scenario| {
            let folder = tempfile::tempdir().unwrap();
            let laid = recorder.lay(folder.path(), scenario).unwrap();
            (folder, Truth::of(&laid))
        };
        let (_healthy, truth) = lay(&night(EVENING));
        let (folder, _) = lay(&night(EVENING).with(6_000, fault));
        let audit = scan(&recorder, folder.path());
        assert!(!differences(&truth, &audit).is_empty(), "{fault:?}");
    }
}
