//! TCP, with TLS or, on the loopback alone, without.
//!
//! A handshake has a deadline and a connection a place among a limited number, so that whoever opens
//! many and says nothing keeps out at most others of their kind.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::connection;
use crate::web::arrival::Arrival;

/// Connections at one time: every person of a large chain's headquarters with six each.
const CONNECTIONS_MAX: usize = 2_048;

/// A client has this long for its TLS handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// After a connection could not be taken, usually for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// Why nobody listens.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be had.
    #[error("TCP {listen} cannot be listened on; see what else uses the port")]
    Bind {
        /// Where.
        listen: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Passwords would travel in the open.
    #[error("{listen} is not on this machine; without TLS the web is served on the loopback only")]
    Open {
        /// Where.
        listen: SocketAddr,
    },
}

/// A socket that listens, and how it is spoken on it.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
}

impl Listening {
    /// Opens the port; without TLS only on the loopback.
    pub async fn open(
        listen: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
    ) -> Result<Self, ListenError> {
        if tls.is_none() && !listen.ip().to_canonical().is_loopback() {
            return Err(ListenError::Open { listen });
        }
        let listener = TcpListener::bind(listen).await;
        let listener = listener.map_err(|source| ListenError::Bind { listen, source })?;
        Ok(Self { listener, tls })
    }

    /// Where it listens: the port that was given when none was asked for.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves whoever connects, until asked to stop; what was begun is answered by tasks of the
    /// tracker.
    pub async fn serve(self, router: Router, tracker: TaskTracker, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            // A place first: whoever finds none waits in the kernel's queue.
            let place = tokio::select! {
                () = stop.cancelled() => return,
                place = places.clone().acquire_owned() => place,
            };
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    warn!(%error, "a connection could not be taken");
                    breathe(&stop).await;
                    continue;
                }
            };
            let (router, stop) = (router.clone(), stop.clone());
            let tls = self.tls.clone().map(TlsAcceptor::from);
            tracker.spawn(async move {
                speak(stream, from, tls, router, stop).await;
                drop(place);
            });
        }
    }
}

async fn speak(
    stream: TcpStream,
    from: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
) {
    let mark = |tls| Extension(Arrival::Network { from, tls });
    // Small answers must not wait for the next one (Nagle).
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%from, %error, "a connection broke before it was used");
        return;
    }
    let Some(tls) = tls else {
        return connection::serve(stream, router.layer(mark(false)), stop).await;
    };
    match tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await {
        Ok(Ok(stream)) => connection::serve(stream, router.layer(mark(true)), stop).await,
        Ok(Err(error)) => debug!(%from, %error, "a TLS handshake failed"),
        Err(_) => debug!(%from, "a TLS handshake took too long"),
    }
}

/// Waits a moment, or until asked to stop.
pub(super) async fn breathe(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(BREATH) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_served_in_the_open_beyond_this_machine() {
        let refused = Listening::open("0.0.0.0:0".parse().unwrap(), None).await;
        assert!(matches!(refused, Err(ListenError::Open { .. })));
        let here = Listening::open("127.0.0.1:0".parse().unwrap(), None).await;
        assert_ne!(here.unwrap().address().unwrap().port(), 0);
    }
}
