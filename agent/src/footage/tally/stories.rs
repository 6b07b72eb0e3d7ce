//! What sums of one camera must come out as.

use super::*;

const NOW_S: i64 = 1_795_420_000;

fn segment(start_s: i64, ms: Option<i64>) -> Segment<'static> {
    Segment {
        path: "a.mp4",
        start: Instant::from_s(start_s),
        bytes: 1_000,
        written: Instant::from_s(start_s + 10),
        state: SegmentState::Sealed,
        fault: None,
        duration_ms: ms,
    }
}

fn open(start_s: i64) -> Segment<'static> {
    Segment {
        state: SegmentState::Open,
        duration_ms: None,
        ..segment(start_s, None)
    }
}

fn tally(segments: Vec<Segment<'_>>) -> Tallied {
    let mut tally = Tally::new(Instant::from_s(NOW_S), 10_000);
    for segment in segments {
        tally.add(segment);
    }
    tally.finish()
}

fn span(start_s: i64, end_s: i64) -> Interval {
    Interval::new(Instant::from_s(start_s), Instant::from_s(end_s)).unwrap()
}

#[test]
fn segments_that_follow_each_other_are_one_run() {
    let sum = tally(vec![
        segment(NOW_S - 30, Some(10_000)),
        segment(NOW_S - 20, Some(10_100)),
    ]);
    assert_eq!(
        sum.covered.as_slice(),
        [Interval::new(
            Instant::from_s(NOW_S - 30),
            Instant::from_s(NOW_S - 10) + 100
        )
        .unwrap()]
    );
    assert_eq!((sum.states.sealed, sum.files, sum.bytes), (2, 2, 2_000));
}

#[test]
fn the_newest_unfinished_segment_is_open_and_no_fault() {
    let sum = tally(vec![segment(NOW_S - 30, Some(10_000)), open(NOW_S - 20)]);
    assert_eq!(
        (sum.states.sealed, sum.states.open, sum.fault_count),
        (1, 1, 0)
    );
}

#[test]
fn an_unfinished_segment_with_a_newer_one_was_cut_off() {
    let sum = tally(vec![open(NOW_S - 30), segment(NOW_S - 20, Some(10_000))]);
    assert_eq!((sum.states.open, sum.states.corrupt), (0, 1));
    assert_eq!(sum.faults[0].kind, FaultKind::Truncated);
    assert_eq!(sum.covered.as_slice(), [span(NOW_S - 20, NOW_S - 10)]);
}

#[test]
fn an_unfinished_segment_nobody_writes_to_was_cut_off() {
    let sum = tally(vec![open(NOW_S - 7_200)]);
    assert_eq!(
        (sum.states.open, sum.states.corrupt, sum.fault_count),
        (0, 1, 1)
    );
}

#[test]
fn an_empty_file_created_a_moment_ago_is_no_fault() {
    let empty = |start_s| Segment {
        state: SegmentState::Corrupt,
        fault: Some((FaultKind::Empty, "no bytes".to_owned())),
        bytes: 0,
        ..segment(start_s, None)
    };
    assert_eq!(tally(vec![empty(NOW_S - 5)]).fault_count, 0);
    let old = tally(vec![
        empty(NOW_S - 30),
        segment(NOW_S - 20, Some(10_000)),
        empty(NOW_S - 7_200),
    ]);
    assert_eq!(old.states.corrupt, 2);
    assert!(old.faults.len() == 2 && old.faults.iter().all(|f| f.kind == FaultKind::Empty));
}

#[test]
fn footage_from_the_future_is_a_clock_fault_and_covers_nothing() {
    let sum = tally(vec![segment(NOW_S + 3_600, Some(10_000))]);
    assert_eq!(sum.faults[0].kind, FaultKind::Clock);
    assert!(sum.covered.is_empty());
    assert_eq!(sum.oldest, None);
}

#[test]
fn two_files_that_claim_one_time_are_a_clock_fault() {
    let sum = tally(vec![
        segment(NOW_S - 30, Some(10_000)),
        segment(NOW_S - 25, Some(10_000)),
    ]);
    assert_eq!(sum.faults.len(), 1);
    assert_eq!(sum.faults[0].kind, FaultKind::Clock);
    assert_eq!(sum.covered.as_slice(), [span(NOW_S - 30, NOW_S - 15)]);
}

#[test]
fn segments_of_unknown_length_last_until_the_next() {
    let starts = [0, 10, 20, 30, 300, 310];
    let sum = tally(
        starts
            .iter()
            .map(|s| segment(NOW_S - 1_000 + s, None))
            .collect(),
    );
    assert_eq!(
        sum.covered.as_slice(),
        [
            span(NOW_S - 1_000, NOW_S - 960),
            span(NOW_S - 700, NOW_S - 680)
        ]
    );
    assert_eq!(sum.segment_ms, 10_000);
}

#[test]
fn damaged_footage_covers_nothing() {
    let damaged = Segment {
        state: SegmentState::Corrupt,
        fault: Some((FaultKind::Truncated, "cut".to_owned())),
        ..segment(NOW_S - 30, Some(10_000))
    };
    let sum = tally(vec![damaged]);
    assert!(sum.covered.is_empty());
    assert_eq!(sum.newest, None);
    assert_eq!(sum.oldest, Some(Instant::from_s(NOW_S - 30)));
}

#[test]
fn more_faults_than_are_kept_are_still_counted() {
    let future = i64::try_from(FAULTS_MAX).unwrap() + 5;
    let sum = tally(
        (0..future)
            .map(|s| segment(NOW_S + 1_000 + s, None))
            .collect(),
    );
    assert_eq!(sum.faults.len(), FAULTS_MAX);
    assert_eq!(sum.fault_count, u64::try_from(future).unwrap());
}

/// Segments that play a minute each and begin every so many seconds, written until the next one.
fn slow(count: i64, step_s: i64) -> Vec<Segment<'static>> {
    let first = NOW_S - (count + 10) * step_s;
    let at = |n: i64| first + n * step_s;
    let one = |n| Segment {
        written: Instant::from_s(at(n + 1)),
        ..segment(at(n), Some(60_000))
    };
    (0..count).map(one).collect()
}

#[test]
fn a_camera_whose_clock_runs_slow_has_no_gaps() {
    for count in [6, 33, 100] {
        let sum = tally(slow(count, 72));
        let first = NOW_S - (count + 10) * 72;
        assert_eq!(sum.covered.as_slice(), [span(first, first + count * 72)]);
        assert_eq!((sum.fault_count, sum.segment_ms), (0, 72_000));
    }
}

#[test]
fn a_gap_of_a_slow_camera_stays_a_gap() {
    let mut segments = slow(60, 72);
    segments.remove(30);
    let sum = tally(segments);
    let first = NOW_S - 70 * 72;
    let gap = (first + 30 * 72, first + 31 * 72);
    assert_eq!(
        sum.covered.as_slice(),
        [span(first, gap.0), span(gap.1, first + 60 * 72)]
    );
}

#[test]
fn a_recorder_that_stops_between_files_has_gaps() {
    let segments = slow(40, 72).into_iter().map(|one| Segment {
        written: one.start + 60_000,
        ..one
    });
    assert_eq!(tally(segments.collect()).covered.len(), 40);
}
