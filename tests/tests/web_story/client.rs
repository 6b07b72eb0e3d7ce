//! Somebody who speaks to the coordinator: a browser, the command line, a stranger.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::{Extension, Router};
use http_body_util::BodyExt;
use keepwatch_coordinator::web::arrival::Arrival;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Somebody who speaks to the coordinator.
pub(crate) struct Client {
    router: Router,
    arrival: Arrival,
    pub(crate) cookie: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    pub(crate) fn at(router: Router, arrival: Arrival) -> Self {
        Self {
            router,
            arrival,
            cookie: None,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    /// Below `/api/v1`, unless the path begins with `//`.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let uri = match path.strip_prefix("//") {
            Some(beside) => format!("/{beside}"),
            None => format!("/api/v1{path}"),
        };
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let router = self.router.clone().layer(Extension(self.arrival));
        let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Signs in and keeps the cookie as a browser does.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let body = json!({"name": name, "password": password});
        let answer = self.post("/session", &body).await;
        self.keep_cookie(&answer);
        answer
    }

    pub(crate) fn keep_cookie(&mut self, answer: &Answer) {
        if let Some(set) = answer.headers.get(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let pair = set.split(';').next().unwrap().to_owned();
            self.cookie = Some(pair).filter(|_| !set.contains("Max-Age=0"));
        }
    }
}

impl Answer {
    /// Insists on a status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The code of what went wrong.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }

    /// The message of what went wrong.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    /// One field of each item of a list.
    #[track_caller]
    pub(crate) fn each(&self, field: &str) -> Vec<String> {
        let items = self.json()["items"].as_array().unwrap().clone();
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        items.iter().map(|item| text(&item[field])).collect()
    }
}
