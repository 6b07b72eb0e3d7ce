//! The agent's end of a connection, without sockets and clocks.
//!
//! The driver feeds it: [`AgentSession::handle_frame`] with what came in, [`AgentSession::report`]
//! with what the spool holds, [`AgentSession::handle_timeout`] when time is up. Then it drains it, in
//! this order: [`AgentSession::poll_transmit`] until nothing is left to send,
//! [`AgentSession::poll_event`] until nothing is left to act on, [`AgentSession::poll_timeout`] for
//! how long to wait. It must not know the spool, QUIC or TCP: the same machine runs over both.
//!
//! Long because one state machine stays in one room: its inputs and outputs are read together.

use std::collections::VecDeque;

use super::codec::{self, Bound, DecodeError, EncodeError};
use super::frame::{Frame, FrameError};
use super::v1::control::{Ack, Busy, Goodbye, Hello, Unsupported, Welcome};
use super::v1::desired::{Desired, DesiredError, InForce};
use super::v1::join::{Renew, Renewed};
use super::v1::report::Report;
use super::version::MessageType;
use crate::clock::Tick;
use crate::limits::REPORTS_IN_FLIGHT_MAX;
use crate::model::observation::Lane;

/// The coordinator answers a hello within this, or it is not there.
pub const WELCOME_MS_MAX: u64 = 10_000;

/// A report is acknowledged within this, or the connection is a hole that swallows everything.
pub const ACK_MS_MAX: u64 = 60_000;

/// Longest pause a coordinator can ask for: it must not be able to silence a branch.
pub const BUSY_MS_MAX: u64 = 10 * 60_000;

/// Which stream bytes belong on. Over TCP there is only one, and the frames tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Both ways: greetings, acks, certificates.
    Control,
    /// Agent to coordinator: the reports of one lane.
    Lane(Lane),
}

/// Bytes to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Where.
    pub stream: Stream,
    /// A whole frame.
    pub bytes: Vec<u8>,
}

/// What the driver should act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentEvent {
    /// The coordinator knows us: only now is the agent connected.
    Welcomed {
        /// Its clock, milliseconds since 1970, when it answered.
        clock_ms: i64,
        /// Between our hello and its answer.
        round_trip_ms: u64,
        /// Come back within this after a loss.
        return_within_ms: u32,
    },
    /// Everything of the lane up to here is safe and may leave the spool.
    Stored {
        /// Which lane.
        lane: Lane,
        /// Up to here.
        through: u64,
        /// Of these, what the coordinator could not judge.
        refused: Vec<u64>,
    },
    /// Tell all state again.
    RestateWanted,
    /// This is wanted from now on; answer with [`AgentSession::in_force`] once it is kept.
    Desired(Desired),
    /// The certificate asked for; empty when it was refused.
    Renewed(Vec<Vec<u8>>),
    /// The connection is over.
    Over(Ending),
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The coordinator said so.
    Goodbye {
        /// Its reason, as on the wire.
        reason: u8,
        /// Come back within this.
        return_within_ms: u32,
    },
    /// No answer to our hello.
    NoWelcome,
    /// No ack for a report.
    NoAck,
    /// It speaks no protocol of ours.
    NoCommonProtocol,
}

/// What the coordinator sent and this end cannot take. The connection is closed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The bytes are no frame.
    #[error("the stream is broken")]
    Frame(#[from] FrameError),
    /// The frame is no message.
    #[error("a message is broken")]
    Decode(#[from] DecodeError),
    /// A message that has no place here.
    #[error("a {message:?} came where none is expected")]
    OutOfPlace {
        /// Which.
        message: MessageType,
    },
    /// A lane number without a meaning.
    #[error("lane {number} does not exist")]
    NoSuchLane {
        /// Which.
        number: u8,
    },
    /// A list of intentions beyond its bounds.
    #[error("more is wanted than an agent takes")]
    Desired(#[from] DesiredError),
    /// An ack for what was never sent.
    #[error("sequence {through} was acknowledged and never sent")]
    AckAhead {
        /// Which.
        through: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Greeting { since: Tick },
    Live,
    Over,
}

#[derive(Debug, Default)]
struct LaneState {
    sent: u64,
    stored: u64,
    credit: u16,
    in_flight: VecDeque<(u64, Tick)>,
}

/// See the module.
#[derive(Debug)]
pub struct AgentSession {
    phase: Phase,
    epoch: u64,
    lanes: [LaneState; 3],
    quiet_until: Tick,
    transmits: VecDeque<Transmit>,
    events: VecDeque<AgentEvent>,
}

impl AgentSession {
    /// Begins with the hello.
    pub fn new(hello: &Hello, now: Tick) -> Result<Self, SendError> {
        let mut session = Self {
            phase: Phase::Greeting { since: now },
            epoch: hello.epoch,
            lanes: Default::default(),
            quiet_until: Tick(0),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        };
        session.send(Stream::Control, MessageType::Hello, hello)?;
        Ok(session)
    }

    /// A frame came on the control stream.
    pub fn handle_frame(&mut self, frame: &Frame, now: Tick) -> Result<(), SessionError> {
        let Some(message) = MessageType::from_number(frame.message_type) else {
            // A newer coordinator's message: it is told, and the connection goes on.
            let (message_type, message_version) = (frame.message_type, frame.message_version);
            let unknown = Unsupported {
                message_type,
                message_version,
            };
            // Five bytes always fit a frame.
            return match self.send(Stream::Control, MessageType::Unsupported, &unknown) {
                Ok(()) | Err(_) => Ok(()),
            };
        };
        let known = Bound::Known;
        match (message, self.phase) {
            (MessageType::Welcome, Phase::Greeting { since }) => {
                self.welcomed(&codec::from_frame(frame, known)?, now.since(since));
                Ok(())
            }
            (MessageType::Ack, Phase::Live) => self.acknowledged(codec::from_frame(frame, known)?),
            (MessageType::Busy, _) => {
                let busy: Busy = codec::from_frame(frame, known)?;
                self.quiet_until = now.after(u64::from(busy.retry_after_ms).min(BUSY_MS_MAX));
                Ok(())
            }
            (MessageType::Goodbye, _) => {
                let goodbye: Goodbye = codec::from_frame(frame, known)?;
                let Goodbye {
                    reason,
                    return_within_ms,
                } = goodbye;
                self.over(Ending::Goodbye {
                    reason,
                    return_within_ms,
                });
                Ok(())
            }
            (MessageType::Restate, Phase::Live) => {
                self.events.push_back(AgentEvent::RestateWanted);
                Ok(())
            }
            (MessageType::Desired, Phase::Live) => {
                let desired: Desired = codec::from_frame(frame, known)?;
                desired.check()?;
                self.events.push_back(AgentEvent::Desired(desired));
                Ok(())
            }
            (MessageType::Renewed, Phase::Live) => {
                let renewed: Renewed = codec::from_frame(frame, known)?;
                self.events.push_back(AgentEvent::Renewed(renewed.chain));
                Ok(())
            }
            (MessageType::Unsupported, _) | (_, Phase::Over) => Ok(()),
            (message, _) => Err(SessionError::OutOfPlace { message }),
        }
    }

    /// After which sequence of the lane a report is wanted; `None` while none may be sent.
    pub fn wants(&self, lane: Lane, now: Tick) -> Option<u64> {
        let state = &self.lanes[index(lane)];
        let room = state.in_flight.len() < usize::from(state.credit);
        (self.phase == Phase::Live && now >= self.quiet_until && room).then_some(state.sent)
    }

    /// Sends observations of one lane; they follow those sent before.
    pub fn report(&mut self, report: &Report, lane: Lane, now: Tick) -> Result<(), SendError> {
        debug_assert_eq!(report.epoch, self.epoch);
        let Some(last) = report.observations.last().map(|entry| entry.sequence) else {
            return Ok(());
        };
        self.send(Stream::Lane(lane), MessageType::Report, report)?;
        let state = &mut self.lanes[index(lane)];
        state.sent = state.sent.max(last);
        state.in_flight.push_back((last, now));
        Ok(())
    }

    /// Asks for a new certificate.
    pub fn renew(&mut self, request: Vec<u8>) -> Result<(), SendError> {
        self.send(Stream::Control, MessageType::Renew, &Renew { request })
    }

    /// Says by which list of intentions the agent goes: after the welcome, and after each change. A
    /// coordinator that does not know the message says so, and nothing else comes of it.
    pub fn in_force(&mut self, version: u64, not_understood: usize) -> Result<(), SendError> {
        let not_understood = u32::try_from(not_understood).unwrap_or(u32::MAX);
        let in_force = InForce {
            version,
            not_understood,
        };
        self.send(Stream::Control, MessageType::InForce, &in_force)
    }

    /// The next bytes to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next thing to act on.
    pub fn poll_event(&mut self) -> Option<AgentEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] should be called, if nothing comes before.
    pub fn poll_timeout(&self) -> Option<Tick> {
        match self.phase {
            Phase::Greeting { since } => Some(since.after(WELCOME_MS_MAX)),
            Phase::Live => {
                let ack = self.oldest_unacked().map(|sent| sent.after(ACK_MS_MAX));
                let quiet = (self.quiet_until > Tick(0)).then_some(self.quiet_until);
                ack.into_iter().chain(quiet).min()
            }
            Phase::Over => None,
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Tick) {
        if now >= self.quiet_until {
            self.quiet_until = Tick(0);
        }
        match self.phase {
            Phase::Greeting { since } if now.since(since) >= WELCOME_MS_MAX => {
                self.over(Ending::NoWelcome);
            }
            Phase::Live
                if self
                    .oldest_unacked()
                    .is_some_and(|at| now.since(at) >= ACK_MS_MAX) =>
            {
                self.over(Ending::NoAck);
            }
            _ => {}
        }
    }

    fn welcomed(&mut self, welcome: &Welcome, round_trip_ms: u64) {
        if super::version::agree(welcome.protocol, welcome.protocol).is_none() {
            self.over(Ending::NoCommonProtocol);
            return;
        }
        self.phase = Phase::Live;
        self.events.push_back(AgentEvent::Welcomed {
            clock_ms: welcome.clock_ms,
            round_trip_ms,
            return_within_ms: welcome.return_within_ms,
        });
        for lane in Lane::BY_URGENCY {
            let through = welcome.stored[index(lane)];
            let credit = welcome.credit.clamp(1, REPORTS_IN_FLIGHT_MAX);
            self.lanes[index(lane)] = LaneState {
                sent: through,
                stored: through,
                credit,
                in_flight: VecDeque::new(),
            };
            if through > 0 {
                self.events.push_back(AgentEvent::Stored {
                    lane,
                    through,
                    refused: Vec::new(),
                });
            }
        }
    }

    fn acknowledged(&mut self, ack: Ack) -> Result<(), SessionError> {
        let lane =
            Lane::from_number(ack.lane).ok_or(SessionError::NoSuchLane { number: ack.lane })?;
        let state = &mut self.lanes[index(lane)];
        if ack.through > state.sent {
            return Err(SessionError::AckAhead {
                through: ack.through,
            });
        }
        state.credit = ack.credit.clamp(1, REPORTS_IN_FLIGHT_MAX);
        state.stored = state.stored.max(ack.through);
        while state
            .in_flight
            .front()
            .is_some_and(|(last, _)| *last <= ack.through)
        {
            state.in_flight.pop_front();
        }
        let Ack {
            through, refused, ..
        } = ack;
        self.events.push_back(AgentEvent::Stored {
            lane,
            through,
            refused,
        });
        Ok(())
    }

    fn oldest_unacked(&self) -> Option<Tick> {
        self.lanes
            .iter()
            .filter_map(|lane| lane.in_flight.front().map(|(_, sent)| *sent))
            .min()
    }

    fn over(&mut self, ending: Ending) {
        if self.phase != Phase::Over {
            self.phase = Phase::Over;
            self.events.push_back(AgentEvent::Over(ending));
        }
    }

    fn send<M: serde::Serialize>(
        &mut self,
        stream: Stream,
        message_type: MessageType,
        message: &M,
    ) -> Result<(), SendError> {
        let bytes = codec::to_frame(message_type.number(), 1, message)?.to_bytes()?;
        self.transmits.push_back(Transmit { stream, bytes });
        Ok(())
    }
}

/// Why a message cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It cannot be coded.
    #[error("the message cannot be coded")]
    Encode(#[from] EncodeError),
    /// It does not fit a frame.
    #[error("the message cannot be framed")]
    Frame(#[from] FrameError),
}

fn index(lane: Lane) -> usize {
    usize::from(lane.number())
}
