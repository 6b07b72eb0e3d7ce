//! One agent's connection: the session that real agents speak, over QUIC, with its own certificate.
//!
//! It measures nothing of the machine and keeps no spool: it tells what it is handed, as fast as the
//! coordinator gives credit, and notes how long each acknowledgement took.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use keepwatch_agent::identity::key::AgentKey;
use keepwatch_agent::uplink::endpoint::dial;
use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::limits::FRAME_PAYLOAD_BYTES_MAX;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::model::peer::AGENT_PROTOCOL;
use keepwatch_common::wire::agent_session::{AgentEvent, AgentSession, Ending, Stream};
use keepwatch_common::wire::frame::FrameReader;
use keepwatch_common::wire::v1::control::Hello;
use keepwatch_common::wire::v1::report::Report;
use keepwatch_common::wire::version::{PROTOCOL, PROTOCOL_MIN};
use keepwatch_coordinator::authority::provider;
use quinn::{Connection, Endpoint, RecvStream, SendStream, VarInt};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::mix;
use crate::figures::failure::{Failure, While};
use crate::figures::stopwatch::Stopwatch;

/// Bytes read from a stream at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The coordinator did what a coordinator of ours does not do under load.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It ended the connection.
    #[error("the coordinator ended the connection: {ending:?}")]
    Over {
        /// How.
        ending: Ending,
    },
    /// It could not judge something.
    #[error("the coordinator refused {count} observations of a report")]
    Refused {
        /// How many.
        count: usize,
    },
    /// It closed its stream.
    #[error("the coordinator closed its stream")]
    Closed,
}

/// A connection that was welcomed.
#[derive(Debug)]
pub struct Line {
    connection: Connection,
    control: SendStream,
    control_in: RecvStream,
    reader: FrameReader,
    lanes: [Option<SendStream>; 3],
    session: AgentSession,
    clock: Arc<SystemClock>,
}

/// What an agent shows and whom it trusts.
pub fn tls(
    authority: &CertificateDer<'static>,
    chain: Vec<CertificateDer<'static>>,
    key: &AgentKey,
) -> Result<Arc<ClientConfig>, Failure> {
    let doing = "setting up TLS";
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone()).during(doing)?;
    let key = PrivateKeyDer::from_pem_slice(key.pem().as_bytes()).during(doing)?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .during(doing)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .during(doing)?;
    config.alpn_protocols = vec![AGENT_PROTOCOL.to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

impl Line {
    /// Connects and is welcomed.
    pub async fn connect(
        endpoint: &Endpoint,
        remote: SocketAddr,
        tls: Arc<ClientConfig>,
        clock: Arc<SystemClock>,
    ) -> Result<Self, Failure> {
        let doing = "connecting an agent";
        let connection = dial(endpoint, remote, tls)
            .during(doing)?
            .await
            .during(doing)?;
        let (control, control_in) = connection.open_bi().await.during(doing)?;
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL,
            capabilities: 0,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            process: 1,
            epoch: mix::epoch(),
            clock_ms: clock.now().ms(),
        };
        let mut line = Self {
            connection,
            control,
            control_in,
            reader: FrameReader::new(FRAME_PAYLOAD_BYTES_MAX),
            lanes: [None, None, None],
            session: AgentSession::new(&hello, clock.tick()).during(doing)?,
            clock,
        };
        loop {
            match line.next_event().await? {
                AgentEvent::Welcomed { .. } => return Ok(line),
                AgentEvent::Over(ending) => return Err(LineError::Over { ending }).during(doing),
                _ => {}
            }
        }
    }

    /// Tells all reports, at most so many of a lane on their way, and waits until all are
    /// acknowledged: how long each took from being handed to the connection, in milliseconds.
    pub async fn deliver(
        &mut self,
        reports: Vec<(Lane, Report)>,
        in_flight: usize,
    ) -> Result<Vec<f64>, Failure> {
        let doing = "delivering reports";
        let mut took = Vec::with_capacity(reports.len());
        let mut waiting: [VecDeque<(u64, Stopwatch)>; 3] = Default::default();
        let mut untold: [VecDeque<Report>; 3] = Default::default();
        for (lane, report) in reports {
            untold[index(lane)].push_back(report);
        }
        loop {
            for lane in Lane::BY_URGENCY {
                let waiting = &mut waiting[index(lane)];
                while waiting.len() < in_flight
                    && self.session.wants(lane, self.clock.tick()).is_some()
                    && let Some(mut report) = untold[index(lane)].pop_front()
                {
                    report.clock_ms = self.clock.now().ms();
                    let last = report.observations.last().map_or(0, |entry| entry.sequence);
                    waiting.push_back((last, Stopwatch::start()));
                    let tick = self.clock.tick();
                    self.session.report(&report, lane, tick).during(doing)?;
                }
            }
            if waiting.iter().all(VecDeque::is_empty) {
                return Ok(took);
            }
            match self.next_event().await? {
                AgentEvent::Stored { refused, .. } if !refused.is_empty() => {
                    let count = refused.len();
                    return Err(LineError::Refused { count }).during(doing);
                }
                AgentEvent::Stored { lane, through, .. } => {
                    let waiting = &mut waiting[index(lane)];
                    while waiting.front().is_some_and(|(last, _)| *last <= through) {
                        took.extend(waiting.pop_front().map(|(_, watch)| watch.ms()));
                    }
                }
                AgentEvent::Over(ending) => return Err(LineError::Over { ending }).during(doing),
                _ => {}
            }
        }
    }

    /// Goes.
    pub fn leave(self) {
        self.connection.close(VarInt::from_u32(0), b"");
    }

    async fn next_event(&mut self) -> Result<AgentEvent, Failure> {
        let doing = "speaking with the coordinator";
        loop {
            self.flush().await.during(doing)?;
            if let Some(event) = self.session.poll_event() {
                return Ok(event);
            }
            if let Some(frame) = self.reader.next_frame().during(doing)? {
                let tick = self.clock.tick();
                self.session.handle_frame(&frame, tick).during(doing)?;
                continue;
            }
            let chunk = self.control_in.read_chunk(CHUNK_BYTES, true).await;
            let chunk = chunk
                .during(doing)?
                .ok_or(LineError::Closed)
                .during(doing)?;
            self.reader.add(&chunk.bytes);
        }
    }

    async fn flush(&mut self) -> Result<(), quinn::WriteError> {
        while let Some(transmit) = self.session.poll_transmit() {
            match transmit.stream {
                Stream::Control => self.control.write_all(&transmit.bytes).await?,
                Stream::Lane(lane) => {
                    let stream = &mut self.lanes[index(lane)];
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

fn index(lane: Lane) -> usize {
    usize::from(lane.number())
}
