//! Signing in and out.

use axum::http::Method;
use axum::http::header::SET_COOKIE;
use keepwatch_common::time::{HOUR_MS, MINUTE_MS};
use keepwatch_tests::databases::for_each_database;

use super::world::{PASSWORD, World};

fn ms(ms: i64) -> u64 {
    u64::try_from(ms).unwrap()
}

#[test]
fn a_person_signs_in_is_known_and_signs_out() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.stranger();
        browser.get("/me").await.is(401);
        let answer = browser.sign_in("sh", PASSWORD).await.is(201);
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.starts_with("__Host-keepwatch="), "{cookie}");
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let me = browser.get("/me").await.is(200).json();
        assert_eq!(me["name"], "sh");
        assert_eq!(me["role"], "branch");
        assert_eq!(me["branch"], "SH-001");
        let before = browser.cookie.clone();
        let gone = browser.send(Method::DELETE, "/session", None, &[]).await;
        browser.keep_cookie(&gone.is(204));
        assert_eq!(browser.cookie, None);
        browser.cookie = before;
        browser.get("/me").await.is(401);
    });
}

#[test]
fn a_wrong_password_and_a_name_that_nobody_has_look_alike() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.stranger();
        let mut told = Vec::new();
        for (name, password) in [
            ("sh", "wrong horse battery"),
            ("nobody", PASSWORD),
            ("a\u{0}", "x"),
        ] {
            let answer = browser.sign_in(name, password).await.is(401);
            let mut error = answer.json()["error"].clone();
            error.as_object_mut().unwrap().remove("request_id");
            told.push(error);
        }
        assert_eq!(told[0], told[1]);
        assert_eq!(told[0], told[2]);
        assert_eq!(browser.cookie, None);
    });
}

#[test]
fn whoever_tries_too_often_must_wait_and_nobody_else() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.stranger();
        for _ in 0..5 {
            browser.sign_in("sh", "wrong horse battery").await.is(401);
        }
        let refused = browser.sign_in("sh", PASSWORD).await.is(429);
        assert_eq!(refused.headers["retry-after"], "1");
        browser.sign_in("hq", PASSWORD).await.is(201);
        let mut elsewhere = world.browser("10.9.9.9:50000");
        elsewhere.sign_in("sh", PASSWORD).await.is(201);
        world.clock.advance(1_000);
        browser.sign_in("sh", PASSWORD).await.is(201);
    });
}

#[test]
fn a_session_ends_when_it_is_not_used() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let browser = world.signed_in("sh").await;
        for _ in 0..4 {
            world.clock.advance(ms(29 * MINUTE_MS));
            browser.get("/me").await.is(200);
        }
        world.clock.advance(ms(30 * MINUTE_MS));
        browser.get("/me").await.is(401);
        // And does not come back when the clock does.
        world.clock.set(world.services.clock.now() - 30 * MINUTE_MS);
        browser.get("/me").await.is(401);
    });
}

#[test]
fn a_session_ends_after_a_working_day_however_much_it_is_used() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let browser = world.signed_in("sh").await;
        for _ in 0..35 {
            world.clock.advance(ms(20 * MINUTE_MS));
            browser.get("/me").await.is(200);
        }
        world.clock.advance(ms(HOUR_MS / 3));
        browser.get("/me").await.is(401);
    });
}

#[test]
fn signing_in_again_makes_a_new_session_and_ends_the_old_one() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.signed_in("sh").await;
        let old = browser.cookie.clone();
        browser.sign_in("hq", PASSWORD).await.is(201);
        assert_ne!(browser.cookie, old);
        assert_eq!(browser.get("/me").await.json()["name"], "hq");
        browser.cookie = old;
        browser.get("/me").await.is(401);
    });
}

#[test]
fn a_made_up_session_is_nobodys() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.stranger();
        for key in ["x", &"0".repeat(64), &"0".repeat(5_000)] {
            browser.cookie = Some(format!("__Host-keepwatch={key}"));
            browser.get("/me").await.is(401);
        }
    });
}

#[test]
fn a_person_who_was_disabled_is_out_at_once() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.signed_in("sh").await;
        let mut tx = world.services.store.begin().await.unwrap();
        let person = tx.person_fetch_by_name("sh").await.unwrap().unwrap();
        let now = world.services.clock.now();
        assert!(tx.person_disable(person.id, now).await.unwrap());
        tx.commit().await.unwrap();
        browser.get("/me").await.is(401);
        browser.sign_in("sh", PASSWORD).await.is(401);
    });
}
