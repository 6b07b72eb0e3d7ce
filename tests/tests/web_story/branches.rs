//! Branches, cameras and their numbers.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{CameraFootage, CameraKey, CoverageSlice, UtcDay};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::time::{HOUR_MS, MINUTE_MS};
use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::world::{World, now};

fn camera() -> CameraKey {
    CameraKey {
        recorder: Name::new("nvr").unwrap(),
        camera: Name::new("3 号机").unwrap(),
    }
}

/// Eight hours of today were measured; half an hour of them is missing.
async fn half_an_hour_is_missing(world: &World) {
    let start = UtcDay::of(now()).start();
    let footage = CameraFootage {
        camera: camera(),
        oldest: Some(start),
        newest: Some(now()),
        sealed: 480,
        open: 1,
        opaque: 0,
        corrupt: 0,
        bytes: 1 << 30,
        segment_ms: MINUTE_MS,
    };
    world.tell(0, Body::Footage(footage)).await;
    let gap = Interval::new(start + 4 * HOUR_MS, start + 4 * HOUR_MS + 30 * MINUTE_MS).unwrap();
    let slice = CoverageSlice {
        camera: camera(),
        day: UtcDay::of(now()),
        measured: Interval::new(start, now()).unwrap(),
        holes: vec![gap],
    };
    world.tell(0, Body::Coverage(slice)).await;
}

#[test]
fn a_camera_tells_what_is_recorded_missing_and_unknown() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        half_an_hour_is_missing(&world).await;
        let person = world.signed_in("sh").await;
        let cameras = person.get("/branches/SH-001/cameras").await.is(200).json();
        let camera = &cameras["items"][0];
        assert_eq!(camera["camera"], "3 号机");
        assert_eq!(camera["window"]["measured_ms"], 8 * HOUR_MS);
        assert_eq!(camera["window"]["missing_ms"], 30 * MINUTE_MS);
        assert_eq!(camera["window"]["unknown_ms"], (30 * 24 - 8) * HOUR_MS);
        assert_eq!(camera["coverage_percent"], 93.75);
        assert_eq!(
            (&camera["gaps"], &camera["segments"]["sealed"]),
            (&json!(1), &json!(480))
        );
        let summary = person.get("/branches/SH-001").await.json();
        assert_eq!(
            (&summary["cameras"], &summary["region"]),
            (&json!(1), &json!("SHANGHAI"))
        );
    });
}

#[test]
fn the_gaps_of_a_camera_are_told_one_by_one() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        half_an_hour_is_missing(&world).await;
        let person = world.signed_in("sh").await;
        let path = "/branches/SH-001/cameras/nvr/3%20%E5%8F%B7%E6%9C%BA/gaps";
        let gaps = person.get(path).await.is(200).json();
        assert_eq!(
            gaps["items"],
            json!([{"start": "2026-11-23T04:00:00Z", "end": "2026-11-23T04:30:00Z",
                    "ms": 1_800_000, "seen": "2026-11-23T08:00:00Z"}])
        );
        let query = "?from=2026-11-23T04:15:00Z&to=2026-11-23T05:00:00Z";
        let part = person.get(&format!("{path}{query}")).await.is(200).json();
        assert_eq!(
            (&part["missing_ms"], &part["measured_ms"]),
            (&json!(900_000), &json!(2_700_000))
        );
        for bad in [
            "?from=yesterday",
            "?from=2020-01-01T00:00:00Z",
            "?to=2020-01-01T00:00:00Z&from=2021-01-01T00:00:00Z",
        ] {
            person.get(&format!("{path}{bad}")).await.is(422);
        }
        person
            .get("/branches/SH-001/cameras/nvr/none/gaps")
            .await
            .is(404);
    });
}

#[test]
fn a_branch_is_added_with_a_code_a_zone_and_a_region_that_exist() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let local = world.local();
        for (field, body) in [
            ("code", json!({"code": "门店"})),
            ("time_zone", json!({"code": "A", "time_zone": "Mars/Base"})),
            ("region", json!({"code": "A", "region": "NORTH"})),
            ("name", json!({"code": "A", "name": " "})),
        ] {
            let refused = local.post("/branches", &body).await.is(422);
            assert_eq!(refused.json()["error"]["field"], field);
        }
        assert_eq!(
            local
                .post("/branches", &json!({"code": "SH-001"}))
                .await
                .is(409)
                .code(),
            "taken"
        );
        local
            .post("/branches", &json!({"code": "A", "colour": "red"}))
            .await
            .is(422);
        let made = local
            .post("/branches", &json!({"code": "A"}))
            .await
            .is(201)
            .json();
        assert_eq!(
            (&made["name"], &made["time_zone"]),
            (&json!("A"), &json!("Asia/Shanghai"))
        );
        assert_eq!(
            local.get("/branches").await.each("code"),
            ["A", "CD-001", "SH-001"]
        );
    });
}
