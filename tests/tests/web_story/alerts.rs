//! Alerts: seeing, filtering, acknowledging.

use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::world::World;

/// Both branches drift.
pub(crate) async fn drifting(world: &World) {
    let local = world.local();
    for (index, code) in ["SH-001", "CD-001"].into_iter().enumerate() {
        world.read_file(index, r#"{"retain":30}"#).await;
        let path = format!("/drift/{code}/nvr.json");
        let reading = local.get(&path).await.json()["reading"].clone();
        let approval = json!({"reason": "as installed", "reading": reading});
        local
            .post(&format!("{path}/approve"), &approval)
            .await
            .is(200);
        world.read_file(index, r#"{"retain":7}"#).await;
    }
}

#[test]
fn an_alert_has_exactly_these_fields_and_words() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let alerts = world
            .signed_in("sh")
            .await
            .get("/alerts")
            .await
            .is(200)
            .json();
        let mut alert = alerts["items"][0].clone();
        assert!(alert["id"].is_i64());
        alert["id"] = json!(0);
        assert_eq!(
            alert,
            json!({
                "id": 0, "kind": "config_drift", "clause": "A-12", "branch": "SH-001",
                "subject": "nvr.json", "severity": "major", "condition": "firing",
                "handling": "new", "since": "2026-11-23T08:00:00Z"
            })
        );
    });
}

#[test]
fn alerts_are_filtered_by_branch_and_word() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let person = world.signed_in("hq").await;
        let branches = async |query: &str| {
            let answer = person.get(&format!("/alerts{query}")).await.is(200);
            answer.each("branch")
        };
        assert_eq!(branches("").await, ["CD-001", "SH-001"]);
        assert_eq!(branches("?branch=SH-001").await, ["SH-001"]);
        assert_eq!(
            branches("?kind=config_drift&condition=firing").await.len(),
            2
        );
        assert_eq!(branches("?kind=gap").await.len(), 0);
        assert_eq!(branches("?severity=critical").await.len(), 0);
        assert_eq!(branches("?handling=new").await.len(), 2);
        let refused = person.get("/alerts?kind=gaps").await.is(422);
        assert_eq!(refused.json()["error"]["field"], "kind");
        let message = refused.json()["error"]["message"].to_string();
        assert!(message.contains("gap, segment_fault, "), "{message}");
        person.get("/alerts?kinds=gap").await.is(400);
    });
}

#[test]
fn a_list_is_read_page_by_page() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let person = world.signed_in("hq").await;
        let first = person.get("/alerts?limit=1").await;
        assert_eq!(first.each("branch"), ["CD-001"]);
        let next = first.json()["next"].as_str().unwrap().to_owned();
        let second = person.get(&format!("/alerts?limit=1&after={next}")).await;
        assert_eq!(second.each("branch"), ["SH-001"]);
        let next = second.json()["next"].as_str().unwrap().to_owned();
        let third = person.get(&format!("/alerts?limit=1&after={next}")).await;
        assert_eq!(third.json(), json!({"items": [], "next": null}));
        person.get("/alerts?after=x").await.is(422);
    });
}

#[test]
fn an_alert_is_acknowledged_once_with_a_note() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let person = world.signed_in("sh").await;
        let id = person.get("/alerts").await.each("id").remove(0);
        let path = format!("/alerts/{id}/acknowledge");
        let note = json!({"note": "硬盘已送修"});
        let alert = person.post(&path, &note).await.is(200).json();
        assert_eq!(alert["handling"], "acknowledged");
        assert_eq!(person.post(&path, &note).await.is(409).code(), "not_now");
        let noted = "SELECT count(*) FROM alert_events WHERE actor = 'sh' AND note = '硬盘已送修'";
        assert_eq!(database.number(noted).await.unwrap(), 1);
    });
}

#[test]
fn an_alert_of_another_branch_is_not_there() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let id = world
            .local()
            .get("/alerts?branch=SH-001")
            .await
            .each("id")
            .remove(0);
        let foreign = world.signed_in("cd").await;
        let path = format!("/alerts/{id}/acknowledge");
        foreign.post(&path, &json!({})).await.is(404);
        foreign
            .post("/alerts/999999/acknowledge", &json!({}))
            .await
            .is(404);
    });
}
