//! Somebody who looks at pages: keeps every cookie, sends forms, goes where an answer leads.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Method, Request};
use axum::{Extension, Router};
use http_body_util::BodyExt;
use keepwatch_coordinator::web::arrival::Arrival;
use tower::ServiceExt;

use super::client::Answer;

/// Redirects followed at most: two are the most that any of ours takes.
const LEADS_MAX: usize = 4;

/// A browser.
pub(crate) struct Browser {
    router: Router,
    arrival: Arrival,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Headers of every request, such as a language.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl Browser {
    pub(crate) fn at(router: Router, arrival: Arrival) -> Self {
        Self {
            router,
            arrival,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// One request, without following where it leads.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    /// Opens a page, wherever that leads.
    pub(crate) async fn open(&mut self, path: &str) -> Answer {
        let answer = self.get(path).await;
        self.follow(answer).await
    }

    /// Sends a form, without following where it leads.
    pub(crate) async fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        self.send(Method::POST, path, Body::from(fields.join("&")))
            .await
    }

    /// Sends a form and goes where it leads.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.fill(path, fields).await;
        self.follow(answer).await
    }

    async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..LEADS_MAX {
            let Some(to) = answer.leads_to() else {
                return answer;
            };
            assert!(
                to.starts_with('/') && !to.starts_with("//"),
                "leads to {to}"
            );
            answer = self.get(&to).await;
        }
        panic!("led around for too long: {answer:?}");
    }

    async fn send(&mut self, method: Method, path: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(&method).uri(path);
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let router = self.router.clone().layer(Extension(self.arrival));
        let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        for set in parts.headers.get_all(SET_COOKIE) {
            self.keep(set.to_str().unwrap());
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, set: &str) {
        let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
        if set.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Answer {
    /// Where it leads.
    pub(crate) fn leads_to(&self) -> Option<String> {
        let to = self.headers.get(LOCATION)?;
        Some(to.to_str().unwrap().to_owned())
    }

    /// Insists on words on the page.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "no “{words}”: {}", self.text);
        self
    }

    /// Insists on their absence.
    #[track_caller]
    pub(crate) fn says_no(self, words: &str) -> Self {
        assert!(!self.text.contains(words), "“{words}”: {}", self.text);
        self
    }
}

/// As a form or an address encodes a value.
pub(crate) fn encoded(value: &str) -> String {
    let bytes: Vec<_> = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}
