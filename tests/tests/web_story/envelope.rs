//! What every answer has, and what is refused before any route.

use axum::http::{Method, Request};
use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::world::{PASSWORD, World};

#[test]
fn every_answer_has_the_security_headers_and_an_id() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let browser = world.stranger();
        for path in ["/me", "/nowhere", "//healthz", "//nowhere"] {
            let answer = browser.get(path).await;
            let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
            assert!(header("content-security-policy").starts_with("default-src 'none'; "));
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "same-origin");
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("strict-transport-security"), "max-age=63072000");
            assert_eq!(header("x-request-id").len(), 16);
        }
        let local = world.local().get("/me").await;
        assert!(!local.headers.contains_key("strict-transport-security"));
    });
}

#[test]
fn what_went_wrong_is_told_in_one_form_with_the_requests_id() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let local = world.local();
        for (method, path, body, status, code) in [
            (Method::GET, "/nowhere", None, 404, "not_found"),
            (Method::PUT, "/branches", None, 405, "method"),
            (Method::GET, "/branches?limit=x", None, 400, "malformed"),
            (
                Method::POST,
                "/branches",
                Some(json!({"name": 1})),
                422,
                "invalid",
            ),
            (Method::GET, "/branches/%FF", None, 400, "malformed"),
        ] {
            let answer = local
                .send(method, path, body.as_ref(), &[])
                .await
                .is(status);
            let error = &answer.json()["error"];
            assert_eq!(error["code"], code, "{answer:?}");
            assert!(
                error["message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
            assert_eq!(
                error["request_id"],
                answer.headers["x-request-id"].to_str().unwrap()
            );
        }
    });
}

#[test]
fn a_form_on_another_sites_page_does_nothing() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let browser = world.signed_in("hq").await;
        let branch = json!({"code": "NEW"});
        let cross = [
            vec![
                ("sec-fetch-site", "cross-site"),
                ("host", "hq.example:8443"),
            ],
            vec![("sec-fetch-site", "same-site"), ("host", "hq.example:8443")],
            vec![
                ("origin", "https://evil.example"),
                ("host", "hq.example:8443"),
            ],
            vec![("origin", "null"), ("host", "hq.example:8443")],
        ];
        for headers in cross {
            let refused = browser
                .send(Method::POST, "/branches", Some(&branch), &headers)
                .await;
            assert_eq!(refused.is(403).code(), "cross_site", "{headers:?}");
        }
        let own = [
            ("origin", "https://hq.example:8443"),
            ("host", "hq.example:8443"),
        ];
        browser
            .send(Method::POST, "/branches", Some(&branch), &own)
            .await
            .is(201);
    });
}

#[test]
fn a_sign_in_from_another_sites_page_is_refused_too() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let body = json!({"name": "sh", "password": PASSWORD});
        let headers = [("sec-fetch-site", "cross-site")];
        let browser = world.stranger();
        browser
            .send(Method::POST, "/session", Some(&body), &headers)
            .await
            .is(403);
    });
}

#[test]
fn a_body_without_end_is_refused() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let body = json!({"code": "A", "name": "x".repeat(1024 * 1024)});
        let refused = world.local().post("/branches", &body).await.is(413);
        assert_eq!(refused.code(), "too_large");
    });
}

#[test]
fn a_request_that_no_server_of_ours_read_is_a_strangers() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let request = Request::builder().uri("/api/v1/me");
        let request = request.body(axum::body::Body::empty()).unwrap();
        let router = world.router.clone();
        let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
        assert_eq!(response.status(), 401);
    });
}
