//! One connection as it is spoken on: the session, fed from the link and from the spool.
//!
//! Acks go into the spool before anything is read out of it, as the spool asks. It must not know how
//! the link was made nor what follows it.

use std::sync::Arc;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::wire::agent_session::{
    AgentEvent, AgentSession, Ending, SendError, SessionError, Stream,
};
use keepwatch_common::wire::v1::control::Hello;
use keepwatch_common::wire::v1::desired::Desired;
use keepwatch_common::wire::v1::report::Report;
use tracing::warn;

use super::coded;
use super::keeper::{Delivered, Keeper};
use super::link::{Incoming, Link, LinkEnd};
use super::offset::CoordinatorTime;
use crate::spool::{DatabaseError, Record};

/// Why a call is over.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallEnd {
    /// The link is gone; its own words say why.
    #[error(transparent)]
    Link(#[from] LinkEnd),
    #[error("the coordinator broke the protocol")]
    Session(#[from] SessionError),
    #[error("{}", ending_words(.0))]
    Over(Ending),
    #[error("what is to be told does not fit the protocol")]
    Send(#[from] SendError),
    #[error("the spool was restored from an older copy and begins a new epoch")]
    AnotherLife,
    #[error("a renewed certificate is to be tried")]
    Renewed,
}

fn ending_words(ending: &Ending) -> &'static str {
    match ending {
        Ending::Goodbye { reason, .. } => match reason {
            0 => "the coordinator restarts",
            1 => "the coordinator has revoked this agent; join again with a new token",
            2 => "the coordinator speaks only newer protocols; update this agent",
            3 => "another connection of this agent took over; is its state folder copied?",
            4 => "the coordinator says that this agent broke the protocol; update both",
            _ => "the coordinator ended the connection",
        },
        Ending::NoWelcome => "the coordinator does not answer our hello",
        Ending::NoAck => "the coordinator acknowledges nothing any more",
        Ending::NoCommonProtocol => "the coordinator speaks no protocol of ours; update this agent",
    }
}

/// What ended or failed while a call was driven.
#[derive(Debug)]
pub(super) enum Broken {
    /// The call; the uplink goes on.
    Call(CallEnd),
    /// The spool; the process cannot go on.
    Spool(DatabaseError),
}

impl From<CallEnd> for Broken {
    fn from(end: CallEnd) -> Self {
        Self::Call(end)
    }
}

/// What a call leaves to its owner.
#[derive(Debug)]
pub(super) enum CallEvent {
    /// The coordinator knows us.
    Welcomed(CoordinatorTime),
    /// Something was acknowledged, of which so many could not be judged.
    Acked { refused: u64 },
    /// Other things are wanted of us.
    Desired(Desired),
    /// The answer to a renewal.
    Renewed(Vec<Vec<u8>>),
}

/// A connection that is spoken on.
#[derive(Debug)]
pub(super) struct Call {
    link: Link,
    session: AgentSession,
    clock: Arc<dyn Clock>,
    epoch: u64,
    welcome: Option<Welcome>,
}

/// When and how we were welcomed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Welcome {
    pub(super) tick: Tick,
    pub(super) window_ms: u32,
    pub(super) time: CoordinatorTime,
}

impl Call {
    pub(super) fn new(link: Link, hello: &Hello, clock: Arc<dyn Clock>) -> Result<Self, SendError> {
        let session = AgentSession::new(hello, clock.tick())?;
        Ok(Self {
            link,
            session,
            clock,
            epoch: hello.epoch,
            welcome: None,
        })
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// How we were welcomed, once we were.
    pub(super) fn welcome(&self) -> Option<&Welcome> {
        self.welcome.as_ref()
    }

    /// Waits for something from the link. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Option<Incoming> {
        self.link.next().await
    }

    /// When to drive it without anything having come.
    pub(super) fn due(&self) -> Option<Tick> {
        self.session.poll_timeout()
    }

    /// Something came from the link.
    pub(super) fn came(&mut self, incoming: Incoming) -> Result<(), CallEnd> {
        match incoming {
            Incoming::Frame(frame) => Ok(self.session.handle_frame(&frame, self.clock.tick())?),
            Incoming::Ended(end) => Err(end.into()),
        }
    }

    /// Asks for a new certificate.
    pub(super) fn renew(&mut self, request: Vec<u8>) -> Result<(), CallEnd> {
        Ok(self.session.renew(request)?)
    }

    /// Says by which list of intentions we go.
    pub(super) fn in_force(
        &mut self,
        (version, not_understood): (u64, usize),
    ) -> Result<(), CallEnd> {
        Ok(self.session.in_force(version, not_understood)?)
    }

    /// Does what can be done now. Returns at each event that its owner has to know; to be called
    /// again until it returns `None`.
    pub(super) async fn drive(&mut self, keeper: &mut Keeper) -> Result<Option<CallEvent>, Broken> {
        let now = self.clock.tick();
        if self.session.poll_timeout().is_some_and(|due| now >= due) {
            self.session.handle_timeout(now);
        }
        loop {
            self.flush()?;
            while let Some(event) = self.session.poll_event() {
                if let Some(told) = self.on(event, keeper).await? {
                    return Ok(Some(told));
                }
            }
            if !self.report(keeper).await? {
                return Ok(None);
            }
        }
    }

    async fn on(
        &mut self,
        event: AgentEvent,
        keeper: &mut Keeper,
    ) -> Result<Option<CallEvent>, Broken> {
        match event {
            AgentEvent::Welcomed {
                clock_ms,
                round_trip_ms,
                return_within_ms,
            } => {
                let tick = self.clock.tick();
                let time = CoordinatorTime::heard(clock_ms, round_trip_ms, tick);
                self.welcome = Some(Welcome {
                    tick,
                    window_ms: return_within_ms,
                    time,
                });
                keeper.begin();
                Ok(Some(CallEvent::Welcomed(time)))
            }
            AgentEvent::Stored {
                lane,
                through,
                refused,
            } => {
                if !refused.is_empty() {
                    warn!(
                        ?lane,
                        ?refused,
                        "the coordinator could not judge observations"
                    );
                }
                match keeper
                    .delivered(lane, through)
                    .await
                    .map_err(Broken::Spool)?
                {
                    Delivered::Taken => Ok(Some(CallEvent::Acked {
                        refused: u64::try_from(refused.len()).unwrap_or(u64::MAX),
                    })),
                    Delivered::AnotherLife => Err(CallEnd::AnotherLife.into()),
                }
            }
            AgentEvent::RestateWanted => {
                keeper.restate().await.map_err(Broken::Spool)?;
                Ok(None)
            }
            AgentEvent::Desired(desired) => Ok(Some(CallEvent::Desired(desired))),
            AgentEvent::Renewed(chain) => Ok(Some(CallEvent::Renewed(chain))),
            AgentEvent::Over(ending) => Err(CallEnd::Over(ending).into()),
        }
    }

    /// Sends one report, of the most urgent lane that has something and may. Tells whether it did.
    async fn report(&mut self, keeper: &mut Keeper) -> Result<bool, Broken> {
        for lane in Lane::BY_URGENCY {
            let tick = self.clock.tick();
            let Some(after) = self.session.wants(lane, tick) else {
                continue;
            };
            if !self.link.has_room(Stream::Lane(lane)) {
                continue;
            }
            let records = keeper.report(lane, after).await.map_err(Broken::Spool)?;
            if records.is_empty() {
                continue;
            }
            let report = self.written(lane, &records);
            self.session
                .report(&report, lane, tick)
                .map_err(CallEnd::from)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn written(&self, lane: Lane, records: &[Record]) -> Report {
        Report {
            epoch: self.epoch,
            lane: lane.number(),
            clock_ms: self.clock.now().ms(),
            offset_ms: self
                .welcome
                .map(|welcome| welcome.time.offset_ms(self.clock.as_ref())),
            observations: records.iter().filter_map(coded::entry).collect(),
        }
    }

    fn flush(&mut self) -> Result<(), CallEnd> {
        while let Some(transmit) = self.session.poll_transmit() {
            self.link.send(transmit.stream, transmit.bytes)?;
        }
        Ok(())
    }
}
