//! Footage is recorded whenever it should be: holes inside the schedule are gaps.
//!
//! Only what was measured is judged; the rest is unknown and never a gap. One failing per gap,
//! named by its start, so that a gap that grows stays the same finding. A UTC day with more gaps than
//! anybody reads, or with so many short ones that they alone break its limit, folds into one failing.

use keepwatch_common::coverage::Schedule;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::{CameraKey, UtcDay};
use keepwatch_common::time::{DAY_MS, Instant};

use crate::domain::evidence::Evidence;
use crate::domain::failing::{Failing, Standing};
use crate::domain::judgement::{Judgement, Sight, Subjects, Verdict, Why};
use crate::domain::kind::Severity;
use crate::domain::pack::{Control, GapParameters};
use crate::domain::subject::{Subject, day_text};

/// Most gaps of one camera and day told one by one: one every half hour is a pattern, not a list.
pub const GAPS_PER_DAY_MAX: usize = 48;

/// A whole in the millionths that limits are written in.
const WHOLE_PPM: i64 = 1_000_000;

/// What is known of one camera.
#[derive(Debug, Clone, Copy)]
pub struct GapFacts<'a> {
    /// Which camera.
    pub camera: &'a CameraKey,
    /// The days to judge, first and last; whole days, because short gaps count by the day.
    pub days: (UtcDay, UtcDay),
    /// Standing holes that touch these days, each whole even where it reaches beyond them.
    pub holes: &'a IntervalSet,
    /// What was measured, at least wherever there is a hole.
    pub measured: &'a IntervalSet,
    /// When recording is expected.
    pub schedule: &'a Schedule,
    /// Since when anybody watches; a gap that ended earlier is history.
    pub watched_since: Instant,
    /// Whether the branch can be seen.
    pub sight: Sight,
}

/// Judges one camera's days.
pub fn judge(
    control: &Control,
    parameters: &GapParameters,
    facts: &GapFacts<'_>,
    now: Instant,
) -> Judgement {
    let camera = Subject::camera(facts.camera);
    if let Some(why) = facts.sight.clouded() {
        let always = IntervalSet::of(Interval::new(Instant::EARLIEST, Instant::LATEST));
        return Judgement::unknown(&control.id, Subjects::Moments(camera, always), why);
    }
    let (first, last) = facts.days;
    let Some(window) = Interval::new(first.start(), last.start() + DAY_MS) else {
        return nothing_expected(control, Subjects::Moments(camera, IntervalSet::EMPTY));
    };
    let case = Case {
        control,
        parameters,
        facts,
        camera,
        now,
    };
    let gaps = case.gaps(window);
    let mut failing = Vec::new();
    let mut rest = gaps.as_slice();
    while let Some(gap) = rest.first() {
        let day = UtcDay::of(gap.start());
        let same_day = rest.partition_point(|gap| UtcDay::of(gap.start()) == day);
        let (of_day, later) = rest.split_at(same_day);
        rest = later;
        if (first..=last).contains(&day) && case.folds(day, of_day) {
            failing.extend(case.day(day, of_day));
        } else {
            let long = of_day.iter().filter(|gap| case.is_told(**gap));
            failing.extend(long.map(|gap| case.gap(*gap)));
        }
    }
    // A gap that began before the window is judged too, because it was given whole.
    let starts: IntervalSet = gaps
        .iter()
        .filter_map(|gap| Interval::new(gap.start(), gap.start() + 1))
        .collect();
    let looked = facts.measured.within(window).union(&starts);
    let scope = Subjects::Moments(case.camera.clone(), looked);
    if failing.is_empty() {
        return case.without_gaps(scope, window);
    }
    Judgement::of(&control.id, scope, failing)
}

fn nothing_expected(control: &Control, scope: Subjects) -> Judgement {
    let why = Some(Why::NothingExpected);
    Judgement::without(&control.id, scope, Verdict::NotApplicable, why)
}

/// One camera before the judge.
struct Case<'a> {
    control: &'a Control,
    parameters: &'a GapParameters,
    facts: &'a GapFacts<'a>,
    camera: Subject,
    now: Instant,
}

impl Case<'_> {
    /// All gaps that touch the window, whole.
    fn gaps(&self, window: Interval) -> Vec<Interval> {
        let expected = self.facts.schedule.of(self.facts.holes);
        expected
            .intersection(self.facts.measured)
            .iter()
            .filter(|gap| gap.intersection(window).is_some())
            .copied()
            .collect()
    }

    fn is_told(&self, gap: Interval) -> bool {
        gap.ms() >= self.parameters.gap_ms_min
    }

    /// Whether a day is told as one. What is expected of the whole day is the measure, so that a
    /// short gap in its first minutes does not break it.
    fn folds(&self, day: UtcDay, gaps: &[Interval]) -> bool {
        let told = gaps.iter().filter(|gap| self.is_told(**gap)).count();
        let short = gaps.iter().filter(|gap| !self.is_told(**gap));
        let short_ms: i64 = short.map(|gap| gap.ms()).sum();
        let allowed_ppm = WHOLE_PPM - i64::from(self.parameters.day_limit_ppm);
        told > GAPS_PER_DAY_MAX || short_ms * WHOLE_PPM > self.expected_ms(day) * allowed_ppm
    }

    fn expected_ms(&self, day: UtcDay) -> i64 {
        day.interval()
            .map_or(0, |day| self.facts.schedule.within(day).ms())
    }

    fn gap(&self, gap: Interval) -> Failing {
        let evidence = Evidence::Gap {
            recorder: self.facts.camera.recorder.to_string(),
            camera: self.facts.camera.camera.to_string(),
            start_at_ms: gap.start(),
            end_at_ms: gap.end(),
            ongoing: self.is_ongoing(gap),
        };
        let subject = self.camera.at(gap.start());
        Failing::of(self.control, subject, gap.start(), evidence)
            .at_most(self.severity(gap.ms()))
            .standing(self.standing(gap))
    }

    fn day(&self, day: UtcDay, gaps: &[Interval]) -> Option<Failing> {
        let (first, last) = (gaps.first()?, gaps.last()?);
        let missing_ms = gaps.iter().map(|gap| gap.ms()).sum();
        let evidence = Evidence::GapDay {
            recorder: self.facts.camera.recorder.to_string(),
            camera: self.facts.camera.camera.to_string(),
            day: day_text(day),
            gaps: gaps.len(),
            missing_ms,
            longest_ms: gaps.iter().map(|gap| gap.ms()).max().unwrap_or(0),
            expected_ms: self.expected_ms(day),
        };
        let failing = Failing::of(self.control, self.camera.on(day), first.start(), evidence)
            .at_most(self.severity(missing_ms))
            .standing(self.standing(*last));
        Some(failing)
    }

    fn severity(&self, missing_ms: i64) -> Severity {
        if missing_ms >= self.parameters.critical_ms {
            Severity::Critical
        } else if missing_ms >= self.parameters.major_ms {
            Severity::Major
        } else {
            Severity::Minor
        }
    }

    /// Nothing later was measured.
    fn is_ongoing(&self, gap: Interval) -> bool {
        let measured = self.facts.measured.hull();
        measured.is_none_or(|measured| measured.end() <= gap.end())
    }

    fn standing(&self, gap: Interval) -> Standing {
        if self.is_ongoing(gap) {
            Standing::Now
        } else if gap.end() < self.facts.watched_since
            || self.now.since(gap.end()) > self.parameters.news_ms
        {
            Standing::History(gap.end())
        } else {
            Standing::Ended(gap.end())
        }
    }

    /// Without a gap it is a pass only if all was measured, up to a tail that still may come.
    fn without_gaps(&self, scope: Subjects, window: Interval) -> Judgement {
        let until = window.end().min(self.now - self.parameters.tail_ms);
        let expected = Interval::new(window.start(), until)
            .map(|past| self.facts.schedule.within(past))
            .unwrap_or_default();
        if expected.is_empty() {
            return nothing_expected(self.control, scope);
        }
        let known_ms = expected.intersection(self.facts.measured).ms();
        let (verdict, why) = match known_ms {
            0 => (Verdict::Unknown, Some(Why::NotMeasured)),
            ms if ms < expected.ms() => (Verdict::Partial, Some(Why::NotMeasured)),
            _ => (Verdict::Pass, None),
        };
        Judgement::without(&self.control.id, scope, verdict, why)
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use keepwatch_common::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::pack::Check;
    use crate::domain::packs;

    const DAY: UtcDay = UtcDay(20_000);

    fn minutes(from: i64, to: i64) -> Interval {
        let start = DAY.start();
        Interval::new(start + from * MINUTE_MS, start + to * MINUTE_MS).unwrap()
    }

    /// Judges the day at its end, having measured the given minutes of it.
    fn judged(holes: &[Interval], measured: Interval, change: fn(&mut GapFacts<'_>)) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let control = pack.control("A-02").unwrap();
        let Check::Gap(parameters) = control.check else {
            panic!("A-02 is not about gaps");
        };
        let camera = CameraKey {
            recorder: Name::new("nvr").unwrap(),
            camera: Name::new("3 号机").unwrap(),
        };
        let holes = holes.iter().copied().collect();
        let mut facts = GapFacts {
            camera: &camera,
            days: (DAY, DAY),
            holes: &holes,
            measured: &IntervalSet::of(Some(measured)),
            schedule: &Schedule::Always,
            watched_since: DAY.start(),
            sight: Sight::Clear,
        };
        change(&mut facts);
        judge(control, &parameters, &facts, DAY.start() + DAY_MS)
    }

    fn whole(holes: &[Interval]) -> Judgement {
        judged(holes, minutes(0, 1_440), |_| {})
    }

    #[test]
    fn a_gap_is_named_by_its_start_and_as_bad_as_it_is_long() {
        let judgement = whole(&[minutes(250, 390), minutes(600, 602), minutes(700, 705)]);
        let said: Vec<_> = judgement
            .failing
            .iter()
            .map(|failing| (failing.subject.as_str(), failing.severity))
            .collect();
        assert_eq!(
            said,
            [
                ("nvr/3 号机@2024-10-04T04:10:00Z", Severity::Critical),
                ("nvr/3 号机@2024-10-04T10:00:00Z", Severity::Minor),
                ("nvr/3 号机@2024-10-04T11:40:00Z", Severity::Major),
            ]
        );
        assert_eq!(judgement.verdict, Verdict::Fail);
    }

    #[test]
    fn a_gap_that_grows_keeps_its_subject_and_gets_worse() {
        let young = judged(&[minutes(100, 104)], minutes(0, 104), |_| {});
        let old = judged(&[minutes(100, 140)], minutes(0, 140), |_| {});
        assert_eq!(young.failing[0].subject, old.failing[0].subject);
        assert_eq!(young.failing[0].severity, Severity::Minor);
        assert_eq!(old.failing[0].severity, Severity::Critical);
        assert_eq!(old.failing[0].standing, Standing::Now);
    }

    #[test]
    fn a_gap_ends_when_recording_resumes_and_is_history_when_nobody_watched() {
        let holes = [minutes(100, 140)];
        let end = minutes(100, 140).end();
        assert_eq!(whole(&holes).failing[0].standing, Standing::Ended(end));
        let before = judged(&holes, minutes(0, 1_440), |facts| {
            facts.watched_since = DAY.start() + DAY_MS;
        });
        assert_eq!(before.failing[0].standing, Standing::History(end));
    }

    #[test]
    fn what_was_not_measured_is_no_gap_and_no_pass() {
        let half = judged(&[], minutes(0, 720), |_| {});
        assert_eq!(half.verdict, Verdict::Partial);
        let cut = judged(&[minutes(700, 800)], minutes(0, 710), |_| {});
        let Evidence::Gap { end_at_ms, .. } = cut.failing[0].evidence else {
            panic!("not a gap");
        };
        assert_eq!(end_at_ms, minutes(0, 710).end());
        let none = judged(&[], minutes(1_440, 1_500), |_| {});
        assert_eq!(none.verdict, Verdict::Unknown);
        assert_eq!(whole(&[]).verdict, Verdict::Pass);
    }

    #[test]
    fn a_silent_branch_is_unknown_whatever_its_holes() {
        let silent = judged(&[minutes(100, 140)], minutes(0, 140), |facts| {
            facts.sight = Sight::AgentSilent;
        });
        assert_eq!(silent.verdict, Verdict::Unknown);
        assert!(silent.failing.is_empty());
        let open = Subject::stored("nvr/3 号机").at(minutes(100, 140).start());
        assert!(silent.scope.contain(&open));
    }

    #[test]
    fn short_gaps_are_told_only_when_they_break_the_day() {
        let short = |count: i64| -> Vec<_> {
            let at = |n| minutes(10 * n, 10 * n + 1);
            let less = |i: Interval| Interval::new(i.start(), i.end() - SECOND_MS).unwrap();
            (0..count).map(at).map(less).collect()
        };
        // One hundredth of a day is 864 s: 14 gaps of 59 s are 826 s, 15 are 885 s.
        assert_eq!(whole(&short(14)).verdict, Verdict::Pass);
        let broken = whole(&short(15));
        assert_eq!(broken.failing.len(), 1);
        assert_eq!(broken.failing[0].subject.as_str(), "nvr/3 号机@2024-10-04");
        assert_eq!(broken.failing[0].severity, Severity::Major);
    }

    #[test]
    fn more_gaps_than_anybody_reads_fold_into_their_day() {
        let gaps = |count| -> Vec<_> { (0..count).map(|n| minutes(20 * n, 20 * n + 2)).collect() };
        assert_eq!(whole(&gaps(48)).failing.len(), 48);
        let folded = whole(&gaps(49));
        assert_eq!(folded.failing.len(), 1);
        let Evidence::GapDay {
            gaps, missing_ms, ..
        } = folded.failing[0].evidence
        else {
            panic!("not a day");
        };
        assert_eq!((gaps, missing_ms), (49, 98 * MINUTE_MS));
        assert!(folded.scope.contain(&folded.failing[0].subject));
    }

    #[test]
    fn a_gap_from_before_the_window_is_judged_whole() {
        let start = DAY.start() - 3 * DAY_MS;
        let long = Interval::new(start, DAY.start() + HOUR_MS).unwrap();
        let measured = Interval::new(start - HOUR_MS, DAY.start() + DAY_MS).unwrap();
        let judgement = judged(&[long], measured, |_| {});
        assert_eq!(judgement.failing[0].since, start);
        assert!(judgement.scope.contain(&judgement.failing[0].subject));
    }

    proptest! {
        /// Whatever the holes: nothing is lost between gaps told, days folded and short ones.
        #[test]
        fn every_long_gap_is_told_by_itself_or_by_its_day(
            holes in prop::collection::vec((0_i64..86_000, 1_i64..900), 0..120),
            measured_s in 1_i64..86_400,
        ) {
            let at = |s: i64| DAY.start() + s * SECOND_MS;
            let holes: Vec<_> = holes.iter()
                .filter_map(|(from, s)| Interval::new(at(*from), at(from + s)))
                .collect();
            let measured = Interval::new(at(0), at(measured_s)).unwrap();
            let judgement = judged(&holes, measured, |_| {});
            let gaps = holes.iter().copied().collect::<IntervalSet>().within(measured);
            let told: Vec<_> = gaps.iter().filter(|gap| gap.ms() >= MINUTE_MS).collect();
            for gap in &told {
                let own = Subject::stored("nvr/3 号机").at(gap.start());
                let tells = |f: &Failing| f.subject == own || Some(&f.subject) == own.fold().as_ref();
                prop_assert_eq!(judgement.failing.iter().filter(|f| tells(f)).count(), 1);
            }
            prop_assert!(judgement.failing.len() <= GAPS_PER_DAY_MAX);
            for failing in &judgement.failing {
                prop_assert!(judgement.scope.contain(&failing.subject));
            }
        }
    }
}
