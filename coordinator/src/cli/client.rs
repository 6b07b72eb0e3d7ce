//! One exchange with the coordinator: `/api/v1` over its Unix socket.
//!
//! Another way to reach it, HTTPS with a token, differs in nothing but the stream; it has its place in
//! [`Client::stream`] once there are tokens for programs.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::handshake;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;

use super::error::CliError;
use crate::config::Config;

/// Longest answer read, in bytes: a full page of the longest rows.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Longest time for an answer: longer than the coordinator itself allows.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// Rows asked for at once.
const PAGE_ROWS: usize = 1_000;

/// Signs that stand for themselves inside an address (RFC 3986, section 2.3).
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Somebody at the coordinator's socket.
#[derive(Debug)]
pub(super) struct Client {
    socket: PathBuf,
}

/// A list, put together from its pages.
#[derive(Debug)]
pub(super) struct Rows {
    /// The rows.
    pub(super) items: Vec<Value>,
    /// Where the rest begins, when there is more than was asked for.
    pub(super) next: Option<String>,
}

impl Client {
    /// At a socket, or at the one that the configuration names.
    pub(super) fn at(socket: Option<&Path>, config: &Path) -> Result<Self, CliError> {
        let socket = match socket {
            Some(socket) => socket.to_owned(),
            None => Config::read(config)?.listen.socket,
        };
        Ok(Self { socket })
    }

    /// Where it is.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whether anybody answers there. A socket that we may not use is an error: somebody does.
    pub(super) fn answers(&self) -> Result<bool, CliError> {
        block_on(async {
            match self.stream().await {
                Ok(_) => Ok(true),
                Err(CliError::Unreachable { source, .. }) if is_nobody(source.kind()) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    /// Reads.
    pub(super) fn get(&self, path: &str) -> Result<Value, CliError> {
        block_on(self.exchange(Method::GET, &api(path), None))
    }

    /// Acts.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        block_on(self.exchange(Method::POST, &api(path), Some(body)))
    }

    /// Reads a list up to so many rows, page by page; `query` is what is asked beside pages.
    pub(super) fn list(
        &self,
        path: &str,
        query: &[(&str, Option<&str>)],
        rows_max: usize,
    ) -> Result<Rows, CliError> {
        let (mut items, mut next) = (Vec::new(), None::<String>);
        loop {
            let wanted = (rows_max - items.len()).min(PAGE_ROWS).to_string();
            let mut asked = query.to_vec();
            asked.push(("limit", Some(wanted.as_str())));
            asked.push(("after", next.as_deref()));
            let mut page = self.get(&format!("{path}{}", query_text(&asked)))?;
            if let Value::Array(rows) = page["items"].take() {
                items.extend(rows);
            }
            next = page["next"].as_str().map(str::to_owned);
            if next.is_none() || items.len() >= rows_max {
                return Ok(Rows { items, next });
            }
        }
    }

    async fn exchange(
        &self,
        method: Method,
        uri: &str,
        body: Option<&Value>,
    ) -> Result<Value, CliError> {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header(HOST, "localhost")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(bytes))?;
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.send(request)).await;
        let after = ANSWER_WITHIN;
        let (status, bytes) = answer.map_err(|_| CliError::Slow { after })??;
        if (200..300).contains(&status) {
            if bytes.is_empty() {
                return Ok(Value::Null);
            }
            return Ok(serde_json::from_slice(&bytes)?);
        }
        Err(refusal(status, &bytes))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<(u16, Bytes), CliError> {
        let stream = TokioIo::new(self.stream().await?);
        let (mut sender, connection) = handshake(stream).await.map_err(CliError::Lost)?;
        let exchange = async move {
            let response = sender.send_request(request).await.map_err(CliError::Lost)?;
            // Without the sender, the connection ends after this answer.
            drop(sender);
            read(response).await
        };
        let (answer, _closed) = tokio::join!(exchange, connection);
        answer
    }

    async fn stream(&self) -> Result<UnixStream, CliError> {
        let connected = UnixStream::connect(&self.socket).await;
        connected.map_err(|source| CliError::Unreachable {
            path: self.socket.clone(),
            source,
        })
    }
}

/// A part of an address, encoded.
pub(super) fn part(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            write!(encoded, "%{byte:02X}").unwrap_or_default();
        }
    }
    encoded
}

/// There is no socket, or nobody listens on it any more.
fn is_nobody(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    )
}

fn api(path: &str) -> String {
    format!("/api/v1{path}")
}

fn query_text(asked: &[(&str, Option<&str>)]) -> String {
    let given = asked
        .iter()
        .filter_map(|(name, value)| Some((name, (*value)?)));
    let pairs: Vec<_> = given
        .map(|(name, value)| format!("{name}={}", part(value)))
        .collect();
    if pairs.is_empty() {
        return String::new();
    }
    format!("?{}", pairs.join("&"))
}

async fn read(response: Response<Incoming>) -> Result<(u16, Bytes), CliError> {
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX);
    let collected = body.collect().await.map_err(CliError::Body)?;
    Ok((status, collected.to_bytes()))
}

fn refusal(status: u16, bytes: &[u8]) -> CliError {
    let told: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let error = &told["error"];
    let text = |field: &str| error[field].as_str().map(str::to_owned);
    CliError::Refused {
        status,
        message: text("message")
            .unwrap_or_else(|| format!("the coordinator answered {status} without a reason")),
        remedy: text("remedy"),
    }
}

/// Runs one exchange.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_address_is_never_two() {
        assert_eq!(part("3 号机/a?b"), "3%20%E5%8F%B7%E6%9C%BA%2Fa%3Fb");
    }

    #[test]
    fn only_what_is_asked_for_is_in_the_query() {
        let asked = [
            ("branch", Some("a&b")),
            ("kind", None),
            ("limit", Some("5")),
        ];
        assert_eq!(query_text(&asked), "?branch=a%26b&limit=5");
        assert_eq!(query_text(&[("kind", None)]), "");
    }
}
