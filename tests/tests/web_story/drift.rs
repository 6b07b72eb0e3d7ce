//! Drift and its approval.

use keepwatch_common::model::watched::Reading;
use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::world::World;

const FILE: &str = "/drift/SH-001/nvr.json";

fn approval(reading: &serde_json::Value) -> serde_json::Value {
    json!({"reason": "changed on request 4711", "reading": reading})
}

pub(crate) fn secret(hash: char, key: char) -> String {
    let (hash, key) = (hash.to_string().repeat(32), key.to_string().repeat(16));
    format!(r#"{{"password":{{"$secret":{{"hash":"{hash}","key":"{key}"}}}},"retain":30}}"#)
}

#[test]
fn a_first_reading_is_approved_and_a_change_is_found_and_approved() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("east").await;
        world.read_file(0, r#"{"retain":30}"#).await;
        let file = person.get(FILE).await.is(200).json();
        assert_eq!(file["state"], "no_baseline");
        person
            .post(&format!("{FILE}/approve"), &approval(&file["reading"]))
            .await
            .is(200);
        assert_eq!(person.get(FILE).await.json()["state"], "same");

        world.read_file(0, r#"{"retain":7,"when":"motion"}"#).await;
        let file = person.get(FILE).await.json();
        assert_eq!(file["state"], "changed");
        let changes = &file["changes"];
        assert_eq!(
            changes[0],
            json!({"path": "retain", "change": "changed", "before": "30", "after": "7"})
        );
        assert_eq!(changes[1]["change"], "added");
        assert_eq!(person.get("/drift").await.each("changes"), ["2"]);
        assert_eq!(person.get("/findings").await.each("kind"), ["config_drift"]);

        let approve = person
            .post(&format!("{FILE}/approve"), &approval(&file["reading"]))
            .await;
        let file = approve.is(200).json();
        assert_eq!(file["state"], "same");
        assert_eq!(file["baseline"]["approved_by"], "east");
        assert_eq!(person.get("/findings").await.each("kind"), [""; 0]);
        let closed = person.get("/findings?closed=true").await;
        assert_eq!(closed.each("closed_why"), ["passed"]);
    });
}

#[test]
fn what_was_not_looked_at_is_not_approved() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        world.read_file(0, r#"{"retain":30}"#).await;
        let seen = person.get(FILE).await.json()["reading"].clone();
        world.read_file(0, r#"{"retain":7}"#).await;
        let refused = person
            .post(&format!("{FILE}/approve"), &approval(&seen))
            .await
            .is(409);
        assert_eq!(refused.code(), "stale");
        assert_eq!(person.get(FILE).await.json()["state"], "no_baseline");
    });
}

#[test]
fn a_file_that_is_gone_is_not_approved() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        world.read_file(0, r#"{"retain":30}"#).await;
        let seen = person.get(FILE).await.json()["reading"].clone();
        person
            .post(&format!("{FILE}/approve"), &approval(&seen))
            .await
            .is(200);
        world.read_file_as(0, Reading::Missing).await;
        let file = person.get(FILE).await.json();
        assert_eq!(file["state"], "removed");
        let refused = person
            .post(&format!("{FILE}/approve"), &approval(&file["reading"]))
            .await;
        assert_eq!(refused.is(409).code(), "nothing_to_approve");
    });
}

#[test]
fn a_file_that_cannot_be_read_is_unknown_with_the_reason() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        world.read_file(0, r#"{"retain":30}"#).await;
        let seen = person.get(FILE).await.json()["reading"].clone();
        person
            .post(&format!("{FILE}/approve"), &approval(&seen))
            .await
            .is(200);
        let reason = "permission denied".to_owned();
        world.read_file_as(0, Reading::Unreadable { reason }).await;
        let listed = person.get("/drift").await;
        assert_eq!(listed.each("state"), ["unreadable"]);
        assert_eq!(listed.each("reason"), ["permission denied"]);
    });
}

#[test]
fn a_changed_secret_shows_as_dots_and_another_key_as_unknown() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        world.read_file(0, &secret('a', '1')).await;
        let seen = person.get(FILE).await.json()["reading"].clone();
        person
            .post(&format!("{FILE}/approve"), &approval(&seen))
            .await
            .is(200);

        world.read_file(0, &secret('b', '1')).await;
        let answer = person.get(FILE).await;
        let changes = answer.json()["changes"].clone();
        assert_eq!(
            changes,
            json!([{"path": "password", "change": "changed", "before": "••••", "after": "••••"}])
        );
        assert!(!answer.text.contains("bbbb"), "{answer:?}");

        world.read_file(0, &secret('b', '2')).await;
        let file = person.get(FILE).await.json();
        assert_eq!(file["state"], "other_key");
        assert_eq!(file["unknown"], json!(["password"]));
    });
}

#[test]
fn an_approval_says_why() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        world.read_file(0, r#"{"retain":30}"#).await;
        for reason in ["", "ok", "\u{1b}[31mred"] {
            let wish = json!({"reason": reason, "reading": 1});
            let refused = person.post(&format!("{FILE}/approve"), &wish).await.is(422);
            assert_eq!(refused.json()["error"]["field"], "reason");
        }
    });
}

#[test]
fn a_name_that_is_no_name_is_nowhere() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        for path in [
            "/drift/SH-001/other.json",
            "/drift/SH-001/a%00b",
            "/drift/a%00b/nvr.json",
        ] {
            person.get(path).await.is(404);
        }
    });
}
