//! A link over QUIC: one stream both ways for control, one of our own for each lane.
//!
//! Streams have priorities, so that a backlog never delays what is urgent: control, urgent, state,
//! routine. Each is served by a small task that only moves bytes. What the bytes mean is not known
//! here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::limits::FRAME_PAYLOAD_BYTES_MAX;
use keepwatch_common::model::address::Address;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::wire::agent_session::Stream;
use keepwatch_common::wire::frame::FrameReader;
use quinn::{Connection, ConnectionError, Endpoint, ReadError, RecvStream, SendStream, VarInt};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

use super::endpoint::{self, DialError, Refusal};
use super::link::{Incoming, Link, LinkEnd, Transport, link, stream_number};

/// Time for a handshake and the streams, in milliseconds: several lost packets on a slow line. A
/// network that swallows UDP answers nothing at all.
pub(super) const DIAL_MS_MAX: u64 = 10_000;

/// Bytes taken off the control stream at once.
const CHUNK_BYTES_MAX: usize = 16 * 1024;

/// We close a connection with this code, which says nothing: the coordinator need not care.
const CLOSE_CODE: VarInt = VarInt::from_u32(0);

/// Why no link was opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum QuicError {
    #[error("connecting could not begin")]
    Dial(#[from] DialError),
    #[error("{0}")]
    Refused(Refusal),
    #[error("no connection was had")]
    Connection(#[source] ConnectionError),
    #[error("no answer within {DIAL_MS_MAX} ms; is UDP blocked on the way?")]
    Silent,
}

impl From<ConnectionError> for QuicError {
    fn from(error: ConnectionError) -> Self {
        match Refusal::of(&error) {
            Some(refusal) => Self::Refused(refusal),
            None => Self::Connection(error),
        }
    }
}

/// Connects to one address of a coordinator. Whether we are let in is told by its first frame only.
pub(super) async fn open(
    endpoint: &Endpoint,
    remote: SocketAddr,
    coordinator: Address,
    tls: Arc<rustls::ClientConfig>,
    tasks: &TaskTracker,
) -> Result<Link, QuicError> {
    let limit = Duration::from_millis(DIAL_MS_MAX);
    let connecting = endpoint::dial(endpoint, remote, tls)?;
    let opened = timeout(limit, async {
        let connection = connecting.await?;
        let streams = Streams::open(&connection).await?;
        Ok::<_, ConnectionError>((connection, streams))
    });
    let (connection, streams) = opened.await.map_err(|_| QuicError::Silent)??;
    let (ours, wire) = link(coordinator, Transport::Quic);
    for (stream, frames) in streams.out.into_iter().zip(wire.out) {
        let room = Arc::clone(&wire.room);
        tasks.spawn(write(stream, frames, room));
    }
    tasks.spawn(read(
        streams.control,
        connection,
        wire.incoming,
        wire.closing,
    ));
    Ok(ours)
}

struct Streams {
    out: Vec<SendStream>,
    control: RecvStream,
}

impl Streams {
    async fn open(connection: &Connection) -> Result<Self, ConnectionError> {
        let (control_out, control) = connection.open_bi().await?;
        let mut out = vec![(stream_number(Stream::Control), 3, control_out)];
        for (lane, priority) in Lane::BY_URGENCY.into_iter().zip([2, 1, 0]) {
            let stream = connection.open_uni().await?;
            out.push((stream_number(Stream::Lane(lane)), priority, stream));
        }
        out.sort_by_key(|(number, ..)| *number);
        let out = out.into_iter().map(|(_, priority, stream)| {
            // Fails only on a connection that is gone, which its reader tells.
            let (Ok(()) | Err(_)) = stream.set_priority(priority);
            stream
        });
        Ok(Self {
            out: out.collect(),
            control,
        })
    }
}

/// Writes what is handed over. An error means that the connection is gone, which its reader tells.
async fn write(mut stream: SendStream, mut frames: mpsc::Receiver<Vec<u8>>, room: Arc<Notify>) {
    while let Some(bytes) = frames.recv().await {
        if let Err(error) = stream.write_all(&bytes).await {
            debug!(%error, "a stream cannot be written any more");
            return;
        }
        room.notify_one();
    }
}

/// Reads the control stream until the connection ends or our own end of the link is dropped.
async fn read(
    stream: RecvStream,
    connection: Connection,
    incoming: mpsc::Sender<Incoming>,
    closing: CancellationToken,
) {
    tokio::select! {
        () = closing.cancelled() => {}
        end = frames(stream, &incoming) => {
            // Nobody listens when our own end is gone already.
            let (Ok(()) | Err(_)) = incoming.send(Incoming::Ended(end)).await;
        }
    }
    connection.close(CLOSE_CODE, b"");
}

async fn frames(mut stream: RecvStream, incoming: &mpsc::Sender<Incoming>) -> LinkEnd {
    let mut reader = FrameReader::new(FRAME_PAYLOAD_BYTES_MAX);
    loop {
        match stream.read_chunk(CHUNK_BYTES_MAX, true).await {
            Ok(Some(chunk)) => reader.add(&chunk.bytes),
            Ok(None) => return LinkEnd::Finished,
            Err(error) => return ended(error),
        }
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => {
                    if incoming.send(Incoming::Frame(frame)).await.is_err() {
                        return LinkEnd::Finished;
                    }
                }
                Ok(None) => break,
                Err(error) => return LinkEnd::Frame(error),
            }
        }
    }
}

fn ended(error: ReadError) -> LinkEnd {
    match error {
        ReadError::ConnectionLost(error) => match Refusal::of(&error) {
            Some(refusal) => LinkEnd::Refused(refusal),
            None => LinkEnd::Lost(error.into()),
        },
        ReadError::Reset(_) => LinkEnd::Finished,
        error => LinkEnd::Lost(error.into()),
    }
}
