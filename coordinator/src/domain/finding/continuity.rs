//! Whether one finding tells of the same matter as another: gaps that grew together or shrank, many
//! that folded into one, one that unfolded into many.
//!
//! A finding that gives way to another of the same matter is *continued*, so that nobody hears of a
//! recovery that is none, nor of the same trouble twice.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::interval::Interval;

use super::change::{FindingId, OpenFinding};
use crate::domain::code::Code;
use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::Judgement;
use crate::domain::subject::Subject;

/// All that fails, to be asked for by key, by fold and by time.
pub(super) struct Failings<'a> {
    pub(super) by_key: BTreeMap<(&'a Code, &'a Subject), &'a Failing>,
    folds: BTreeSet<(&'a Code, Subject)>,
    gaps: Gaps<'a>,
}

impl<'a> Failings<'a> {
    /// Where two judgements tell of one subject, the worse stands.
    pub(super) fn of(judgements: &'a [Judgement]) -> Self {
        let mut by_key = BTreeMap::new();
        for failing in judgements.iter().flat_map(|judgement| &judgement.failing) {
            let known = by_key
                .entry((&failing.control, &failing.subject))
                .or_insert(failing);
            if known.severity < failing.severity {
                *known = failing;
            }
        }
        let all = || by_key.values().copied();
        Self {
            folds: all()
                .filter_map(|failing| Some((&failing.control, failing.subject.fold()?)))
                .collect(),
            gaps: Gaps::of(all().filter_map(|failing| {
                let gap = gap_of(&failing.evidence)?;
                Some((&failing.control, &failing.subject, gap, FindingId(0)))
            })),
            by_key,
        }
    }

    /// Whether something that fails tells of what this finding told.
    pub(super) fn tell_of(&self, finding: &'a OpenFinding) -> bool {
        let folded = finding
            .subject
            .fold()
            .is_some_and(|fold| self.by_key.contains_key(&(&finding.control, &fold)));
        let gap = finding.evidence.as_ref().and_then(gap_of);
        folded
            || self
                .folds
                .contains(&(&finding.control, finding.subject.clone()))
            || gap.is_some_and(|gap| {
                let touching = self.gaps.touching(&finding.control, &finding.subject, gap);
                touching.is_some()
            })
    }
}

/// What findings that close leave to those that open.
pub(super) struct Heritage<'a> {
    folds: BTreeMap<(&'a Code, Subject), FindingId>,
    gaps: Gaps<'a>,
}

impl<'a> Heritage<'a> {
    pub(super) fn of(leaving: &[&'a OpenFinding]) -> Self {
        Self {
            folds: leaving
                .iter()
                .filter_map(|f| Some(((&f.control, f.subject.fold()?), f.id)))
                .collect(),
            gaps: Gaps::of(leaving.iter().filter_map(|finding| {
                let gap = gap_of(finding.evidence.as_ref()?)?;
                Some((&finding.control, &finding.subject, gap, finding.id))
            })),
        }
    }

    pub(super) fn left_to(&self, failing: &'a Failing) -> Option<FindingId> {
        let folded = self.folds.get(&(&failing.control, failing.subject.clone()));
        folded.copied().or_else(|| {
            let gap = gap_of(&failing.evidence)?;
            self.gaps.touching(&failing.control, &failing.subject, gap)
        })
    }
}

/// Gaps by control and camera, in order of time; those of one camera do not overlap.
struct Gaps<'a>(BTreeMap<(&'a Code, Subject), Vec<(Interval, FindingId)>>);

impl<'a> Gaps<'a> {
    fn of(gaps: impl Iterator<Item = (&'a Code, &'a Subject, Interval, FindingId)>) -> Self {
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (control, subject, gap, id) in gaps {
            let camera = (control, subject.owner());
            all.entry(camera).or_default().push((gap, id));
        }
        for gaps in all.values_mut() {
            gaps.sort_unstable();
        }
        Self(all)
    }

    fn touching(&self, control: &'a Code, subject: &Subject, gap: Interval) -> Option<FindingId> {
        let gaps = self.0.get(&(control, subject.owner()))?;
        let from = gaps.partition_point(|(other, _)| other.end() <= gap.start());
        let (other, id) = gaps.get(from)?;
        other.intersection(gap).map(|_| *id)
    }
}

fn gap_of(evidence: &Evidence) -> Option<Interval> {
    match evidence {
        Evidence::Gap {
            start_at_ms,
            end_at_ms,
            ..
        } => Interval::new(*start_at_ms, *end_at_ms),
        _ => None,
    }
}
