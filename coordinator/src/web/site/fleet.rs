//! The fleet: filled from how every branch in sight stands.

use std::collections::BTreeMap;

use axum::response::Response;
use keepwatch_common::time::{DAY_MS, Instant};

use super::alerts;
use super::branch_rows::{self, Place};
use super::regions::Regions;
use super::standings::{self, Asked, Standing};
use super::visitor::Visitor;
use crate::store::scope::Scope;
use crate::store::{Reader, StoreError};
use crate::web::failure::Failure;
use crate::web::page::branches::Region;
use crate::web::page::fleet::{self, AlertTile, FleetView, RegionRow, Share, Tiles};
use crate::web::verdict::{Counts, Verdict};

/// Branches that need work most, as shown.
const WORST: usize = 10;

/// The time between the ends of a change, in milliseconds.
const CHANGE_MS: i64 = 7 * DAY_MS;

/// `GET /`
pub async fn show(visitor: Visitor) -> Result<Response, Failure> {
    let mut reader = visitor.read().await?;
    let scope = visitor.viewer.scope();
    let around = visitor.surroundings(&mut reader).await?;
    let pack = &visitor.services().policy.pack;
    let asked = Asked::of(pack);
    let standings = standings::read(&mut reader, scope, asked, around.now).await?;
    let regions = Regions::read(&mut reader, scope).await?;
    let mut tiles = tiles(&standings);
    tiles.required_days = asked.days.unwrap_or(0);
    let old = around.now - CHANGE_MS;
    let had_branches = standings
        .iter()
        .any(|one| one.row.created_at_ms <= old.ms());
    tiles.alerts = alert_tile(&mut reader, scope, had_branches.then_some(old)).await?;
    let mut branches = Counts::default();
    for standing in &standings {
        branches.add(standing.verdict);
    }
    let closed = reader.branch_count_closed(scope).await?;
    let worst = worst(&standings);
    let view = FleetView {
        as_of: around.moment(around.now),
        policy_pack: Some(pack.version.clone()),
        branches,
        tiles,
        regions: region_rows(&regions, &standings),
        worst: branch_rows::rows(&mut reader, &regions, &worst, around.wall()).await?,
        left_out_closed: u64::try_from(closed).unwrap_or(0),
    };
    visitor.page(fleet::render(&view, &around.frame, visitor.text()))
}

/// The branches that need work most, worst first.
fn worst(standings: &[Standing]) -> Vec<&Standing> {
    let wrong = [
        Verdict::Fail,
        Verdict::Partial,
        Verdict::Unknown,
        Verdict::Error,
    ];
    let mut places: Vec<_> = standings
        .iter()
        .filter(|standing| wrong.contains(&standing.verdict))
        .map(|standing| (Place::of(standing), standing))
        .collect();
    places.sort_by(|(a, _), (b, _)| a.cmp(b));
    let worst = places.into_iter().take(WORST);
    worst.map(|(_, standing)| standing).collect()
}

fn tiles(standings: &[Standing]) -> Tiles {
    let mut tiles = Tiles::default();
    let mut before = None;
    for standing in standings {
        tiles.reporting.counts.add(reporting(standing));
        tiles.recorded.counts.add_all(&standing.recorded);
        tiles.retained.counts.add_all(&standing.retained);
        tiles.drift_free.counts.add(standing.drift);
        if let Some(complete) = standing.recorded_before {
            before = Some(before.unwrap_or(0) + complete);
        }
    }
    tiles.recorded.change_7d = before.map(|before| {
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        signed(tiles.recorded.counts.pass) - signed(before)
    });
    tiles
}

fn reporting(standing: &Standing) -> Verdict {
    // Silent by the policy is silent, however lately it was heard.
    if standing.reports && !standing.silent {
        Verdict::Pass
    } else {
        Verdict::Unknown
    }
}

async fn alert_tile(
    reader: &mut Reader,
    scope: Scope,
    since: Option<Instant>,
) -> Result<AlertTile, StoreError> {
    let counts = reader.alert_counts_open(scope, None).await?;
    let critical = counts.iter().filter(|row| row.severity == "critical");
    let critical: i64 = critical.map(|row| row.alerts).sum();
    let change_7d = match since {
        Some(since) => {
            let moved = reader.alerts_since(scope, since).await?;
            Some(moved.raised - moved.closed)
        }
        None => None,
    };
    Ok(AlertTile {
        open: alerts::total(&counts),
        critical: u64::try_from(critical).unwrap_or(0),
        unclaimed: alerts::unclaimed(&counts),
        change_7d,
    })
}

/// The regions that branches are counted under, worst first.
fn region_rows(regions: &Regions, standings: &[Standing]) -> Vec<RegionRow> {
    let mut by_region: BTreeMap<i64, Vec<&Standing>> = BTreeMap::new();
    for standing in standings {
        if let Some(region) = regions.counted_under(standing.row.region_id) {
            by_region.entry(region).or_default().push(standing);
        }
    }
    let rows = by_region
        .into_iter()
        .filter_map(|(id, standings)| Some(region_row(regions.shown(id)?, &standings)));
    let mut rows: Vec<_> = rows.collect();
    // The smallest share of passes first; compared crosswise, so that nothing is rounded.
    rows.sort_by(|a, b| {
        let (of_a, of_b) = (a.branches.total(), b.branches.total());
        let (a_pass, b_pass) = (a.branches.pass * of_b, b.branches.pass * of_a);
        a_pass.cmp(&b_pass).then_with(|| a.code.cmp(&b.code))
    });
    rows
}

fn region_row(region: Region, standings: &[&Standing]) -> RegionRow {
    let mut branches = Counts::default();
    let [mut heard, mut recorded, mut retained, mut drift] = [Counts::default(); 4];
    for standing in standings {
        branches.add(standing.verdict);
        heard.add(reporting(standing));
        recorded.add_all(&standing.recorded);
        retained.add_all(&standing.retained);
        drift.add(standing.drift);
    }
    let share = |counts: Counts| Share {
        n: counts.pass,
        of: counts.total(),
    };
    RegionRow {
        code: region.code,
        name: region.name,
        branches,
        reporting: share(heard),
        recorded: share(recorded),
        retained: share(retained),
        drift_free: share(drift),
    }
}
