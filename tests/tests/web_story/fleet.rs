//! The fleet and the list of branches: true numbers, cut to what somebody may see.

use axum::http::HeaderMap;
use keepwatch_tests::databases::for_each_database;

use super::footage::camera;
use super::world::{PASSWORD, World};

#[test]
fn everybody_sees_their_own_branches_and_no_others() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        for (name, sees, hides) in [
            ("hq", vec!["SH-001", "CD-001"], vec![]),
            ("east", vec!["SH-001"], vec!["CD-001", "春熙路店", "WEST"]),
            ("west", vec!["CD-001"], vec!["SH-001", "EAST", "SHANGHAI"]),
            ("sh", vec!["SH-001"], vec!["CD-001", "WEST"]),
        ] {
            let mut browser = world.visitor_named(name).await;
            for path in ["/", "/branches", "/branches?verdict=unknown"] {
                let page = browser.get(path).await.is(200);
                for code in &sees {
                    assert!(page.text.contains(code), "{name} {path} lacks {code}");
                }
                for code in &hides {
                    assert!(!page.text.contains(code), "{name} {path} shows {code}");
                }
            }
        }
    });
}

#[test]
fn a_region_outside_somebodys_scope_is_not_there() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut east = world.visitor_named("east").await;
        east.get("/branches?region=SHANGHAI")
            .await
            .is(200)
            .says("SH-001");
        for region in ["WEST", "NOWHERE", "%00", "x%20y"] {
            east.get(&format!("/branches?region={region}"))
                .await
                .is(404);
        }
        let mut branch = world.visitor_named("sh").await;
        branch.get("/branches?region=EAST").await.is(404);
        for query in ["verdict=green", "after=x", "region=EAST&region=WEST"] {
            let page = east.get(&format!("/branches?{query}")).await;
            assert!(page.status.is_client_error(), "{query}: {page:?}");
        }
    });
}

#[test]
fn a_branch_that_never_reported_is_unknown_and_nothing_is_green() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser.get("/").await.is(200);
        let page = page
            .says("2 unknown")
            .says("Never")
            .says_no("class=\"f pass\"");
        page.says("EAST").says("WEST").says_no("SHANGHAI</a>");
        let list = browser.get("/branches?verdict=pass").await.is(200);
        list.says("No branch matches the filter");
    });
}

#[test]
fn a_camera_counts_as_recorded_and_kept_only_where_that_was_measured() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.recorded(0, &camera("nvr", "door"), 40, &[]).await;
        let till = camera("nvr", "till");
        world.recorded(0, &till, 5, &[]).await;
        // Two days of it are cleaned up.
        world.recorded(0, &till, 3, &[]).await;
        world.hear(0).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser.get("/").await.is(200);
        // The till's camera keeps three days of the thirty asked for.
        let page = page
            .says("1 fail")
            .says("aria-label=\"Recorded in full: Pass 2\"");
        page.says("aria-label=\"Kept long enough: Pass 1, Fail 1\"");
        let mut browser = world.visitor_named("cd").await;
        let page = browser.get("/").await.is(200);
        page.says_no("class=\"f pass\"");
    });
}

#[test]
fn without_a_word_for_a_while_every_page_says_so() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        let mut browser = world.visitor_named("hq").await;
        browser
            .get("/branches")
            .await
            .is(200)
            .says_no("class=\"stale\"");
        world.clock.advance(20 * 60 * 1_000);
        for path in ["/", "/branches", "/alerts", "/drift", "/branches/SH-001"] {
            let page = browser.get(path).await.is(200);
            page.says("class=\"stale\"").says("20\u{a0}分");
        }
        // Whoever sees only a branch that never reported has nothing that could be old.
        let mut other = world.visitor_named("cd").await;
        other.get("/").await.is(200).says_no("class=\"stale\"");
    });
}

#[test]
fn an_empty_coordinator_shows_how_the_first_branch_joins() {
    for_each_database(async |database| {
        let world = World::empty(database);
        let user = serde_json::json!({
            "name": "admin", "role": "administrator", "password": PASSWORD
        });
        world.local().post("/users", &user).await.is(201);
        let mut browser = world.visitor_named("admin").await;
        for path in ["/", "/branches"] {
            let page = browser.get(path).await.is(200);
            let page = page.says("keepwatch token create --branch");
            page.says("keepwatch-agent join --config");
        }
    });
}

#[test]
fn every_page_sends_a_stranger_to_sign_in() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor();
        for path in [
            "/",
            "/branches",
            "/branches/SH-001",
            "/branches/SH-001/cameras/nvr/door",
            "/branches/SH-001/drift/nvr.json",
            "/branches/NOWHERE",
            "/alerts",
            "/drift",
        ] {
            let led = browser.get(path).await.is(303).leads_to().unwrap();
            assert!(led.starts_with("/sign-in"), "{path} leads to {led}");
        }
        for path in ["/alerts/1/acknowledge", "/branches/SH-001/drift/nvr.json"] {
            let led = browser.fill(path, &[("reason", "x")]).await.is(303);
            assert!(led.leads_to().unwrap().starts_with("/sign-in"), "{path}");
        }
    });
}

#[test]
fn no_page_may_be_kept_or_run_scripts() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        for path in ["/", "/branches", "/nowhere", "/sign-in"] {
            let page = browser.get(path).await;
            let header = |headers: &HeaderMap, name| headers[name].to_str().unwrap().to_owned();
            let policy = header(&page.headers, "content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(!policy.contains("script-src"), "{policy}");
            assert_eq!(header(&page.headers, "cache-control"), "no-store");
            assert!(!page.text.contains("<script"), "{path}");
        }
    });
}
