//! Holds: placing, what their agents tell, releasing, and who may.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::hold::{HoldKey, HoldStanding, HoldState};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::time::{HOUR_MS, MINUTE_MS};
use keepwatch_coordinator::intake::wanted;
use keepwatch_tests::databases::for_each_database;
use serde_json::{Value, json};

use super::browser::Browser;
use super::client::Answer;
use super::world::{AGENTS, World, now};

const CAMERA: &str = "/branches/SH-001/cameras/nvr/till/holds";

fn camera() -> CameraKey {
    CameraKey {
        recorder: Name::new("nvr").unwrap(),
        camera: Name::new("till").unwrap(),
    }
}

/// A camera with an hour of footage, and a hold on it by the east region's person.
async fn held(world: &World) -> Value {
    let range = Interval::new(now() - HOUR_MS, now()).unwrap();
    world.measured(0, &camera(), range, &[]).await;
    let east = world.signed_in("east").await;
    east.post("/holds", &wish("2026-11-23T07:30:00Z"))
        .await
        .is(201)
        .json()
}

fn wish(to: &str) -> Value {
    json!({
        "branch": "SH-001", "recorder": "nvr", "camera": "till",
        "from": "2026-11-23T07:00:00Z", "to": to, "reason": "quarrel at the till",
    })
}

fn state(hold: &Value, standing: HoldStanding) -> HoldState {
    let is_bad = standing == HoldStanding::Broken;
    let first = Interval::new(now() - 50 * MINUTE_MS, now() - 49 * MINUTE_MS).unwrap();
    HoldState {
        key: HoldKey::parse(hold["key"].as_str().unwrap()).unwrap(),
        camera: camera(),
        standing,
        segments: 30,
        bytes: 3_000,
        covered_ms: 30 * MINUTE_MS,
        copied: 0,
        gone: u64::from(is_bad),
        changed: 0,
        verified: Some(now()),
        spans: if is_bad { vec![first] } else { Vec::new() },
    }
}

async fn told(world: &World, branch: usize, hold: &Value, standing: HoldStanding) {
    let body = Body::Hold(state(hold, standing));
    world.tell(branch, body).await;
}

#[test]
fn a_hold_goes_from_asked_for_to_kept_to_broken_to_released() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let hold = held(&world).await;
        let east = world.signed_in("east").await;
        let path = format!("/holds/{}", hold["id"]);
        assert_eq!(hold["outcome"], "waiting");
        told(&world, 0, &hold, HoldStanding::Kept).await;
        let seen = east.get(&path).await.is(200).json();
        assert_eq!(
            (&seen["outcome"], &seen["segments"]),
            (&json!("success"), &json!(30))
        );
        assert_eq!(east.get("/findings").await.each("kind"), [""; 0]);

        told(&world, 0, &hold, HoldStanding::Broken).await;
        let findings = east.get("/findings").await;
        assert_eq!(findings.each("kind"), ["hold_broken"]);
        assert_eq!(findings.each("severity"), ["critical"]);
        told(&world, 0, &hold, HoldStanding::InVault).await;
        assert_eq!(east.get("/findings").await.each("severity"), ["major"]);

        let why = json!({"reason": "settled out of court"});
        let release = format!("{path}/release");
        let released = east.post(&release, &why).await.is(200).json();
        assert_eq!(released["outcome"], "released");
        assert_eq!(released["released_by"], "east");
        let again = east.post(&release, &why).await.is(409);
        assert_eq!(again.code(), "released_already");
        assert_eq!(east.get("/findings").await.each("kind"), [""; 0]);
        assert_eq!(east.get("/holds").await.each("id"), [""; 0]);
        let all = east.get("/holds?released=true").await;
        assert_eq!(all.each("release_reason"), ["settled out of court"]);
        let deeds = "SELECT count(*) FROM deeds WHERE verb IN ('hold_place', 'hold_release')";
        assert_eq!(database.number(deeds).await.unwrap(), 2);
    });
}

#[test]
fn an_agent_hears_of_a_hold_until_it_put_it_away_and_another_branch_cannot_tell_of_it() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let hold = held(&world).await;
        let wanted = async || {
            let mut reader = world.services.store.read().await.unwrap();
            let rows = reader.hold_list_wanted().await.unwrap();
            let of_agent = reader
                .hold_list_wanted_of(&AGENTS[0].to_string())
                .await
                .unwrap();
            assert_eq!(rows, of_agent);
            wanted::by_agent(&rows).remove(&AGENTS[0])
        };
        let first = wanted().await.unwrap();
        let holds: Vec<_> = first.to_model().holds().cloned().collect();
        assert_eq!((holds.len(), holds[0].released), (1, None));
        told(&world, 1, &hold, HoldStanding::Broken).await;
        let east = world.signed_in("east").await;
        let seen = east.get(&format!("/holds/{}", hold["id"])).await.json();
        assert_eq!(seen["standing"], Value::Null, "another branch says nothing");
        let release = format!("/holds/{}/release", hold["id"]);
        let why = json!({"reason": "a mistake"});
        east.post(&release, &why).await.is(200);
        let second = wanted().await.unwrap();
        assert_ne!(first.version, second.version);
        assert_eq!(
            second.to_model().holds().next().unwrap().released,
            Some(now())
        );
        told(&world, 0, &hold, HoldStanding::Released).await;
        assert_eq!(wanted().await, None);
    });
}

#[test]
fn a_hold_is_bounded_and_only_of_what_is_there() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        held(&world).await;
        let east = world.signed_in("east").await;
        for (field, value, status) in [
            ("to", "2026-11-23T07:00:00Z", 422),
            ("to", "2027-11-23T07:00:00Z", 422),
            ("to", "tomorrow", 422),
            ("reason", "x", 422),
            ("camera", "nobody", 404),
            ("branch", "CD-001", 404),
        ] {
            let mut wish = wish("2026-11-23T07:30:00Z");
            wish[field] = json!(value);
            east.post("/holds", &wish).await.is(status);
        }
        let sh = world.signed_in("sh").await;
        let refused = sh
            .post("/holds", &wish("2026-11-23T07:30:00Z"))
            .await
            .is(403);
        assert!(refused.message().contains("hold_footage"), "{refused:?}");
        assert_eq!(
            sh.get("/holds").await.each("id").len(),
            1,
            "it may see them"
        );
        for other in ["west", "cd"] {
            let other = world.signed_in(other).await;
            assert_eq!(other.get("/holds").await.each("id"), [""; 0]);
            other.get("/holds/1").await.is(404);
        }
    });
}

#[test]
fn what_a_silent_agent_told_of_a_hold_is_unknown_until_it_is_heard_again() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let hold = held(&world).await;
        told(&world, 0, &hold, HoldStanding::Broken).await;
        world.hear(0).await;
        world.clock.advance(20 * 60 * 1_000);
        world.look_for_silence(0).await;
        let east = world.signed_in("east").await;
        let alerts = async || {
            let alerts = east.get("/alerts?kind=hold_broken").await;
            alerts.each("condition")
        };
        assert_eq!(alerts().await, ["unknown"]);
        world.hear(0).await;
        world.look_for_silence(0).await;
        assert_eq!(alerts().await, ["firing"]);
    });
}

/// The value of a hidden field of the form.
#[track_caller]
fn key(page: &Answer) -> String {
    let (_, rest) = page
        .text
        .split_once("name=\"idempotency_key\" value=\"")
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn ask(browser: &mut Browser, key: &str, to: &str) -> Answer {
    let form = [
        ("version", "0"),
        ("idempotency_key", key),
        // The branch's wall clock: 15:00 is 07:00 in UTC.
        ("from", "2026-11-23T15:00"),
        ("to", to),
        ("reason", "quarrel at\r\nthe till"),
    ];
    browser.fill(CAMERA, &form).await
}

#[test]
fn a_hold_is_placed_and_released_from_pages() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let range = Interval::new(now() - HOUR_MS, now()).unwrap();
        world.measured(0, &camera(), range, &[]).await;
        let mut browser = world.visitor_named("hq").await;
        browser.headers.push(("accept-language", "en"));
        let camera_page = browser
            .get("/branches/SH-001/cameras/nvr/till")
            .await
            .is(200);
        camera_page
            .says(CAMERA)
            .says("Nothing of this camera is held");
        let page = browser.get(CAMERA).await.is(200);
        let refused = ask(&mut browser, &key(&page), "2026-11-23T14:00")
            .await
            .is(422);
        let refused = refused.says("a later end").says("2026-11-23T14:00");
        let key = key(&refused);
        let done = ask(&mut browser, &key, "2026-11-23T15:30").await.is(303);
        let page = done.leads_to().unwrap();
        let twice = ask(&mut browser, &key, "2026-11-23T15:30").await.is(303);
        assert_eq!(
            twice.leads_to().as_deref(),
            Some(page.as_str()),
            "it is one hold"
        );
        let shown = browser.get(&page).await.is(200);
        shown.says("sent, no answer yet").says("quarrel at");
        let from = "SELECT from_ms FROM holds";
        let seven = now() - HOUR_MS;
        assert_eq!(database.number(from).await.unwrap(), seven.ms());
        browser.get("/holds").await.is(200).says(&page);
        browser
            .get("/branches/SH-001/cameras/nvr/till")
            .await
            .says(&page);
        let short = [("version", "0"), ("idempotency_key", "1"), ("reason", "x")];
        browser.fill(&page, &short).await.is(422).says("4 to 500");
        let form = [
            ("version", "0"),
            ("idempotency_key", "1"),
            ("reason", "a mistake"),
        ];
        browser.fill(&page, &form).await.is(303);
        let shown = browser.get(&page).await.is(200);
        shown.says("a mistake").says_no("name=\"reason\"");
        browser.get("/holds").await.says_no(&page);
        browser.get("/holds?released=true").await.says(&page);
        let mut sh = world.visitor_named("sh").await;
        sh.get(CAMERA).await.is(200).says_no("<textarea");
        sh.fill(&page, &form).await.is(403);
    });
}
