//! Agents and the tokens that let them in.

use keepwatch_common::model::join::JoinString;
use keepwatch_common::time::MINUTE_MS;
use keepwatch_coordinator::store::digest::SecretHash;
use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::world::{AGENTS, World};

#[test]
fn a_token_is_a_join_string_that_the_store_knows_by_its_hash_alone() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let wish = json!({"branch": "SH-001", "expires_minutes": 10, "uses": 2});
        let made = world.local().post("/tokens", &wish).await.is(201).json();
        let text = made["join"].as_str().unwrap();
        let join: JoinString = text.parse().unwrap();
        assert_eq!(join.joining().to_string(), "hq.example:7444");
        assert_eq!(join.coordinator().port(), 7443);
        assert_eq!(join.authority(), world.services.authority);
        let listed = world.local().get("/tokens").await;
        assert_eq!(listed.each("uses_left"), ["2"]);
        assert_eq!(listed.each("created_by"), ["local"]);
        assert!(!listed.text.contains(join.secret().expose()));

        let hash = SecretHash::of(join.secret());
        let mut tx = world.services.store.begin().await.unwrap();
        let almost = world.services.clock.now() + 10 * MINUTE_MS - 1;
        let taken = tx.token_take(&hash, almost).await.unwrap().unwrap();
        assert_eq!(taken.branch_id, world.branches[0]);
        assert!(tx.token_take(&hash, almost + 1).await.unwrap().is_none());
    });
}

#[test]
fn a_token_can_make_its_branch() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let local = world.local();
        let wish = json!({"branch": "BJ-001", "name": "王府井店", "time_zone": "Asia/Urumqi"});
        let refused = local.post("/tokens", &wish).await.is(404);
        assert!(
            refused.json()["error"]["remedy"]
                .as_str()
                .unwrap()
                .contains("create_branch")
        );
        let mut wish = wish;
        wish["create_branch"] = json!(true);
        let made = local.post("/tokens", &wish).await.is(201).json();
        assert_eq!(made["branch_created"], true);
        let branch = local.get("/branches/BJ-001").await.is(200).json();
        assert_eq!(
            (&branch["name"], &branch["time_zone"]),
            (&json!("王府井店"), &json!("Asia/Urumqi"))
        );
        let again = local.post("/tokens", &wish).await.is(201).json();
        assert_eq!(again["branch_created"], false);
    });
}

#[test]
fn a_token_neither_lives_nor_serves_for_ever() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        for (field, value) in [
            ("expires_minutes", 0),
            ("expires_minutes", 10_081),
            ("uses", 0),
            ("uses", 1_001),
        ] {
            let wish = json!({"branch": "SH-001", field: value});
            let refused = world.local().post("/tokens", &wish).await.is(422);
            assert_eq!(refused.json()["error"]["field"], field);
        }
    });
}

#[test]
fn an_agent_is_shut_out_once_and_it_says_why() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        let path = format!("/agents/{}/revoke", AGENTS[0]);
        let reason = json!({"reason": "机器被盗"});
        let agent = person.post(&path, &reason).await.is(200).json();
        assert_eq!(
            (&agent["state"], &agent["revoked_reason"]),
            (&json!("revoked"), &json!("机器被盗"))
        );
        assert_eq!(person.post(&path, &reason).await.is(409).code(), "revoked");
        assert_eq!(
            person.get("/agents").await.each("state"),
            ["revoked", "never"]
        );
        person.post("/agents/nobody/revoke", &reason).await.is(404);
    });
}
