//! One agent's connection: frames in, submissions to the writer, acks out.
//!
//! It drives the sans-I/O session over QUIC streams and decides nothing itself. Every queue has a
//! limit, so an agent that sends too fast waits in its own streams, and one that does not read its
//! acks only harms itself.

use std::sync::Arc;

use keepwatch_common::error_chain::chain;
use keepwatch_common::limits::{FRAME_PAYLOAD_BYTES_MAX, REPORTS_IN_FLIGHT_MAX};
use keepwatch_common::wire::coordinator_session::{
    CoordinatorEvent, CoordinatorSession, Misbehaviour, Reason,
};
use keepwatch_common::wire::frame::{Frame, FrameError, FrameReader};
use quinn::{Connection, ReadError, RecvStream, SendStream, WriteError};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use super::registry::{Place, changed, ended};
use super::roll::{Greeted, Roll, RollError};
use super::submission::{self, Sender};
use super::writer::{Acked, Delivery};
use crate::authority::peer::PeerIdentity;

/// Frames read from an agent's streams and not yet handled.
const FRAMES_MAX: usize = 4;

/// Acks on their way to one agent: as many as reports may be in flight, on three lanes.
const ACKS_MAX: usize = 3 * REPORTS_IN_FLIGHT_MAX as usize;

/// Bytes read from a stream at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Streams that carry reports: one a lane.
const LANES: usize = 3;

/// Why a connection ended that should not have.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The agent broke the protocol.
    #[error("the agent broke the protocol")]
    Misbehaved(#[from] Misbehaviour),
    /// A stream's bytes are no frames.
    #[error("a stream is broken")]
    Frame(#[from] FrameError),
    /// The connection is lost.
    #[error("the connection is lost")]
    Lost(#[from] quinn::ConnectionError),
    /// A stream cannot be read.
    #[error("a stream cannot be read")]
    Read(#[from] ReadError),
    /// The agent takes nothing.
    #[error("nothing can be sent")]
    Write(#[from] WriteError),
    /// A message cannot be coded.
    #[error("an answer cannot be coded")]
    Send(#[from] keepwatch_common::wire::agent_session::SendError),
    /// The store does not know the agent, or fails.
    #[error("the agent cannot be greeted")]
    Roll(#[from] RollError),
    /// The coordinator stops.
    #[error("the coordinator stops")]
    Stopping,
}

/// Serves one connection until it ends.
pub async fn serve(
    connection: Connection,
    peer: PeerIdentity,
    roll: Arc<Roll>,
    deliveries: mpsc::Sender<Delivery>,
    tracker: TaskTracker,
) {
    let agent = peer.agent;
    let outcome = converse(&connection, peer, &roll, deliveries, &tracker).await;
    match outcome {
        Ok(()) => debug!(%agent, "an agent left"),
        Err(ConnectionError::Lost(lost)) => {
            debug!(%agent, error = %chain(&lost), "an agent is lost");
        }
        Err(error) => warn!(%agent, error = %chain(&error), "an agent's connection was closed"),
    }
    connection.close(0_u32.into(), b"");
}

async fn converse(
    connection: &Connection,
    peer: PeerIdentity,
    roll: &Arc<Roll>,
    deliveries: mpsc::Sender<Delivery>,
    tracker: &TaskTracker,
) -> Result<(), ConnectionError> {
    let (control, control_in) = connection.accept_bi().await?;
    let (frames_in, frames) = mpsc::channel(FRAMES_MAX);
    tracker.spawn(read_stream(control_in, frames_in.clone()));
    let (streams, readers) = (connection.clone(), tracker.clone());
    tracker.spawn(async move {
        for _ in 0..LANES {
            // The connection's end ends this too.
            let Ok(stream) = streams.accept_uni().await else {
                return;
            };
            readers.spawn(read_stream(stream, frames_in.clone()));
        }
    });
    let (acks_in, acks) = mpsc::channel(ACKS_MAX);
    let conversation = Conversation {
        connection,
        control,
        session: CoordinatorSession::new(roll.clock().tick()),
        roll,
        peer,
        deliveries,
        frames,
        acks_in,
        acks,
        greeted: None,
    };
    conversation.run().await
}

/// A frame, or why there are no more of a stream. A queue has room for dozens of these from its first
/// moment on, at thousands of connections, so what is rare and large is put aside.
type Incoming = Result<Frame, Box<ConnectionError>>;

/// Reads one stream's frames until it ends or breaks.
async fn read_stream(mut stream: RecvStream, frames: mpsc::Sender<Incoming>) {
    let mut reader = FrameReader::new(FRAME_PAYLOAD_BYTES_MAX);
    loop {
        let outcome = match stream.read_chunk(CHUNK_BYTES, true).await {
            Ok(Some(chunk)) => {
                reader.add(&chunk.bytes);
                Ok(())
            }
            Ok(None) => match reader.end() {
                Ok(()) => return,
                Err(cut) => Err(ConnectionError::from(cut)),
            },
            Err(error) => Err(error.into()),
        };
        if let Err(error) = outcome {
            // Whoever handled frames may be gone already.
            let (Ok(()) | Err(_)) = frames.send(Err(Box::new(error))).await;
            return;
        }
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => {
                    if frames.send(Ok(frame)).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(broken) => {
                    let (Ok(()) | Err(_)) = frames.send(Err(Box::new(broken.into()))).await;
                    return;
                }
            }
        }
    }
}

struct Conversation<'a> {
    connection: &'a Connection,
    control: SendStream,
    session: CoordinatorSession,
    roll: &'a Arc<Roll>,
    peer: PeerIdentity,
    deliveries: mpsc::Sender<Delivery>,
    frames: mpsc::Receiver<Incoming>,
    acks_in: mpsc::Sender<Acked>,
    acks: mpsc::Receiver<Acked>,
    greeted: Option<(Greeted, Place)>,
}

impl Conversation<'_> {
    async fn run(mut self) -> Result<(), ConnectionError> {
        let outcome = self.converse().await;
        if let Err(error) = &outcome
            && matches!(
                error,
                ConnectionError::Misbehaved(_) | ConnectionError::Frame(_)
            )
        {
            Box::pin(self.say_goodbye(Reason::Misbehaved)).await;
        }
        if let Some((greeted, place)) = self.greeted.take() {
            self.roll.left(&greeted, &place);
        }
        outcome
    }

    async fn converse(&mut self) -> Result<(), ConnectionError> {
        loop {
            while let Some(bytes) = self.session.poll_transmit() {
                self.control.write_all(&bytes).await?;
            }
            while let Some(event) = self.session.poll_event() {
                if matches!(event, CoordinatorEvent::Close) {
                    self.flush().await?;
                    return Ok(());
                }
                self.act(event).await?;
            }
            if let Some(bytes) = self.session.poll_transmit() {
                self.control.write_all(&bytes).await?;
                continue;
            }
            self.wait().await?;
        }
    }

    /// Waits for the next thing to happen and hands it to the session.
    async fn wait(&mut self) -> Result<(), ConnectionError> {
        let deadline = self.session.poll_timeout();
        let tick = self.roll.clock().tick();
        let sleep_ms = deadline.map_or(u64::MAX, |at| at.since(tick));
        let (end, desired) = match &mut self.greeted {
            Some((_, place)) => (Some(&mut place.end), Some(&mut place.desired)),
            None => (None, None),
        };
        let (ended, other) = (ended(end), changed(desired));
        tokio::select! {
            reason = ended => self.session.goodbye(reason, self.roll.return_within_ms())?,
            () = other => self.desire()?,
            acked = self.acks.recv() => {
                if let Some(Acked { lane, through, refused }) = acked {
                    self.session.ack(lane, through, refused)?;
                }
            }
            frame = self.frames.recv() => match frame {
                Some(Ok(frame)) => self.session.handle_frame(&frame)?,
                Some(Err(error)) => return Err(match *error {
                    ConnectionError::Read(ReadError::ConnectionLost(lost)) => lost.into(),
                    error => error,
                }),
                None => return Err(self.connection.closed().await.into()),
            },
            lost = self.connection.closed() => return Err(lost.into()),
            () = tokio::time::sleep(std::time::Duration::from_millis(sleep_ms)), if deadline.is_some() => {
                self.session.handle_timeout(self.roll.clock().tick());
            }
        }
        Ok(())
    }

    async fn act(&mut self, event: CoordinatorEvent) -> Result<(), ConnectionError> {
        match event {
            CoordinatorEvent::Hello(hello) => {
                // Boxed, as renewal below: a connection that only listens, for months, would
                // otherwise keep room for questions to the database that it asks once.
                let greeting = Box::pin(self.roll.greet(&self.peer, &hello));
                let (greeted, place) = greeting.await?;
                info!(
                    agent = %self.peer.agent, branch = %greeted.branch,
                    version = hello.agent_version, ahead_ms = greeted.ahead_ms, "an agent connected"
                );
                let clock_ms = self.roll.clock().now().ms();
                self.session
                    .welcome(clock_ms, greeted.stored, self.roll.return_within_ms())?;
                self.greeted = Some((greeted, place));
            }
            CoordinatorEvent::Report { lane, report } => {
                let received = self.roll.clock().now();
                let sender = self.sender()?;
                self.roll.heard(sender.agent, received, report.clock_ms);
                let submission = submission::read(sender, lane, report, received);
                let delivery = Delivery {
                    submission,
                    acks: self.acks_in.clone(),
                };
                self.deliveries
                    .send(delivery)
                    .await
                    .map_err(|_| ConnectionError::Stopping)?;
            }
            CoordinatorEvent::InForce(in_force) => {
                debug!(agent = %self.peer.agent, ?in_force, "what the agent goes by");
                self.desire()?;
            }
            CoordinatorEvent::Renew(request) => {
                let chain = Box::pin(self.roll.renew(&self.peer, &request)).await;
                self.session.renewed(chain)?;
            }
            CoordinatorEvent::Close => {}
        }
        Ok(())
    }

    /// Tells the agent what is wanted of it, when it goes by something else.
    fn desire(&mut self) -> Result<(), ConnectionError> {
        if let Some((_, place)) = &mut self.greeted {
            let desired = Arc::clone(&place.desired.borrow_and_update());
            self.session.desire(&desired)?;
        }
        Ok(())
    }

    fn sender(&self) -> Result<Sender, ConnectionError> {
        let (greeted, _) = self.greeted.as_ref().ok_or(ConnectionError::Stopping)?;
        Ok(Sender {
            agent: self.peer.agent,
            branch_id: greeted.branch_id,
        })
    }

    async fn say_goodbye(&mut self, reason: Reason) {
        let told = self.session.goodbye(reason, self.roll.return_within_ms());
        if told.is_ok() {
            // It may not be there to hear it.
            let (Ok(()) | Err(_)) = self.flush().await;
        }
    }

    async fn flush(&mut self) -> Result<(), ConnectionError> {
        while let Some(bytes) = self.session.poll_transmit() {
            self.control.write_all(&bytes).await?;
        }
        // An agent that reads gets the last word before the connection closes.
        let (Ok(()) | Err(_)) = self.control.finish();
        let read = self.control.stopped();
        let patience = std::time::Duration::from_millis(500);
        let (Ok(_) | Err(_)) = tokio::time::timeout(patience, read).await;
        Ok(())
    }
}
