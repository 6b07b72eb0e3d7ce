//! The coordinator's end of a connection, without sockets and clocks.
//!
//! The driver feeds frames as they come on any stream and its own decisions (`welcome`, `ack`,
//! `goodbye`), and drains `poll_transmit`, `poll_event`, `poll_timeout` in this order. It must not know
//! the store, nor whether an observation can be judged: a report is passed on as it came.

use std::collections::VecDeque;

use super::agent_session::{SendError, SessionError};
use super::codec::{self, Bound};
use super::frame::Frame;
use super::v1::control::{Ack, Busy, Goodbye, Hello, Restate, Unsupported, Welcome};
use super::v1::desired::{Desired, InForce};
use super::v1::join::{Renew, Renewed};
use super::v1::report::Report;
use super::version::{MessageType, agree};
use crate::clock::Tick;
use crate::limits::{OBSERVATIONS_PER_REPORT_MAX, REPORTS_IN_FLIGHT_MAX};
use crate::model::observation::Lane;

/// An agent says hello within this, or the connection is closed.
pub const HELLO_MS_MAX: u64 = 10_000;

/// What the driver should act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CoordinatorEvent {
    /// An agent said hello in a protocol we share; answer with [`CoordinatorSession::welcome`].
    Hello(Hello),
    /// Observations came; answer with [`CoordinatorSession::ack`] once they are stored.
    Report {
        /// Their lane.
        lane: Lane,
        /// The report.
        report: Report,
    },
    /// The agent goes by this list of intentions; answer with [`CoordinatorSession::desire`].
    InForce(InForce),
    /// The agent asks for a new certificate; answer with [`CoordinatorSession::renewed`].
    Renew(Vec<u8>),
    /// The connection should be closed, once what is to be sent has been sent.
    Close,
}

/// What an agent did that no agent of ours does. The connection is closed.
#[derive(Debug, thiserror::Error)]
pub enum Misbehaviour {
    /// Broken bytes or messages.
    #[error("the agent's bytes cannot be understood")]
    Session(#[from] SessionError),
    /// More reports than it was given credit for.
    #[error("the agent sent more than {REPORTS_IN_FLIGHT_MAX} unacknowledged reports of one lane")]
    BeyondCredit,
    /// More observations than a report may have, or out of order.
    #[error("a report's sequences do not ascend, or are more than {OBSERVATIONS_PER_REPORT_MAX}")]
    BadSequences,
    /// Another epoch than the hello named.
    #[error("a report is of another epoch than the hello")]
    OtherEpoch,
}

/// Why a coordinator ends a connection. The numbers are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It restarts.
    Restarting,
    /// The agent is revoked.
    Revoked,
    /// No protocol in common.
    ProtocolTooOld,
    /// A newer connection of the same agent took over.
    Replaced,
    /// The agent broke the protocol.
    Misbehaved,
}

impl Reason {
    fn number(self) -> u8 {
        match self {
            Self::Restarting => 0,
            Self::Revoked => 1,
            Self::ProtocolTooOld => 2,
            Self::Replaced => 3,
            Self::Misbehaved => 4,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting { since: Tick },
    Greeted { epoch: u64 },
    Live { epoch: u64 },
    Over,
}

/// See the module.
#[derive(Debug)]
pub struct CoordinatorSession {
    phase: Phase,
    unacked: [u16; 3],
    /// By which list of intentions the agent goes, once it said so or one was sent.
    in_force: Option<u64>,
    transmits: VecDeque<Vec<u8>>,
    events: VecDeque<CoordinatorEvent>,
}

impl CoordinatorSession {
    /// Waits for the hello.
    pub fn new(now: Tick) -> Self {
        Self {
            phase: Phase::Waiting { since: now },
            unacked: [0; 3],
            in_force: None,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// A frame came, on whichever stream.
    pub fn handle_frame(&mut self, frame: &Frame) -> Result<(), Misbehaviour> {
        let Some(message) = MessageType::from_number(frame.message_type) else {
            let (message_type, message_version) = (frame.message_type, frame.message_version);
            let unknown = Unsupported {
                message_type,
                message_version,
            };
            // Five bytes always fit a frame.
            return match self.send(MessageType::Unsupported, &unknown) {
                Ok(()) | Err(_) => Ok(()),
            };
        };
        match (message, self.phase) {
            (MessageType::Hello, Phase::Waiting { .. }) => {
                let hello = codec::from_frame(frame, Bound::Known).map_err(SessionError::from)?;
                self.greeted(hello);
                Ok(())
            }
            (MessageType::Report, Phase::Live { epoch }) => {
                let report = codec::from_frame(frame, Bound::Known).map_err(SessionError::from)?;
                self.reported(report, epoch)
            }
            (MessageType::Renew, Phase::Live { .. }) => {
                let renew: Renew =
                    codec::from_frame(frame, Bound::Known).map_err(SessionError::from)?;
                self.events
                    .push_back(CoordinatorEvent::Renew(renew.request));
                Ok(())
            }
            (MessageType::InForce, Phase::Live { .. }) => {
                let in_force: InForce =
                    codec::from_frame(frame, Bound::Known).map_err(SessionError::from)?;
                // Its answer to a list says nothing new, even where it could not keep it: what is sent
                // once a connection is not sent for ever.
                self.in_force.get_or_insert(in_force.version);
                self.events.push_back(CoordinatorEvent::InForce(in_force));
                Ok(())
            }
            (MessageType::Unsupported, _) | (_, Phase::Over) => Ok(()),
            (message, _) => Err(SessionError::OutOfPlace { message }.into()),
        }
    }

    /// The agent is known: it may report. `stored` says per lane number what of its epoch is here.
    pub fn welcome(
        &mut self,
        clock_ms: i64,
        stored: [u64; 3],
        return_within_ms: u32,
    ) -> Result<(), SendError> {
        if let Phase::Greeted { epoch } = self.phase {
            self.phase = Phase::Live { epoch };
        }
        self.send(
            MessageType::Welcome,
            &Welcome {
                protocol: super::version::PROTOCOL,
                capabilities: 0,
                clock_ms,
                stored,
                credit: REPORTS_IN_FLIGHT_MAX,
                return_within_ms,
            },
        )
    }

    /// One report of the lane is stored and judged, up to this sequence.
    pub fn ack(&mut self, lane: Lane, through: u64, refused: Vec<u64>) -> Result<(), SendError> {
        let unacked = &mut self.unacked[usize::from(lane.number())];
        *unacked = unacked.saturating_sub(1);
        let credit = REPORTS_IN_FLIGHT_MAX;
        self.send(
            MessageType::Ack,
            &Ack {
                lane: lane.number(),
                through,
                refused,
                credit,
            },
        )
    }

    /// Too much at once.
    pub fn busy(&mut self, retry_after_ms: u32) -> Result<(), SendError> {
        self.send(MessageType::Busy, &Busy { retry_after_ms })
    }

    /// Asks for all state again.
    pub fn restate(&mut self) -> Result<(), SendError> {
        self.send(MessageType::Restate, &Restate {})
    }

    /// This is wanted of the agent from now on. It is sent when the agent goes by something else; one
    /// that never said by what it goes knows no intentions.
    pub fn desire(&mut self, wanted: &Desired) -> Result<(), SendError> {
        let is_live = matches!(self.phase, Phase::Live { .. });
        if !is_live || self.in_force.is_none_or(|known| known == wanted.version) {
            return Ok(());
        }
        self.in_force = Some(wanted.version);
        self.send(MessageType::Desired, wanted)
    }

    /// Gives a certificate; an empty chain refuses it.
    pub fn renewed(&mut self, chain: Vec<Vec<u8>>) -> Result<(), SendError> {
        self.send(MessageType::Renewed, &Renewed { chain })
    }

    /// Ends the connection.
    pub fn goodbye(&mut self, reason: Reason, return_within_ms: u32) -> Result<(), SendError> {
        self.phase = Phase::Over;
        self.events.push_back(CoordinatorEvent::Close);
        self.send(
            MessageType::Goodbye,
            &Goodbye {
                reason: reason.number(),
                return_within_ms,
            },
        )
    }

    /// The next frame to send on the control stream.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmits.pop_front()
    }

    /// The next thing to act on.
    pub fn poll_event(&mut self) -> Option<CoordinatorEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] should be called, if nothing comes before.
    pub fn poll_timeout(&self) -> Option<Tick> {
        match self.phase {
            Phase::Waiting { since } => Some(since.after(HELLO_MS_MAX)),
            _ => None,
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Tick) {
        if let Phase::Waiting { since } = self.phase
            && now.since(since) >= HELLO_MS_MAX
        {
            self.phase = Phase::Over;
            self.events.push_back(CoordinatorEvent::Close);
        }
    }

    fn greeted(&mut self, hello: Hello) {
        if agree(hello.protocol_min, hello.protocol_max).is_none() {
            // A byte and a number always fit a frame; either way the session is over.
            match self.goodbye(Reason::ProtocolTooOld, 0) {
                Ok(()) | Err(_) => return,
            }
        }
        self.phase = Phase::Greeted { epoch: hello.epoch };
        self.events.push_back(CoordinatorEvent::Hello(hello));
    }

    fn reported(&mut self, report: Report, epoch: u64) -> Result<(), Misbehaviour> {
        let number = report.lane;
        let lane = Lane::from_number(number).ok_or(SessionError::NoSuchLane { number })?;
        if report.epoch != epoch {
            return Err(Misbehaviour::OtherEpoch);
        }
        let entries = &report.observations;
        let ascending = entries
            .windows(2)
            .all(|pair| pair[0].sequence < pair[1].sequence);
        let sane = entries.first().is_some_and(|first| first.sequence > 0);
        if !ascending || !sane || entries.len() > OBSERVATIONS_PER_REPORT_MAX {
            return Err(Misbehaviour::BadSequences);
        }
        let unacked = &mut self.unacked[usize::from(number)];
        if *unacked >= REPORTS_IN_FLIGHT_MAX {
            return Err(Misbehaviour::BeyondCredit);
        }
        *unacked += 1;
        self.events
            .push_back(CoordinatorEvent::Report { lane, report });
        Ok(())
    }

    fn send<M: serde::Serialize>(
        &mut self,
        message_type: MessageType,
        message: &M,
    ) -> Result<(), SendError> {
        let bytes = codec::to_frame(message_type.number(), 1, message)?.to_bytes()?;
        self.transmits.push_back(bytes);
        Ok(())
    }
}
