//! Every route, role and scope, from one table.
//!
//! Each row is a request about branch SH-001 in region EAST; the columns are what each person is
//! answered. `cd` and `west` belong to another branch and another region: for them SH-001 does not
//! exist. Whoever may do it is answered with whatever follows from it, often that it is done already.

use axum::http::Method;
use keepwatch_tests::databases::for_each_database;
use serde_json::{Value, json};

use super::client::Client;
use super::world::{AGENTS, World};

const PEOPLE: [&str; 6] = ["admin", "hq", "east", "west", "sh", "cd"];

/// Method, address, body, and the status for each of [`PEOPLE`].
fn table(agent: &str, alert: &str, reading: i64) -> Vec<(Method, String, Option<Value>, [u16; 6])> {
    let get = |path: &str, expected| (Method::GET, path.to_owned(), None, expected);
    let post = |path: String, body, expected| (Method::POST, path, Some(body), expected);
    let all = [200; 6];
    let own = [200, 200, 200, 404, 200, 404];
    let staff = [200, 200, 403, 403, 403, 403];
    vec![
        get("/me", all),
        get("/branches", all),
        get("/findings", all),
        get("/alerts", all),
        get("/drift", all),
        get("/agents", all),
        get("/holds", all),
        get("/branches/SH-001", own),
        get("/branches/SH-001/cameras", own),
        get("/findings?branch=SH-001", own),
        get("/alerts?branch=SH-001", own),
        get("/drift/SH-001/nvr.json", own),
        get("/regions", staff),
        get("/tokens", staff),
        get("/users", [200, 403, 403, 403, 403, 403]),
        // Bodies that only whoever may is told about.
        post(
            format!("/alerts/{alert}/acknowledge"),
            json!({}),
            [200, 409, 409, 404, 409, 404],
        ),
        post(
            "/drift/SH-001/nvr.json/approve".to_owned(),
            json!({"reason": "checked", "reading": reading}),
            [200, 200, 200, 404, 403, 404],
        ),
        post(
            "/branches".to_owned(),
            json!({"code": "SH-001"}),
            [409, 409, 403, 403, 403, 403],
        ),
        post(
            "/regions".to_owned(),
            json!({"code": "EAST"}),
            [409, 409, 403, 403, 403, 403],
        ),
        post(
            "/tokens".to_owned(),
            json!({"branch": "SH-001"}),
            [201, 201, 403, 403, 403, 403],
        ),
        post(
            "/tokens".to_owned(),
            json!({"branch": "SH-002", "create_branch": true}),
            [201, 201, 403, 403, 403, 403],
        ),
        post(
            "/users".to_owned(),
            json!({"name": "sh", "role": "headquarters", "password": "long enough"}),
            [409, 403, 403, 403, 403, 403],
        ),
        post(
            format!("/agents/{agent}/revoke"),
            json!({"reason": "stolen"}),
            [200, 409, 403, 404, 403, 404],
        ),
    ]
}

#[test]
fn everybody_reaches_what_their_role_and_scope_allow_and_nothing_else() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.read_file(0, r#"{"retain":30}"#).await;
        let local = world.local();
        let reading = local.get("/drift/SH-001/nvr.json").await.json()["reading"].as_i64();
        let approval = json!({"reason": "as installed", "reading": reading});
        local
            .post("/drift/SH-001/nvr.json/approve", &approval)
            .await
            .is(200);
        world.read_file(0, r#"{"retain":7}"#).await;
        let reading = local.get("/drift/SH-001/nvr.json").await.json()["reading"].as_i64();
        let alert = local.get("/alerts").await.each("id").remove(0);
        let mut clients = Vec::new();
        for name in PEOPLE {
            clients.push(world.signed_in(name).await);
        }
        let mut wrong = Vec::new();
        for (method, path, body, expected) in
            table(&AGENTS[0].to_string(), &alert, reading.unwrap())
        {
            let body = body.as_ref();
            world
                .stranger()
                .send(method.clone(), &path, body, &[])
                .await
                .is(401);
            for ((name, client), expected) in PEOPLE.iter().zip(&clients).zip(expected) {
                let answer = client.send(method.clone(), &path, body, &[]).await;
                if answer.status.as_u16() != expected {
                    wrong.push(format!(
                        "{name} {method} {path}: {answer:?}, not {expected}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_refusal_names_the_permission_that_is_missing() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let branch = world.signed_in("sh").await;
        let refused = branch.get("/users").await.is(403);
        assert_eq!(refused.code(), "forbidden");
        assert!(refused.message().contains("manage_people"), "{refused:?}");
        let wish = json!({"reason": "checked", "reading": 1});
        let refused = branch
            .post("/drift/SH-001/nvr.json/approve", &wish)
            .await
            .is(403);
        assert!(
            refused.message().contains("approve_baseline"),
            "{refused:?}"
        );
    });
}

#[test]
fn nobody_sees_anything_of_a_branch_outside_their_scope() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        for branch in [0, 1] {
            world.read_file(branch, r#"{"retain":30}"#).await;
        }
        let seen = async |client: &Client| {
            let mut seen = Vec::new();
            for (path, field) in [
                ("/branches", "code"),
                ("/drift", "branch"),
                ("/agents", "branch"),
            ] {
                seen.extend(client.get(path).await.is(200).each(field));
            }
            seen.sort();
            seen.dedup();
            seen
        };
        for (name, expected) in [
            ("hq", vec!["CD-001", "SH-001"]),
            ("east", vec!["SH-001"]),
            ("west", vec!["CD-001"]),
            ("sh", vec!["SH-001"]),
            ("cd", vec!["CD-001"]),
        ] {
            let client = world.signed_in(name).await;
            assert_eq!(seen(&client).await, expected, "{name}");
        }
    });
}

#[test]
fn a_foreign_branch_and_one_that_is_not_there_look_alike() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let client = world.signed_in("cd").await;
        let foreign = client.get("/branches/SH-001").await.is(404);
        let nowhere = client.get("/branches/SH-999").await.is(404);
        assert_eq!(
            foreign.message().replace("SH-001", "SH-999"),
            nowhere.message()
        );
    });
}
