//! The smallest agent that is one: it joins, connects, reports and hears; it measures nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use keepwatch_agent::identity::Identity;
use keepwatch_agent::identity::home::{IdentityHome, Joined};
use keepwatch_agent::identity::time::TrustedTime;
use keepwatch_agent::identity::tls::{agent_config, join_config, pinned_authority};
use keepwatch_agent::uplink::endpoint::{Refusal, dial, dial_to_join, open};
use keepwatch_common::clock::{Clock, ManualClock};
use keepwatch_common::model::join::JoinString;
use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::time::Instant;
use keepwatch_common::wire::agent_session::{AgentEvent, AgentSession, Ending, Stream};
use keepwatch_common::wire::codec::{self, Bound};
use keepwatch_common::wire::frame::FrameReader;
use keepwatch_common::wire::v1::control::Hello;
use keepwatch_common::wire::v1::join::{Join, JoinRefused, Joined as Certified};
use keepwatch_common::wire::v1::observation;
use keepwatch_common::wire::v1::report::{Entry, Report};
use keepwatch_common::wire::version::{MessageType, PROTOCOL, PROTOCOL_MIN};
use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream, VarInt};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;

use crate::hq::Hq;

/// What a coordinator sends fits in here.
const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// See the module.
pub(crate) struct Agent {
    _scratch: TempDir,
    pub(crate) identity: Identity,
    time: Arc<TrustedTime>,
    clock: ManualClock,
    pub(crate) epoch: u64,
    sequences: [u64; 3],
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) through: u64,
    pub(crate) refused: Vec<u64>,
}

impl Agent {
    /// Joins a branch, which is entered when it is not there.
    pub(crate) async fn of(hq: &Hq, branch: &str) -> Self {
        let branch_id = hq.branch(branch).await;
        let join = hq.join_string(branch_id).await;
        Self::join(hq, &join).await.unwrap()
    }

    /// Joins with a join string; the reason when it is refused.
    pub(crate) async fn join(hq: &Hq, join: &JoinString) -> Result<Self, u8> {
        let clock = ManualClock::at(hq.now());
        let scratch = tempfile::tempdir().unwrap();
        let home = IdentityHome::open(scratch.path()).unwrap();
        let time = Arc::new(TrustedTime::new(Arc::new(clock.clone()), hq.now(), None));
        let remote = SocketAddr::new(join.joining().ip().unwrap(), join.joining().port());
        let tls = join_config(join.authority(), time.clone()).unwrap();
        let endpoint = open(remote).unwrap();
        let connection = dial_to_join(&endpoint, remote, tls).unwrap().await.unwrap();
        let wish = Join {
            secret: join.secret().expose().to_owned(),
            request: home.candidate_key().unwrap().request().unwrap(),
            agent_version: "0.1.0".to_owned(),
            host: "till-7".to_owned(),
        };
        let certified = ask_to_join(&connection, &wish).await?;
        let shown = connection.peer_identity().unwrap();
        let shown = shown.downcast::<Vec<CertificateDer<'static>>>().unwrap();
        let identity = home
            .save_joined(Joined {
                agent: certified.agent_id.parse().unwrap(),
                branch: certified.branch,
                coordinators: vec![join.coordinator().clone()],
                authority: pinned_authority(&shown, &join.authority()).unwrap(),
                chain: certified.chain.into_iter().map(Into::into).collect(),
            })
            .unwrap();
        connection.close(VarInt::from_u32(0), b"");
        Ok(Self {
            _scratch: scratch,
            identity,
            time,
            clock,
            epoch: 7,
            sequences: [0; 3],
        })
    }

    /// Sets the agent's clock, which is nobody else's.
    pub(crate) fn set_clock(&self, now: Instant) {
        self.clock.set(now);
    }

    /// Connects and is welcomed.
    pub(crate) async fn connect(&self, hq: &Hq) -> Line {
        self.try_connect(hq).await.unwrap()
    }

    /// Connects; the refusal when the coordinator does not want us.
    pub(crate) async fn try_connect(&self, hq: &Hq) -> Result<Line, Option<Refusal>> {
        let remote = hq.services().addresses.agents;
        let tls = agent_config(&self.identity, self.time.clone()).unwrap();
        let endpoint = open(remote).unwrap();
        let refused = |error: ConnectionError| Refusal::of(&error);
        let connection = dial(&endpoint, remote, tls)
            .unwrap()
            .await
            .map_err(refused)?;
        let (control, control_in) = connection.open_bi().await.map_err(refused)?;
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL,
            capabilities: 0,
            agent_version: "0.1.0".to_owned(),
            process: 1,
            epoch: self.epoch,
            clock_ms: self.clock.now().ms(),
        };
        let mut line = Line {
            _endpoint: endpoint,
            connection,
            control,
            control_in,
            reader: FrameReader::new(FRAME_BYTES_MAX),
            lanes: [None, None, None],
            session: AgentSession::new(&hello, self.clock.tick()).unwrap(),
            clock: self.clock.clone(),
        };
        match line
            .hear(|event| matches!(event, AgentEvent::Welcomed { .. }))
            .await
        {
            Ok(_) => Ok(line),
            Err(lost) => Err(lost.and_then(|error| Refusal::of(&error))),
        }
    }

    /// Observations as the next report of their lane, seen now by our clock.
    pub(crate) fn report_of(&mut self, bodies: Vec<Body>) -> (Lane, Report) {
        let at = self.clock.now();
        self.report_at(at, bodies)
    }

    /// Observations as the next report of their lane, seen at a time by our clock.
    pub(crate) fn report_at(&mut self, at: Instant, bodies: Vec<Body>) -> (Lane, Report) {
        let lane = bodies[0].lane();
        let coded = bodies.into_iter().map(|body| {
            let told = observation::Observation::from_model(Observation { at, body });
            codec::encode(&told).unwrap()
        });
        let coded: Vec<_> = coded.collect();
        (lane, self.report_coded(lane, coded))
    }

    /// Bytes as the next report of a lane, whatever they are.
    pub(crate) fn report_coded(&mut self, lane: Lane, coded: Vec<Vec<u8>>) -> Report {
        let sequence = &mut self.sequences[usize::from(lane.number())];
        let observations = coded
            .into_iter()
            .map(|coded| {
                *sequence += 1;
                Entry {
                    sequence: *sequence,
                    version: observation::VERSION,
                    coded,
                }
            })
            .collect();
        Report {
            epoch: self.epoch,
            lane: lane.number(),
            clock_ms: self.clock.now().ms(),
            offset_ms: None,
            observations,
        }
    }

    /// Connects, tells some observations of one lane, waits for the ack and leaves.
    pub(crate) async fn tell(&mut self, hq: &Hq, bodies: Vec<Body>) -> Stored {
        let (lane, report) = self.report_of(bodies);
        let mut link = self.connect(hq).await;
        let stored = link.tell(lane, &report).await;
        link.leave();
        stored
    }
}

async fn ask_to_join(connection: &Connection, wish: &Join) -> Result<Certified, u8> {
    let (mut ask, mut answer) = connection.open_bi().await.unwrap();
    let frame = codec::to_frame(MessageType::Join.number(), 1, wish).unwrap();
    ask.write_all(&frame.to_bytes().unwrap()).await.unwrap();
    ask.finish().unwrap();
    let mut reader = FrameReader::new(FRAME_BYTES_MAX);
    reader.add(&answer.read_to_end(FRAME_BYTES_MAX).await.unwrap());
    let frame = reader.next_frame().unwrap().unwrap();
    if frame.message_type == MessageType::JoinRefused.number() {
        let refused: JoinRefused = codec::from_frame(&frame, Bound::Known).unwrap();
        connection.close(VarInt::from_u32(0), b"");
        return Err(refused.reason);
    }
    Ok(codec::from_frame(&frame, Bound::Known).unwrap())
}

/// A connection of an agent that was welcomed.
pub(crate) struct Line {
    _endpoint: Endpoint,
    pub(crate) connection: Connection,
    control: SendStream,
    control_in: RecvStream,
    reader: FrameReader,
    lanes: [Option<SendStream>; 3],
    session: AgentSession,
    clock: ManualClock,
}

impl Line {
    /// Sends a report and waits until it is stored.
    pub(crate) async fn tell(&mut self, lane: Lane, report: &Report) -> Stored {
        self.send(lane, report).await;
        self.stored(lane, report).await
    }

    /// Sends a report without waiting.
    pub(crate) async fn send(&mut self, lane: Lane, report: &Report) {
        self.session
            .report(report, lane, self.clock.tick())
            .unwrap();
        self.flush().await.unwrap();
    }

    /// Sends bytes that are no frame.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.control.write_all(bytes).await.unwrap();
    }

    /// Waits until a report that was sent is stored.
    pub(crate) async fn stored(&mut self, lane: Lane, report: &Report) -> Stored {
        let last = report.observations.last().unwrap().sequence;
        let of_it = |event: &AgentEvent| {
            matches!(event, AgentEvent::Stored { lane: of, through, .. }
                if *of == lane && *through >= last)
        };
        match self.hear(of_it).await.unwrap() {
            AgentEvent::Stored {
                through, refused, ..
            } => Stored { through, refused },
            other => panic!("{other:?} is no ack"),
        }
    }

    /// Waits for the coordinator's goodbye.
    pub(crate) async fn goodbye(&mut self) -> Ending {
        match self
            .hear(|event| matches!(event, AgentEvent::Over(_)))
            .await
        {
            Ok(AgentEvent::Over(ending)) => ending,
            other => panic!("{other:?} is no goodbye"),
        }
    }

    /// Goes.
    pub(crate) fn leave(self) {
        self.connection.close(VarInt::from_u32(0), b"");
    }

    /// Passes time until the wanted event comes; an error when the connection is lost before.
    async fn hear(
        &mut self,
        wanted: impl Fn(&AgentEvent) -> bool,
    ) -> Result<AgentEvent, Option<ConnectionError>> {
        loop {
            // What cannot be sent any more is found out by reading.
            let (Ok(()) | Err(_)) = self.flush().await;
            while let Some(event) = self.session.poll_event() {
                if wanted(&event) {
                    return Ok(event);
                }
            }
            if let Some(frame) = self.reader.next_frame().unwrap() {
                self.session
                    .handle_frame(&frame, self.clock.tick())
                    .unwrap();
                continue;
            }
            match self.control_in.read_chunk(64 * 1024, true).await {
                Ok(Some(chunk)) => self.reader.add(&chunk.bytes),
                Ok(None) => return Err(None),
                Err(_) => return Err(self.connection.close_reason()),
            }
        }
    }

    async fn flush(&mut self) -> Result<(), quinn::WriteError> {
        while let Some(transmit) = self.session.poll_transmit() {
            match transmit.stream {
                Stream::Control => self.control.write_all(&transmit.bytes).await?,
                Stream::Lane(lane) => {
                    let stream = &mut self.lanes[usize::from(lane.number())];
                    if stream.is_none() {
                        *stream = Some(self.connection.open_uni().await?);
                    }
                    if let Some(stream) = stream {
                        stream.write_all(&transmit.bytes).await?;
                    }
                }
            }
        }
        Ok(())
    }
}
