//! What of a camera was told last, so that only changes are told again.

use std::collections::BTreeMap;

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::UtcDay;
use keepwatch_common::model::segment::SegmentFault;

use crate::footage::tally::StateCounts;

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) slices: BTreeMap<UtcDay, (Interval, Vec<Interval>)>,
    pub(super) footage: Option<(Option<i64>, Option<i64>, StateCounts)>,
    pub(super) faults: BTreeMap<String, SegmentFault>,
}
