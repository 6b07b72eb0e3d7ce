//! One connection: how much of it is read, how long, and how it ends.

use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// A client has this long for a request's head, and a connection without a request stays this long.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Bytes of a request's head: a cookie, an address and what browsers say of themselves.
const HEAD_BYTES_MAX: u32 = 32 * 1024;

/// Requests of one HTTP/2 connection at a time: a page and its parts.
const STREAMS_MAX: u32 = 64;

/// How often an HTTP/2 connection is asked whether anybody is there, and how long it may take.
const ALIVE_EVERY: Duration = Duration::from_secs(30);

/// Serves one connection until its client has enough, or until asked to stop: then what was begun is
/// answered, and nothing more is taken.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    stop: CancellationToken,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(usize::try_from(HEAD_BYTES_MAX).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_BYTES_MAX)
        .max_concurrent_streams(STREAMS_MAX)
        .keep_alive_interval(ALIVE_EVERY)
        .keep_alive_timeout(ALIVE_EVERY);
    let service = TowerToHyperService::new(router);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection of the web ended");
    }
}
