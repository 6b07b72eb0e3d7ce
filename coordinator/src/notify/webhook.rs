//! One notification, posted: `JSON` out, an answer back, and what to make of it.

use keepwatch_common::error_chain::chain;
use keepwatch_common::time::{Instant, SECOND_MS};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, Url};

use super::answer::{ANSWER_BYTES_MAX, shown, with_status};
use super::signature::{SigningKey, signature};

/// What makes a notification this one, however often it is sent.
pub const KEY_HEADER: &str = "Keepwatch-Key";

/// When it was sent, in whole seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "Keepwatch-Timestamp";

/// See [`signature`].
pub const SIGNATURE_HEADER: &str = "Keepwatch-Signature";

/// An address, and the key for what is sent there.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    client: Client,
    url: Url,
    key: SigningKey,
}

/// What became of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// The receiver has it.
    Taken {
        /// What it said.
        answer: String,
    },
    /// It answered and did not take it.
    Refused {
        /// What it said.
        answer: String,
        /// How long it asked to be left alone, in milliseconds.
        asked_ms: Option<i64>,
    },
    /// It did not answer.
    Silent {
        /// Why not.
        answer: String,
    },
}

impl Webhook {
    pub(super) fn new(client: Client, url: Url, key: SigningKey) -> Self {
        Self { client, url, key }
    }

    /// Posts a body once.
    pub(super) async fn post(&self, key: &str, body: &str, now: Instant) -> Reply {
        let timestamp_s = now.ms().div_euclid(SECOND_MS);
        let sent = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(KEY_HEADER, key)
            .header(TIMESTAMP_HEADER, timestamp_s)
            .header(SIGNATURE_HEADER, signature(&self.key, timestamp_s, body))
            .body(body.to_owned())
            .send()
            .await;
        match sent {
            Ok(response) => read(response, now).await,
            // The address may hold a secret.
            Err(error) => Reply::Silent {
                answer: shown(chain(&error.without_url()).to_string().as_bytes()),
            },
        }
    }
}

async fn read(mut response: Response, now: Instant) -> Reply {
    let status = response.status();
    let asked_ms = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| asked_ms(value.to_str().ok()?, now));
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        match response.chunk().await {
            Ok(Some(more)) => {
                let room = ANSWER_BYTES_MAX - bytes.len();
                bytes.extend_from_slice(&more[..more.len().min(room)]);
            }
            // The status is what counts; a text that breaks off is as good as none.
            Ok(None) | Err(_) => break,
        }
    }
    let answer = with_status(status.as_u16(), &shown(&bytes));
    if status.is_success() {
        Reply::Taken { answer }
    } else {
        Reply::Refused { answer, asked_ms }
    }
}

/// `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3).
fn asked_ms(value: &str, now: Instant) -> Option<i64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(i64::from(seconds) * SECOND_MS);
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Instant::from_timestamp(date.timestamp()).since(now).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_asks_for_time_in_seconds_or_until_a_date() {
        let now = Instant::parse("1994-11-06T08:49:00Z").unwrap();
        assert_eq!(asked_ms("120", now), Some(120_000));
        assert_eq!(asked_ms("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(37_000));
        assert_eq!(asked_ms("Sun, 06 Nov 1994 08:40:00 GMT", now), Some(0));
        assert_eq!(asked_ms("soon", now), None);
        assert_eq!(asked_ms("-1", now), None);
    }
}
