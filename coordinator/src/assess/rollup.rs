//! Rolls the told slices of cameras up by their branches' civil days. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;
use keepwatch_common::coverage::{Schedule, day_rollups};
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::CoverageSlice;
use keepwatch_common::time::Zone;

use crate::store::rollups::RollupRow;

/// Which zone tables the rollups are made with: those compiled into the program.
pub(super) const ZONE_TABLES: &str = "bundled";

/// The rollups of every day that a told slice touches.
pub(super) fn rollups(
    told: &BTreeMap<i64, Vec<&CoverageSlice>>,
    branches: &BTreeMap<i64, i64>,
    zones: &BTreeMap<i64, Zone>,
    holes: &BTreeMap<i64, IntervalSet>,
    known: &BTreeMap<(i64, i32), Interval>,
) -> Vec<RollupRow> {
    let mut rows = BTreeMap::new();
    for (id, slices) in told {
        let measured: IntervalSet = known
            .range((*id, i32::MIN)..=(*id, i32::MAX))
            .map(|(_, span)| *span)
            .collect();
        let missing = holes.get(id).cloned().unwrap_or_default();
        let covered = measured.difference(&missing);
        let zone = branches
            .get(id)
            .and_then(|branch| zones.get(branch))
            .cloned();
        let zone = zone.unwrap_or_else(Zone::utc);
        for slice in slices {
            let rolled = day_rollups(
                &covered,
                &measured,
                &Schedule::Always,
                &zone,
                slice.measured,
            );
            for day in rolled {
                let key = (*id, day_number(day.day));
                rows.insert(
                    key,
                    RollupRow {
                        camera_id: *id,
                        day: key.1,
                        expected_ms: day.expected_ms,
                        recorded_ms: day.recorded_ms,
                        missing_ms: day.missing_ms,
                        longest_gap_ms: day.longest_gap_ms,
                        gaps: i64::try_from(day.gaps).unwrap_or(i64::MAX),
                    },
                );
            }
        }
    }
    rows.into_values().collect()
}

/// A civil day as yyyymmdd.
pub fn day_number(day: Date) -> i32 {
    i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day())
}
