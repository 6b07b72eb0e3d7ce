//! How branches stand, counted: each number from rows that were written for it, and scopes.

use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};
use keepwatch_coordinator::store::Tx;
use keepwatch_coordinator::store::alerts::AlertState;
use keepwatch_coordinator::store::branches::NewRegion;
use keepwatch_coordinator::store::camera_counts::{DayLimits, Depth};
use keepwatch_coordinator::store::cameras::{CameraPlace, FootageTold, RecorderPlace};
use keepwatch_coordinator::store::findings::NewFinding;
use keepwatch_coordinator::store::rollups::RollupRow;
use keepwatch_coordinator::store::scope::Scope;
use keepwatch_coordinator::store::standings::AlertsSince;
use keepwatch_tests::databases::{Database, for_each_database};

use super::settings::{agent, at, branch, id};

/// Branch A in region EAST with cameras `deep`, `short` and `untold`; branch B in no region with one
/// camera.
struct Chain {
    east: i64,
    a: i64,
    b: i64,
    cameras: [i64; 4],
}

const DEPTH: Depth = Depth {
    required_ms: 30 * DAY_MS - HOUR_MS,
    ageing_since: Instant::LATEST,
};

const LIMITS: DayLimits = DayLimits {
    covered_ppm: 990_000,
    gap_ms_min: 60_001,
};

impl Chain {
    async fn of(database: &Database) -> Self {
        let mut tx = database.store.begin().await.unwrap();
        let region = NewRegion {
            parent_id: None,
            code: "EAST",
            name: "华东",
            created_at: at(0),
        };
        let east = tx.region_insert(&region).await.unwrap();
        let mut in_east = branch("A");
        in_east.region_id = Some(east);
        let a = tx.branch_insert(&in_east).await.unwrap();
        let b = tx.branch_insert(&branch("B")).await.unwrap();
        for (number, branch_id) in [(1, a), (2, b)] {
            tx.agent_insert(&agent(number, branch_id)).await.unwrap();
        }
        let mut cameras = [0; 4];
        let places = [
            (1, a, "deep"),
            (1, a, "short"),
            (1, a, "untold"),
            (2, b, "deep"),
        ];
        for (slot, (number, branch_id, name)) in cameras.iter_mut().zip(places) {
            *slot = camera(&mut tx, number, branch_id, name).await;
        }
        for (camera_id, days) in [(cameras[0], 31), (cameras[1], 3), (cameras[3], 31)] {
            tx.cameras_tell(&[told(camera_id, days)]).await.unwrap();
        }
        tx.commit().await.unwrap();
        Self {
            east,
            a,
            b,
            cameras,
        }
    }
}

async fn camera(tx: &mut Tx, number: u128, branch_id: i64, name: &str) -> i64 {
    let place = RecorderPlace {
        branch_id,
        name: "nvr".to_owned(),
    };
    let known = tx.recorders_ensure(&[(place.clone(), id(number))]).await;
    let recorder_id = known.unwrap()[&place].id;
    let place = CameraPlace {
        recorder_id,
        name: name.to_owned(),
    };
    let known = tx
        .cameras_ensure(&[(place.clone(), branch_id)], at(0))
        .await;
    known.unwrap()[&place]
}

fn told(camera_id: i64, days: i64) -> FootageTold {
    FootageTold {
        camera_id,
        oldest_ms: Some((at(0) - days * DAY_MS).ms()),
        newest_ms: Some(at(0).ms()),
        states: [1, 0, 0, 0],
        bytes: 1,
        segment_ms: 1,
        told_at_ms: at(0).ms(),
    }
}

async fn find(
    tx: &mut Tx,
    branch_id: i64,
    camera_id: Option<i64>,
    condition: &str,
    handling: &str,
) {
    let number = tx
        .finding_open(&NewFinding {
            control: "A-11a",
            clause: "A-11a",
            kind: "retention_short",
            branch_id,
            camera_id,
            subject: &format!("{camera_id:?}/{condition}"),
            severity: "critical",
            pack_version: "1",
            evidence: "{}",
            since: at(0),
            opened_at: at(100),
        })
        .await
        .unwrap();
    let state = AlertState {
        condition: condition.to_owned(),
        handling: handling.to_owned(),
        since_ms: at(0).ms(),
        changed_at_ms: at(200).ms(),
        handled_by: None,
        assigned_to: None,
        snoozed_until_ms: None,
    };
    tx.alert_insert(number, branch_id, &state).await.unwrap();
}

#[test]
fn a_list_of_standings_is_cut_to_its_scope() {
    for_each_database(async |database| {
        let chain = Chain::of(database).await;
        let mut reader = database.store.read().await.unwrap();
        for (scope, codes) in [
            (Scope::Everything, vec!["A", "B"]),
            (Scope::Region(chain.east), vec!["A"]),
            (Scope::Branch(chain.b), vec!["B"]),
        ] {
            let rows = reader.branch_standings(scope).await.unwrap();
            let found: Vec<_> = rows.iter().map(|row| row.code.as_str()).collect();
            assert_eq!(found, codes);
            let cameras = reader.camera_counts(scope, DEPTH).await.unwrap();
            assert_eq!(cameras.len(), codes.len(), "{scope:?}");
            let days = reader.day_counts(scope, 20_261_122, LIMITS).await.unwrap();
            assert_eq!(days, []);
            assert_eq!(reader.glance(scope).await.unwrap().alerts_open, 0);
        }
    });
}

#[test]
fn cameras_are_deep_short_or_nothing_is_known() {
    for_each_database(async |database| {
        let chain = Chain::of(database).await;
        let mut tx = database.store.begin().await.unwrap();
        // What is over concerns no camera either, and is the least of what is found.
        let deep = Some(chain.cameras[0]);
        find(&mut tx, chain.a, deep, "recovered", "new").await;
        let short = Some(chain.cameras[1]);
        find(&mut tx, chain.a, short, "firing", "new").await;
        // What nobody knows of concerns no camera.
        let other = Some(chain.cameras[3]);
        find(&mut tx, chain.b, other, "unknown", "new").await;
        let scope = Scope::Everything;
        let counts = tx.camera_counts(scope, DEPTH).await.unwrap();
        let of_a = counts.iter().find(|one| one.branch_id == chain.a).unwrap();
        assert_eq!((of_a.cameras, of_a.deep, of_a.new), (3, 1, 0));
        let concerns = tx.camera_concerns(scope, DEPTH).await.unwrap();
        assert_eq!(concerns.len(), 1, "{concerns:?}");
        let one = &concerns[0];
        assert_eq!((one.branch_id, one.cameras), (chain.a, 1));
        let words = (one.footage.as_str(), one.worst.as_str(), one.short);
        assert_eq!(words, ("neither", "major", true));
        let findings = tx.finding_counts_open(scope).await.unwrap();
        let mut found: Vec<_> = findings
            .iter()
            .map(|one| (one.branch_id, one.condition.as_str()))
            .collect();
        found.sort_unstable();
        let of_a = [(chain.a, "firing"), (chain.a, "recovered")];
        assert_eq!(found, [of_a[0], of_a[1], (chain.b, "unknown")]);
        let gravest = tx.findings_gravest(&[chain.a, chain.b]).await.unwrap();
        assert_eq!(gravest.len(), 2);
        let of_a = gravest.iter().find(|row| row.branch_id == chain.a).unwrap();
        assert_eq!(of_a.alert.condition, "firing");
    });
}

#[test]
fn a_day_is_complete_partial_poor_or_not_measured() {
    for_each_database(async |database| {
        let chain = Chain::of(database).await;
        let mut tx = database.store.begin().await.unwrap();
        let rollup = |camera: usize, day, recorded_ms, missing_ms| RollupRow {
            camera_id: chain.cameras[camera],
            day,
            expected_ms: DAY_MS,
            recorded_ms,
            missing_ms,
            longest_gap_ms: missing_ms,
            gaps: 1,
        };
        let day = 20_261_122;
        let rows = [
            rollup(0, day, DAY_MS - 60_000, 60_000),
            rollup(1, day, DAY_MS / 4, DAY_MS * 3 / 4),
            // Half of the day was not measured: neither complete nor known to be broken.
            rollup(2, day, DAY_MS / 2, 0),
            rollup(3, day, DAY_MS * 3 / 4, DAY_MS / 4),
            rollup(0, day - 1, DAY_MS, 0),
        ];
        tx.rollups_keep(&rows, "bundled").await.unwrap();
        let counts = tx.day_counts(Scope::Everything, day, LIMITS).await.unwrap();
        let counts: Vec<_> = counts
            .iter()
            .map(|one| (one.branch_id, one.complete, one.partial, one.poor))
            .collect();
        assert_eq!(counts, [(chain.a, 1, 0, 1), (chain.b, 0, 1, 0)]);
        let mut strict = LIMITS;
        strict.gap_ms_min = 60_000;
        let here = Scope::Branch(chain.a);
        let counts = tx.day_counts(here, day, strict).await.unwrap();
        let counts = (counts[0].complete, counts[0].partial, counts[0].poor);
        assert_eq!(counts, (0, 1, 1), "one gap is long enough to be told");
        // Kept by day, and still found by branch.
        let days = [day - 1, day];
        let mut found = tx.rollups_of_branch(chain.a, &days).await.unwrap();
        found.retain(|row| row.camera_id == chain.cameras[0]);
        found.sort_by_key(|row| row.day);
        assert_eq!(found, [rows[4].clone(), rows[0].clone()]);
        let late = tx.rollups_of_branch(chain.a, &[days[1] + 1]).await.unwrap();
        assert_eq!(late, []);
    });
}

#[test]
fn alerts_that_came_and_went_are_counted_from_an_instant_on() {
    for_each_database(async |database| {
        let chain = Chain::of(database).await;
        let mut tx = database.store.begin().await.unwrap();
        let camera = Some(chain.cameras[0]);
        find(&mut tx, chain.a, camera, "firing", "new").await;
        find(&mut tx, chain.b, None, "recovered", "closed").await;
        let since = async |tx: &mut Tx, scope, seconds| {
            let AlertsSince { raised, closed } = tx.alerts_since(scope, at(seconds)).await.unwrap();
            (raised, closed)
        };
        assert_eq!(since(&mut tx, Scope::Everything, 0).await, (2, 1));
        assert_eq!(since(&mut tx, Scope::Everything, 150).await, (0, 1));
        assert_eq!(since(&mut tx, Scope::Region(chain.east), 0).await, (1, 0));
        let glance = tx.glance(Scope::Everything).await.unwrap();
        assert_eq!((glance.alerts_open, glance.heard_at_ms), (1, None));
        assert_eq!(glance.time_zone.as_deref(), Some("Asia/Shanghai"));
    });
}
