//! What every page has in common: who may see it, language and theme, ways back, errors.

use axum::http::header::SET_COOKIE;
use keepwatch_tests::databases::for_each_database;

use super::alerts::drifting;
use super::browser::encoded;
use super::world::{PASSWORD, World};

#[test]
fn a_wrong_password_keeps_the_name_and_the_way_and_opens_nothing() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor();
        for name in ["sh", "nobody", "<b>\"x"] {
            let form = [("name", name), ("password", "wrong"), ("then", "/alerts")];
            let page = browser.fill("/sign-in", &form).await.is(403);
            let page = page
                .says("名字或口令不对")
                .says("value=\"/alerts\"")
                .says_no("<b>\"x");
            assert!(!page.headers.contains_key(SET_COOKIE));
        }
        let form = [("name", "sh"), ("password", "wrong")];
        browser.submit("/sign-in", &form).await.says("value=\"sh\"");
    });
}

#[test]
fn the_form_counts_tries_with_the_api() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut client = world.stranger();
        for _ in 0..4 {
            client.sign_in("sh", "wrong").await.is(401);
        }
        let mut browser = world.visitor();
        let form = [("name", "sh"), ("password", "wrong")];
        browser.fill("/sign-in", &form).await.is(403);
        let refused = browser.fill("/sign-in", &form).await.is(429);
        assert!(refused.headers.contains_key("retry-after"));
        refused.says("试得太多了");
        client.sign_in("sh", PASSWORD).await.is(429);
    });
}

#[test]
fn language_and_theme_stay_and_lead_back_to_the_page() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor();
        browser
            .open("/sign-in")
            .await
            .says("lang=\"zh-CN\"")
            .says("登录");
        browser.headers.push(("accept-language", "en-GB,en"));
        browser.open("/sign-in").await.says("lang=\"en\"");
        let choice = [("language", "zh-CN"), ("then", "/branches?region=EAST")];
        let chosen = browser.fill("/preferences", &choice).await.is(303);
        assert_eq!(chosen.leads_to().as_deref(), Some("/branches?region=EAST"));
        browser.submit("/preferences", &[("theme", "dark")]).await;
        let page = browser.open("/sign-in").await.says("lang=\"zh-CN\"");
        page.says("data-theme=\"dark\"");
        // Choices outlive the session.
        browser.submit("/sign-out", &[]).await;
        browser.open("/sign-in").await.says("data-theme=\"dark\"");
    });
}

#[test]
fn no_way_back_leads_to_another_site() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        for hostile in [
            "//evil.example/",
            "/\\evil.example/",
            "https://evil.example/",
            "/\t/evil.example",
            "/\r\nset-cookie: a=b",
            "javascript:alert(1)",
        ] {
            let mut browser = world.visitor();
            let choice = [("theme", "dark"), ("then", hostile)];
            let chosen = browser.fill("/preferences", &choice).await.is(303);
            assert_eq!(chosen.leads_to().as_deref(), Some("/"), "{hostile:?}");
            let form = [("name", "hq"), ("password", PASSWORD), ("then", hostile)];
            let entered = browser.fill("/sign-in", &form).await.is(303);
            assert_eq!(entered.leads_to().as_deref(), Some("/"), "{hostile:?}");
            let way = format!("/sign-in?then={}", encoded(hostile));
            let again = browser.get(&way).await;
            assert_eq!(again.leads_to().as_deref(), Some("/"), "{hostile:?}");
        }
    });
}

#[test]
fn an_error_is_a_page_in_both_languages_without_internals() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("sh").await;
        for path in ["/nowhere", "/branches/%FF", "/assets/app.css", "/alerts/x"] {
            let page = browser.get(path).await;
            assert!(page.status.is_client_error(), "{page:?}");
            let html = page.headers["content-type"].to_str().unwrap();
            assert_eq!(html, "text/html; charset=utf-8");
            let id = page.headers["x-request-id"].to_str().unwrap().to_owned();
            let page = page.says("lang=\"en\"").says("lang=\"zh-CN\"").says(&id);
            page.says("<span class=\"who\">sh</span>").says_no("UTF-8 ");
        }
    });
}

#[test]
fn a_form_on_another_sites_page_is_refused_with_a_page() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        for path in ["/sign-in", "/sign-out", "/preferences"] {
            let mut browser = world.visitor_named("sh").await;
            browser.headers.push(("sec-fetch-site", "cross-site"));
            let form = [("name", "hq"), ("password", PASSWORD), ("theme", "dark")];
            let refused = browser.fill(path, &form).await.is(403);
            assert!(!refused.headers.contains_key(SET_COOKIE), "{path}");
            refused.says("请求来自别的网站");
        }
    });
}

#[test]
fn style_and_icon_are_kept_for_ever_under_their_addresses() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor();
        let page = browser.open("/sign-in").await;
        for attribute in ["rel=\"stylesheet\" href=\"", "svg+xml\" href=\""] {
            let at = page.text.split(attribute).nth(1).unwrap();
            let path = at.split('"').next().unwrap();
            let file = browser.get(path).await.is(200);
            let cache = file.headers["cache-control"].to_str().unwrap();
            assert!(cache.contains("immutable"), "{cache}");
        }
        browser.get("/favicon.ico").await.is(200).says("<svg");
    });
}

#[test]
fn a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor();
        let way = "/branches?region=EAST&verdict=unknown";
        let led = browser.get(way).await.is(303).leads_to().unwrap();
        assert_eq!(
            led,
            "/sign-in?then=%2Fbranches%3Fregion%3DEAST%26verdict%3Dunknown"
        );
        let page = browser.open(&led).await.is(200);
        let page = page.says("name=\"then\" value=\"/branches?region=EAST&#38;verdict=unknown\"");
        page.says("name=\"password\" type=\"password\"");
        let form = [("name", "east"), ("password", PASSWORD), ("then", way)];
        let answer = browser.fill("/sign-in", &form).await.is(303);
        assert_eq!(answer.leads_to().as_deref(), Some(way));
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-keepwatch="), "{cookie}");
        // Whoever is in is not asked again.
        let again = browser.get(&led).await.is(303);
        assert_eq!(again.leads_to().as_deref(), Some(way));
    });
}

#[test]
fn signing_out_ends_the_session() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("sh").await;
        let kept = browser.cookies.clone();
        let out = browser.fill("/sign-out", &[]).await.is(303);
        assert_eq!(out.leads_to().as_deref(), Some("/sign-in"));
        assert!(browser.cookies.is_empty());
        browser.cookies = kept;
        browser.open("/").await.says("type=\"password\"");
    });
}

#[test]
fn without_any_user_the_page_says_how_to_add_the_first() {
    for_each_database(async |database| {
        let world = World::empty(database);
        let page = world.visitor().open("/").await.is(200);
        page.says("keepwatch user add").says_no("type=\"password\"");
    });
}

#[test]
fn an_error_counts_open_alerts_and_leaves_what_a_form_did_to_its_page() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let mut browser = world.visitor_named("sh").await;
        let cookies = &mut browser.cookies;
        cookies.insert("keepwatch-notice".to_owned(), "acknowledged".to_owned());
        let page = browser.get("/nowhere").await.is(404);
        page.says("class=\"dot\"").says_no("role=\"status\"");
        let page = browser.get("/alerts").await.is(200);
        page.says("role=\"status\"");
    });
}
