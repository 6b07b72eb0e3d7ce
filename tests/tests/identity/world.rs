//! A coordinator and branches, as far as identity goes, and how they meet.
//!
//! Nothing here knows the wire's frames: one stream with two bytes stands for the coordinator's
//! hello, because in TLS 1.3 an agent's connecting succeeds before its certificate is judged.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_agent::identity::Identity;
use keepwatch_agent::identity::home::{IdentityHome, Joined};
use keepwatch_agent::identity::time::TrustedTime;
use keepwatch_agent::identity::tls::agent_config;
use keepwatch_agent::uplink::endpoint::{Refusal, dial, open};
use keepwatch_common::clock::ManualClock;
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::address::Address;
use keepwatch_common::time::{DAY_MS, Instant};
use keepwatch_coordinator::authority::admission::AdmittedKeys;
use keepwatch_coordinator::authority::folder::PrivateFolder;
use keepwatch_coordinator::authority::issue::{AgentRequest, IssuedCertificate};
use keepwatch_coordinator::authority::peer::PeerIdentity;
use keepwatch_coordinator::authority::root::Authority;
use keepwatch_coordinator::authority::server::ServerCertificate;
use keepwatch_coordinator::authority::tls;
use keepwatch_coordinator::intake::endpoint::door::{Door, DoorLimits};
use keepwatch_coordinator::intake::endpoint::reset::ResetKeys;
use keepwatch_coordinator::intake::endpoint::{open_for_agents, open_for_joining, peer_of};
use quinn::{Connection, ConnectionError, Endpoint, VarInt};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use uuid::Uuid;

/// Nothing here takes a second; what takes longer hangs.
pub(crate) const HANGS_AFTER: Duration = Duration::from_secs(20);

pub(crate) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

pub(crate) const AGENT: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-23T08:00:00Z").unwrap()
}

/// A coordinator as far as identity goes.
pub(crate) struct Headquarters {
    _scratch: TempDir,
    folder: PrivateFolder,
    pub(crate) authority: Authority,
    certificate: Arc<ServerCertificate>,
    pub(crate) admitted: Arc<AdmittedKeys>,
    pub(crate) clock: ManualClock,
}

impl Headquarters {
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(scratch.path()).unwrap();
        let authority = Authority::create(&folder, now()).unwrap();
        let certificate = Arc::new(ServerCertificate::issue(&authority, &[], now()).unwrap());
        Self {
            _scratch: scratch,
            folder,
            authority,
            certificate,
            admitted: Arc::default(),
            clock: ManualClock::at(now()),
        }
    }

    pub(crate) fn listen(&self, at: SocketAddr) -> Endpoint {
        let clock = Arc::new(self.clock.clone());
        let tls = tls::agent_config(
            &self.authority,
            &self.certificate,
            self.admitted.clone(),
            clock,
        )
        .unwrap();
        let keys = ResetKeys::load_or_make(&self.folder, &Seeded::new(1)).unwrap();
        open_for_agents(at, tls, &keys).unwrap().endpoint
    }

    pub(crate) fn listen_for_joining(&self) -> Endpoint {
        let tls = tls::join_config(&self.certificate, Arc::new(self.clock.clone())).unwrap();
        open_for_joining(ANY_PORT, tls).unwrap().endpoint
    }

    pub(crate) fn issue(&self, csr_der: &[u8]) -> IssuedCertificate {
        let request = AgentRequest {
            csr_der,
            agent: AGENT,
            branch: "南京西路店",
            days: 30,
        };
        self.authority.issue_agent(&request, now()).unwrap()
    }

    pub(crate) fn joined(&self, chain: Vec<CertificateDer<'static>>) -> Joined {
        Joined {
            agent: AGENT,
            branch: "南京西路店".to_owned(),
            coordinators: vec![Address::new("127.0.0.1", 7443).unwrap()],
            authority: self.authority.certificate().clone(),
            chain,
        }
    }

    /// Lets a branch join without a network, and admits its key.
    pub(crate) fn enrol(&self, branch: &Branch) -> Identity {
        let key = branch.home.candidate_key().unwrap();
        let issued = self.issue(&key.request().unwrap());
        self.admitted.admit(issued.key);
        branch.home.save_joined(self.joined(issued.chain)).unwrap()
    }
}

/// A branch with a folder and a clock.
pub(crate) struct Branch {
    pub(crate) scratch: TempDir,
    pub(crate) home: IdentityHome,
    pub(crate) time: Arc<TrustedTime>,
}

impl Branch {
    /// A branch that heard its coordinator just now and whose clock says `clock`.
    pub(crate) fn at(clock: Instant) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let home = IdentityHome::open(scratch.path()).unwrap();
        let clock = Arc::new(ManualClock::at(clock));
        let built = now() - 30 * DAY_MS;
        let time = Arc::new(TrustedTime::new(clock, built, Some(now())));
        Self {
            scratch,
            home,
            time,
        }
    }

    pub(crate) fn tls(&self, identity: &Identity) -> Arc<rustls::ClientConfig> {
        agent_config(identity, self.time.clone()).unwrap()
    }
}

/// Accepts one connection and says hello on it; it lives until the agent ends it.
pub(crate) async fn receive(server: &Endpoint) -> Option<PeerIdentity> {
    let door = Door::new(DoorLimits::AGENTS);
    let incoming = server.accept().await.unwrap();
    let connection = door.admit(server, incoming)?.finish().await.ok()?;
    let peer = peer_of(&connection).ok()?;
    say_hello(&connection).await;
    connection.closed().await;
    Some(peer)
}

async fn say_hello(connection: &Connection) {
    let mut stream = connection.open_uni().await.unwrap();
    stream.write_all(b"in").await.unwrap();
    stream.finish().unwrap();
}

pub(crate) async fn hear_hello(connection: &Connection) -> Result<(), ConnectionError> {
    let mut stream = connection.accept_uni().await?;
    assert_eq!(stream.read_to_end(2).await.unwrap(), b"in");
    Ok(())
}

/// Connects and waits for the hello, then leaves.
async fn come_in(
    agent: &Endpoint,
    remote: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
) -> Result<(), ConnectionError> {
    let connection = dial(agent, remote, tls).unwrap().await?;
    hear_hello(&connection).await?;
    connection.close(VarInt::from_u32(0), b"");
    Ok(())
}

/// Both ends of one attempt: whom the coordinator saw, and what the agent was told.
pub(crate) async fn meet(
    server: &Endpoint,
    tls: Arc<rustls::ClientConfig>,
) -> (Option<PeerIdentity>, Result<(), Option<Refusal>>) {
    let remote = server.local_addr().unwrap();
    let agent = open(remote).unwrap();
    let both = async { tokio::join!(receive(server), come_in(&agent, remote, tls)) };
    let (seen, told) = tokio::time::timeout(HANGS_AFTER, both).await.unwrap();
    (seen, told.map_err(|error| Refusal::of(&error)))
}
