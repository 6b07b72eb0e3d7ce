//! A connection to a coordinator, whatever it runs over: frames in, bytes out, one end.
//!
//! A *contract*: each transport is a room of its own that opens a [`Link`] and feeds it; QUIC is one,
//! TLS over TCP is to stand beside it and is told apart only by [`Transport`]. What is said on a link
//! is not known here.

use std::sync::Arc;

use keepwatch_common::model::address::Address;
use keepwatch_common::wire::agent_session::Stream;
use keepwatch_common::wire::frame::{Frame, FrameError};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::endpoint::Refusal;

/// Frames received and not yet looked at; the transport's window holds back what comes beyond.
pub(super) const FRAMES_IN_MAX: usize = 16;

/// Control frames waiting to be written: a hello, a renewal, and a few answers to what we do not
/// know. A coordinator that provokes more than it reads is left.
const CONTROL_OUT_MAX: usize = 32;

/// Reports of one lane waiting to be written. What waits here can no longer be overtaken, so it is
/// few; what waits in the spool can.
const REPORTS_OUT_MAX: usize = 2;

/// Streams of a link: control and one a lane.
pub(super) const STREAMS: usize = 4;

/// What a link runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// QUIC over UDP.
    Quic,
}

impl Transport {
    /// The word in JSON and for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quic => "quic",
        }
    }
}

/// What a link brings.
#[derive(Debug)]
pub(super) enum Incoming {
    Frame(Frame),
    Ended(LinkEnd),
}

/// Why a link is no more.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkEnd {
    #[error("{0}")]
    Refused(Refusal),
    #[error("the connection was lost")]
    Lost(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the coordinator ended the control stream")]
    Finished,
    #[error("what came is not our protocol")]
    Frame(#[source] FrameError),
    #[error("the coordinator does not read what it asked for")]
    Choked,
}

/// Our end of a link. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) coordinator: Address,
    pub(super) transport: Transport,
    out: [mpsc::Sender<Vec<u8>>; STREAMS],
    incoming: mpsc::Receiver<Incoming>,
    room: Arc<Notify>,
    _open: DropGuard,
}

/// A transport's end of a link.
#[derive(Debug)]
pub(super) struct Wire {
    /// What to write, in the order of [`stream_number`].
    pub(super) out: [mpsc::Receiver<Vec<u8>>; STREAMS],
    /// Where to put what came.
    pub(super) incoming: mpsc::Sender<Incoming>,
    /// To be told whenever something was written.
    pub(super) room: Arc<Notify>,
    /// Cancelled when the connection is to be closed.
    pub(super) closing: CancellationToken,
}

/// Both ends of a new link.
pub(super) fn link(coordinator: Address, transport: Transport) -> (Link, Wire) {
    let (control, control_out) = mpsc::channel(CONTROL_OUT_MAX);
    let [(a, a_out), (b, b_out), (c, c_out)] = [(); 3].map(|()| mpsc::channel(REPORTS_OUT_MAX));
    let (incoming_in, incoming) = mpsc::channel(FRAMES_IN_MAX);
    let (room, closing) = (Arc::new(Notify::new()), CancellationToken::new());
    let ours = Link {
        coordinator,
        transport,
        out: [control, a, b, c],
        incoming,
        room: Arc::clone(&room),
        _open: closing.clone().drop_guard(),
    };
    let theirs = Wire {
        out: [control_out, a_out, b_out, c_out],
        incoming: incoming_in,
        room,
        closing,
    };
    (ours, theirs)
}

/// The place of a stream: control, then the lanes by their number.
pub(super) fn stream_number(stream: Stream) -> usize {
    match stream {
        Stream::Control => 0,
        Stream::Lane(lane) => 1 + usize::from(lane.number()),
    }
}

impl Link {
    /// Whether more can be sent on a stream now.
    pub(super) fn has_room(&self, stream: Stream) -> bool {
        self.out[stream_number(stream)].capacity() > 0
    }

    /// Hands bytes to the transport, which must have room.
    pub(super) fn send(&self, stream: Stream, bytes: Vec<u8>) -> Result<(), LinkEnd> {
        match self.out[stream_number(stream)].try_send(bytes) {
            // The end of a closed link is on its way in.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(LinkEnd::Choked),
        }
    }

    /// The next frame, the end, or `None` when there is room again to send.
    pub(super) async fn next(&mut self) -> Option<Incoming> {
        tokio::select! {
            incoming = self.incoming.recv() => Some(incoming.unwrap_or(Incoming::Ended(LinkEnd::Finished))),
            () = self.room.notified() => None,
        }
    }
}
