//! A receiver of notifications: a small HTTP server that notes what it was sent and answers as told.
//!
//! It reads one request a connection and understands no more of HTTP than that takes. It is not the
//! product's own client turned around: what it checks, it checks by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ring::hmac;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Largest request that is read, in bytes.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Method and path.
    pub line: String,
    /// Headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Received {
    /// A header's value; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Whether it is signed with this secret, as the documentation says.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signed = format!("{}.{}", self.header("keepwatch-timestamp"), self.body);
        let claimed = self.header("keepwatch-signature").strip_prefix("v1=");
        let tag = claimed.and_then(bytes_of_hex).unwrap_or_default();
        hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    }
}

/// How a receiver behaves.
#[derive(Debug, Clone)]
pub enum Manners {
    /// Answers with a status, more headers (each ending in a line break) and a text.
    Answers {
        /// The status.
        status: u16,
        /// More headers.
        headers: String,
        /// The text.
        text: String,
    },
    /// Hangs up without a word.
    HangsUp,
    /// Listens and never answers.
    IsSilent,
}

impl Manners {
    /// A status and a text.
    pub fn status(status: u16, text: &str) -> Self {
        Self::Answers {
            status,
            headers: String::new(),
            text: text.to_owned(),
        }
    }
}

/// A receiver that listens on a port of this machine until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    at: SocketAddr,
    scheme: &'static str,
    received: watch::Receiver<Vec<Received>>,
    manners: Arc<Mutex<Manners>>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Begins to listen, and to take whatever comes.
    pub async fn listen() -> std::io::Result<Self> {
        Self::listen_with(None).await
    }

    /// The same behind TLS.
    pub async fn listen_with_tls(tls: Arc<ServerConfig>) -> std::io::Result<Self> {
        Self::listen_with(Some(tls.into())).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "it lives and dies with the test that holds it"
    )]
    async fn listen_with(tls: Option<TlsAcceptor>) -> std::io::Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let at = listener.local_addr()?;
        let manners = Arc::new(Mutex::new(Manners::status(200, "thank you")));
        let (note, received) = watch::channel(Vec::new());
        let task = tokio::spawn(receive(listener, tls, manners.clone(), note));
        Ok(Self {
            at,
            scheme,
            received,
            manners,
            task,
        })
    }

    /// Where to post to.
    pub fn url(&self) -> String {
        format!("{}://{}/hook", self.scheme, self.at)
    }

    /// From now on behaves like this.
    pub fn behave(&self, manners: Manners) {
        *lock(&self.manners) = manners;
    }

    /// All that was sent so far, answered or not.
    pub fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Waits until so much was sent; all of it.
    pub async fn received_at_least(&self, count: usize) -> Vec<Received> {
        let mut received = self.received.clone();
        match received.wait_for(|all| all.len() >= count).await {
            Ok(all) => all.clone(),
            Err(_) => Vec::new(),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(manners: &Mutex<Manners>) -> MutexGuard<'_, Manners> {
    manners.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "it lives and dies with the test that holds it"
)]
async fn receive(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    manners: Arc<Mutex<Manners>>,
    note: watch::Sender<Vec<Received>>,
) {
    let note = Arc::new(note);
    while let Ok((stream, _)) = listener.accept().await {
        let (manners, note, tls) = (manners.clone(), note.clone(), tls.clone());
        tokio::spawn(async move {
            // A peer that goes away is the sender's business.
            let (Ok(()) | Err(_)) = match tls {
                None => serve(stream, &manners, &note).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => serve(stream, &manners, &note).await,
                    Err(refused) => Err(refused),
                },
            };
        });
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    manners: &Mutex<Manners>,
    note: &watch::Sender<Vec<Received>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let received = loop {
        if let Some(received) = parse(&bytes) {
            break received;
        }
        let mut chunk = [0; 4_096];
        let read = stream.read(&mut chunk).await?;
        if read == 0 || bytes.len() > REQUEST_BYTES_MAX {
            return Ok(());
        }
        bytes.extend_from_slice(&chunk[..read]);
    };
    let manners = lock(manners).clone();
    note.send_modify(|all| all.push(received));
    match manners {
        Manners::HangsUp => Ok(()),
        Manners::IsSilent => std::future::pending().await,
        Manners::Answers {
            status,
            headers,
            text,
        } => {
            let answer = format!(
                "HTTP/1.1 {status} Told\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{text}",
                text.len()
            );
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        }
    }
}

/// A whole request; none while some of it is missing.
fn parse(bytes: &[u8]) -> Option<Received> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (line, lines) = head.split_once("\r\n").unwrap_or((head, ""));
    let headers: BTreeMap<_, _> = lines
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| Received {
        line: line.to_owned(),
        headers,
        body: body[..length].to_owned(),
    })
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let text = "POST /hook HTTP/1.1\r\nContent-Length: 2\r\nX: y\r\n\r\n{}";
        let whole = parse(text.as_bytes()).unwrap();
        assert_eq!((whole.body.as_str(), whole.header("x")), ("{}", "y"));
        for end in 0..text.len() {
            assert_eq!(parse(&text.as_bytes()[..end]), None);
        }
    }

    #[test]
    fn a_signature_of_another_secret_is_none() {
        // Computed with another program: printf '1.{}' | openssl dgst -sha256 -hmac key
        let signature = "v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224";
        let headers = [
            ("keepwatch-timestamp", "1"),
            ("keepwatch-signature", signature),
        ];
        let received = Received {
            line: String::new(),
            headers: headers.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            body: "{}".to_owned(),
        };
        assert!(received.is_signed_with("key"));
        assert!(!received.is_signed_with("kez"));
    }
}
