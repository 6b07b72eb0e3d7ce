//! The reception: both endpoints open, and whoever comes is led to where it belongs.
//!
//! It must not know what is said on a connection; it only counts who is at the door and hands on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::error_chain::chain;
use quinn::{Connection, Endpoint, VarInt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::connection;
use super::endpoint::door::{Door, DoorLimits, Handshake};
use super::endpoint::reset::ResetKeys;
use super::endpoint::socket::BufferSizes;
use super::endpoint::{OpenEndpoint, OpenError, open_for_agents, open_for_joining, peer_of};
use super::joining::Joining;
use super::roll::Roll;
use super::writer::Delivery;

/// How long the last packets may take to leave.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the two endpoints need to open.
#[derive(Debug)]
pub struct Doors<'a> {
    /// Where agents that have joined arrive.
    pub agents: SocketAddr,
    /// What TLS asks of them.
    pub agents_tls: Arc<rustls::ServerConfig>,
    /// Where agents join.
    pub join: SocketAddr,
    /// What TLS asks of them.
    pub join_tls: Arc<rustls::ServerConfig>,
    /// The same after every restart.
    pub keys: &'a ResetKeys,
}

/// Both endpoints.
#[derive(Debug, Clone)]
pub struct Reception {
    agents: Endpoint,
    join: Endpoint,
    agents_at: SocketAddr,
    join_at: SocketAddr,
}

/// Why nobody can come.
#[derive(Debug, thiserror::Error)]
pub enum ReceptionError {
    /// An endpoint does not open.
    #[error("agents cannot be listened to")]
    Open(#[from] OpenError),
    /// The system does not say where it listens.
    #[error("the system does not say at which port agents are listened to")]
    Address(#[source] std::io::Error),
}

impl Reception {
    /// Opens both; needs a running tokio runtime.
    pub fn open(doors: Doors<'_>) -> Result<Self, ReceptionError> {
        let agents = open_for_agents(doors.agents, doors.agents_tls, doors.keys)?;
        let join = open_for_joining(doors.join, doors.join_tls)?;
        warn_of(agents.buffers);
        let at = |open: &OpenEndpoint| open.endpoint.local_addr().map_err(ReceptionError::Address);
        Ok(Self {
            agents_at: at(&agents)?,
            join_at: at(&join)?,
            agents: agents.endpoint,
            join: join.endpoint,
        })
    }

    /// Where agents that have joined arrive.
    pub fn agents_at(&self) -> SocketAddr {
        self.agents_at
    }

    /// Where agents join.
    pub fn join_at(&self) -> SocketAddr {
        self.join_at
    }

    /// Lets agents in until asked to stop; their connections run on the tracker.
    pub async fn receive_agents(
        &self,
        roll: Arc<Roll>,
        deliveries: mpsc::Sender<Delivery>,
        tracker: TaskTracker,
        stop: CancellationToken,
    ) {
        let door = Door::new(DoorLimits::AGENTS);
        while let Some(handshake) = next(&self.agents, &door, &stop).await {
            let (roll, deliveries) = (roll.clone(), deliveries.clone());
            let connections = tracker.clone();
            tracker.spawn(async move {
                // Boxed, so that what only the handshake needs is given back after it.
                let Some(connection) = Box::pin(finish(handshake)).await else {
                    return;
                };
                match peer_of(&connection) {
                    Ok(peer) => {
                        connection::serve(connection, peer, roll, deliveries, connections).await;
                    }
                    Err(error) => warn!(error = %chain(&error), "an agent without a name came in"),
                }
            });
        }
    }

    /// Lets strangers join until asked to stop.
    pub async fn receive_strangers(
        &self,
        joining: Arc<Joining>,
        tracker: TaskTracker,
        stop: CancellationToken,
    ) {
        let door = Door::new(DoorLimits::JOINING);
        while let Some(handshake) = next(&self.join, &door, &stop).await {
            let joining = joining.clone();
            tracker.spawn(async move {
                if let Some(connection) = finish(handshake).await {
                    joining.serve(connection).await;
                }
            });
        }
    }

    /// Ends what is still open and gives the last packets a moment to leave.
    pub async fn close(&self) {
        for endpoint in [&self.agents, &self.join] {
            endpoint.close(VarInt::from_u32(0), b"");
            // Whoever does not hear it notices with the next packet.
            let (Ok(()) | Err(_)) = tokio::time::timeout(LAST_WORDS, endpoint.wait_idle()).await;
        }
    }
}

/// The next handshake to go on with; none when it is time to stop.
async fn next(endpoint: &Endpoint, door: &Door, stop: &CancellationToken) -> Option<Handshake> {
    loop {
        let incoming = tokio::select! {
            () = stop.cancelled() => return None,
            incoming = endpoint.accept() => incoming?,
        };
        if let Some(handshake) = door.admit(endpoint, incoming) {
            return Some(handshake);
        }
    }
}

async fn finish(handshake: Handshake) -> Option<Connection> {
    match handshake.finish().await {
        Ok(connection) => Some(connection),
        Err(error) => {
            debug!(error = %chain(&error), "nobody came in");
            None
        }
    }
}

fn warn_of(buffers: BufferSizes) {
    if buffers.is_short() {
        let BufferSizes {
            asked,
            receive,
            send,
        } = buffers;
        warn!(
            asked,
            receive,
            send,
            "the kernel gives small socket buffers, so a fleet comes back slowly; \
             raise net.core.rmem_max and net.core.wmem_max"
        );
    }
}
