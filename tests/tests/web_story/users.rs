//! People and the record of what they did.

use keepwatch_coordinator::store::deeds::DeedsVerified;
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::world::{AGENTS, PASSWORD, World};

#[test]
fn a_person_is_added_with_a_role_and_the_scope_it_needs() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let admin = world.signed_in("admin").await;
        for (field, user) in [
            ("role", json!({"name": "a", "role": "owner"})),
            ("role", json!({"name": "a", "role": "branch"})),
            (
                "role",
                json!({"name": "a", "role": "headquarters", "branch": "SH-001"}),
            ),
            (
                "branch",
                json!({"name": "a", "role": "branch", "branch": "SH-999"}),
            ),
            (
                "region",
                json!({"name": "a", "role": "region", "region": "NORTH"}),
            ),
            ("name", json!({"name": "Local", "role": "headquarters"})),
            ("name", json!({"name": " a", "role": "headquarters"})),
            ("name", json!({"name": "", "role": "headquarters"})),
            (
                "password",
                json!({"name": "a", "role": "headquarters", "password": "short"}),
            ),
        ] {
            let mut user = user;
            if user.get("password").is_none() {
                user["password"] = json!(PASSWORD);
            }
            let refused = admin.post("/users", &user).await.is(422);
            assert_eq!(refused.json()["error"]["field"], field, "{user}");
            assert!(!refused.text.contains(PASSWORD));
        }
        let user =
            json!({"name": "林", "role": "branch", "branch": "SH-001", "password": PASSWORD});
        admin.post("/users", &user).await.is(201);
        assert_eq!(admin.post("/users", &user).await.is(409).code(), "taken");
        let listed = admin.get("/users").await;
        assert_eq!(
            listed.each("name"),
            ["admin", "hq", "east", "west", "sh", "cd", "林"]
        );
        assert!(!listed.text.contains("argon2"), "{listed:?}");
        let mut browser = world.stranger();
        browser.sign_in("林", PASSWORD).await.is(201);
    });
}

#[test]
fn what_people_did_is_in_the_record_and_the_record_is_whole() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let person = world.signed_in("hq").await;
        world.read_file(0, r#"{"retain":30}"#).await;
        let path = "/drift/SH-001/nvr.json";
        let reading = person.get(path).await.json()["reading"].clone();
        let approval = json!({"reason": "as installed", "reading": reading});
        person
            .post(&format!("{path}/approve"), &approval)
            .await
            .is(200);
        world.read_file(0, r#"{"retain":7}"#).await;
        let id = person.get("/alerts").await.each("id").remove(0);
        let note = json!({"note": "on it"});
        person
            .post(&format!("/alerts/{id}/acknowledge"), &note)
            .await
            .is(200);
        person
            .post("/tokens", &json!({"branch": "SH-001"}))
            .await
            .is(201);
        let reason = json!({"reason": "replaced"});
        person
            .post(&format!("/agents/{}/revoke", AGENTS[0]), &reason)
            .await
            .is(200);
        // What is refused is nobody's deed.
        person
            .post(
                "/users",
                &json!({"name": "x", "role": "headquarters", "password": PASSWORD}),
            )
            .await
            .is(403);
        person
            .post(&format!("{path}/approve"), &approval)
            .await
            .is(409);

        let mut reader = world.services.store.read().await.unwrap();
        let deeds = reader.deed_list(None, PageRows::MOST).await.unwrap();
        let of_hq: Vec<_> = deeds
            .iter()
            .rev()
            .filter(|deed| deed.actor == "hq")
            .map(|deed| (deed.verb.as_str(), deed.subject.as_str()))
            .collect();
        let agent = AGENTS[0].to_string();
        assert_eq!(
            of_hq,
            [
                ("sign_in", "hq"),
                ("baseline_approve", "SH-001/nvr.json"),
                ("alert_acknowledge", id.as_str()),
                ("token_create", "SH-001"),
                ("agent_revoke", agent.as_str()),
            ]
        );
        let verified = reader.deeds_verify(None).await.unwrap();
        assert!(
            matches!(verified, DeedsVerified::Intact { last: Some(_) }),
            "{verified:?}"
        );
        let secrets = deeds
            .iter()
            .any(|deed| deed.body.contains(PASSWORD) || deed.body.contains("join"));
        assert!(!secrets);
    });
}
