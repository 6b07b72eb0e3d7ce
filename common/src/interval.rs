//! Half-open intervals of time and sorted disjoint sets of them.
//!
//! A set is a sorted list of intervals that neither overlap nor touch, so every instant set has one
//! form. Operations are linear sweeps over both lists; the hot path (footage that arrives in order)
//! appends in constant time. Nothing here knows what an interval means.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// From `start` up to and without `end`; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    start: Instant,
    end: Instant,
}

impl Interval {
    /// `None` when nothing lies between.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The first instant inside.
    pub fn start(self) -> Instant {
        self.start
    }

    /// The first instant after.
    pub fn end(self) -> Instant {
        self.end
    }

    /// Length in milliseconds, at least 1.
    pub fn ms(self) -> i64 {
        self.end.since(self.start)
    }

    /// Whether the instant lies inside.
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// What both have in common.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// Sorted, disjoint, not touching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntervalSet(Vec<Interval>);

impl IntervalSet {
    /// No instant at all.
    pub const EMPTY: Self = Self(Vec::new());

    /// The instants of one interval, or none.
    pub fn of(interval: Option<Interval>) -> Self {
        Self(interval.into_iter().collect())
    }

    /// The intervals in order.
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    /// The intervals in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Interval> {
        self.0.iter()
    }

    /// How many intervals.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no instant.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Total length in milliseconds.
    pub fn ms(&self) -> i64 {
        self.0.iter().map(|i| i.ms()).sum()
    }

    /// From the first instant to the last.
    pub fn hull(&self) -> Option<Interval> {
        let (first, last) = (self.0.first()?, self.0.last()?);
        Some(first.hull(*last))
    }

    /// Whether the instant lies inside.
    pub fn contains(&self, at: Instant) -> bool {
        self.0[..self.after(at)]
            .last()
            .is_some_and(|i| i.contains(at))
    }

    /// Adds the instants of one interval: constant time at the end, logarithmic search and a splice
    /// elsewhere.
    pub fn insert(&mut self, added: Interval) {
        match self.0.last_mut() {
            None => self.0.push(added),
            Some(last) if last.end < added.start => self.0.push(added),
            Some(last) if last.start <= added.start => last.end = last.end.max(added.end),
            Some(_) => self.insert_inside(added),
        }
    }

    fn insert_inside(&mut self, added: Interval) {
        // All that touch or overlap: their end is not before our start, their start not after our end.
        let from = self.0.partition_point(|i| i.end < added.start);
        let to = self.0.partition_point(|i| i.start <= added.end);
        let merged = self.0[from..to].iter().fold(added, |all, i| all.hull(*i));
        self.0.splice(from..to, [merged]);
    }

    /// Takes the instants of one interval away.
    pub fn remove(&mut self, removed: Interval) {
        let from = self.0.partition_point(|i| i.end <= removed.start);
        let to = self.0.partition_point(|i| i.start < removed.end);
        if from >= to {
            return;
        }
        let before = Interval::new(self.0[from].start, removed.start);
        let after = Interval::new(removed.end, self.0[to - 1].end);
        self.0.splice(from..to, before.into_iter().chain(after));
    }

    /// Instants of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
        let mut all = Self(Vec::with_capacity(self.len() + other.len()));
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(l), Some(r)) if l.start <= r.start => left.next(),
                (_, Some(_)) => right.next(),
                (Some(_), None) => left.next(),
                (None, None) => return all,
            };
            if let Some(interval) = next {
                all.insert(*interval);
            }
        }
    }

    /// Instants of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        let mut both = Vec::new();
        while let (Some(l), Some(r)) = (left.first(), right.first()) {
            both.extend(l.intersection(*r));
            if l.end <= r.end {
                left = &left[1..];
            } else {
                right = &right[1..];
            }
        }
        Self(both)
    }

    /// Instants of this and not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut rest = Vec::with_capacity(self.len());
        let mut taken = other.0.as_slice();
        for interval in &self.0 {
            let mut start = interval.start;
            while let Some(cut) = taken.first() {
                if cut.start >= interval.end {
                    break;
                }
                rest.extend(Interval::new(start, cut.start.min(interval.end)));
                start = start.max(cut.end);
                if cut.end > interval.end {
                    break;
                }
                taken = &taken[1..];
            }
            rest.extend(Interval::new(start, interval.end));
        }
        Self(rest)
    }

    /// Instants of this that lie inside one interval: logarithmic search, then a copy.
    #[must_use]
    pub fn within(&self, range: Interval) -> Self {
        let from = self.0.partition_point(|i| i.end <= range.start);
        let to = self.0.partition_point(|i| i.start < range.end);
        Self(
            self.0[from..to.max(from)]
                .iter()
                .filter_map(|i| i.intersection(range))
                .collect(),
        )
    }

    /// Milliseconds of this inside one interval, without building the set.
    pub fn ms_within(&self, range: Interval) -> i64 {
        let from = self.0.partition_point(|i| i.end <= range.start);
        self.0[from..]
            .iter()
            .take_while(|i| i.start < range.end)
            .filter_map(|i| i.intersection(range))
            .map(Interval::ms)
            .sum()
    }

    /// What `range` has and this has not.
    #[must_use]
    pub fn missing_from(&self, range: Interval) -> Self {
        Self::of(Some(range)).difference(self)
    }

    /// How many intervals start at or before the instant.
    fn after(&self, at: Instant) -> usize {
        self.0.partition_point(|i| i.start <= at)
    }
}

impl FromIterator<Interval> for IntervalSet {
    /// In any order, overlapping or not.
    fn from_iter<T: IntoIterator<Item = Interval>>(intervals: T) -> Self {
        let mut sorted: Vec<_> = intervals.into_iter().collect();
        sorted.sort_unstable();
        let mut all = Self(Vec::with_capacity(sorted.len()));
        for interval in sorted {
            all.insert(interval);
        }
        all
    }
}

impl<'a> IntoIterator for &'a IntervalSet {
    type Item = &'a Interval;
    type IntoIter = std::slice::Iter<'a, Interval>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// As a pair of instants; an empty or reversed pair is refused when read.
impl Serialize for Interval {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.start, self.end).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (start, end) = <(Instant, Instant)>::deserialize(deserializer)?;
        Self::new(start, end)
            .ok_or_else(|| serde::de::Error::custom("an interval must end after it starts"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn span(start: i64, end: i64) -> Interval {
        Interval::new(Instant::from_ms(start), Instant::from_ms(end)).unwrap()
    }

    /// The simpler model: every millisecond by itself.
    fn model(set: &IntervalSet) -> BTreeSet<i64> {
        set.iter().flat_map(|i| i.start.ms()..i.end.ms()).collect()
    }

    fn well_formed(set: &IntervalSet) -> bool {
        set.as_slice().windows(2).all(|w| w[0].end < w[1].start)
    }

    fn any_span() -> impl Strategy<Value = Interval> {
        (0_i64..200, 1_i64..40).prop_map(|(start, length)| span(start, start + length))
    }

    fn any_set() -> impl Strategy<Value = IntervalSet> {
        prop::collection::vec(any_span(), 0..12).prop_map(IntervalSet::from_iter)
    }

    #[test]
    fn nothing_lies_between_an_instant_and_itself() {
        assert_eq!(Interval::new(Instant::EPOCH, Instant::EPOCH), None);
        assert_eq!(Interval::new(Instant::from_s(2), Instant::from_s(1)), None);
    }

    #[test]
    fn touching_intervals_become_one() {
        let set: IntervalSet = [span(0, 10), span(10, 20)].into_iter().collect();
        assert_eq!(set.as_slice(), [span(0, 20)]);
    }

    proptest! {
        #[test]
        fn sets_agree_with_single_instants(left in any_set(), right in any_set()) {
            let (l, r) = (model(&left), model(&right));
            for (set, expected) in [
                (left.union(&right), l.union(&r).copied().collect::<BTreeSet<_>>()),
                (left.intersection(&right), l.intersection(&r).copied().collect()),
                (left.difference(&right), l.difference(&r).copied().collect()),
            ] {
                prop_assert!(well_formed(&set));
                prop_assert_eq!(model(&set), expected.clone());
                prop_assert_eq!(set.ms(), i64::try_from(expected.len()).unwrap());
            }
        }

        #[test]
        fn insert_and_remove_agree_with_single_instants(
            set in any_set(), added in any_span(), removed in any_span(),
        ) {
            let mut changed = set.clone();
            changed.insert(added);
            let mut expected = model(&set);
            expected.extend(added.start.ms()..added.end.ms());
            prop_assert_eq!(model(&changed), expected.clone());
            changed.remove(removed);
            expected.retain(|ms| !removed.contains(Instant::from_ms(*ms)));
            prop_assert!(well_formed(&changed));
            prop_assert_eq!(model(&changed), expected);
        }

        #[test]
        fn a_window_agrees_with_single_instants(set in any_set(), window in any_span()) {
            let inside: BTreeSet<_> = model(&set)
                .into_iter()
                .filter(|ms| window.contains(Instant::from_ms(*ms)))
                .collect();
            prop_assert_eq!(model(&set.within(window)), inside.clone());
            prop_assert_eq!(set.ms_within(window), i64::try_from(inside.len()).unwrap());
            prop_assert_eq!(set.missing_from(window).ms() + set.ms_within(window), window.ms());
            for ms in window.start.ms()..window.end.ms() {
                prop_assert_eq!(set.contains(Instant::from_ms(ms)), inside.contains(&ms));
            }
        }
    }
}
