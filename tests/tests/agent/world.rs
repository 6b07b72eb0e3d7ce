//! A headquarters with an authority, branches with a folder, and the clock they share.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_agent::identity::IdentityHome;
use keepwatch_agent::identity::home::Joined;
use keepwatch_common::clock::{Clock, SystemClock, Tick};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::address::Address;
use keepwatch_common::time::Instant;
use keepwatch_coordinator::authority::admission::AdmittedKeys;
use keepwatch_coordinator::authority::folder::PrivateFolder;
use keepwatch_coordinator::authority::issue::{AgentRequest, IssuedCertificate};
use keepwatch_coordinator::authority::root::Authority;
use keepwatch_coordinator::authority::server::ServerCertificate;
use keepwatch_coordinator::authority::tls;
use keepwatch_coordinator::intake::endpoint::reset::ResetKeys;
use keepwatch_coordinator::intake::endpoint::{open_for_agents, open_for_joining};
use quinn::Endpoint;
use tempfile::TempDir;
use uuid::Uuid;

/// Nothing here takes seconds; what takes longer hangs.
pub(crate) const HANGS_AFTER: Duration = Duration::from_mins(1);

pub(crate) const AGENT: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-23T08:00:00Z").unwrap()
}

/// Runs like the machine's clock and shows another time.
#[derive(Debug)]
pub(crate) struct Shifted {
    runs: SystemClock,
    began: Instant,
}

impl Shifted {
    pub(crate) fn from(began: Instant) -> Arc<Self> {
        Arc::new(Self {
            runs: SystemClock::new(),
            began,
        })
    }
}

impl Clock for Shifted {
    fn now(&self) -> Instant {
        self.began + i64::try_from(self.runs.tick().0).unwrap()
    }

    fn tick(&self) -> Tick {
        self.runs.tick()
    }
}

/// What makes a coordinator ours.
pub(crate) struct Headquarters {
    _scratch: TempDir,
    folder: PrivateFolder,
    pub(crate) authority: Authority,
    certificate: Arc<ServerCertificate>,
    pub(crate) admitted: Arc<AdmittedKeys>,
    pub(crate) clock: Arc<Shifted>,
}

impl Headquarters {
    pub(crate) fn new() -> Self {
        Self::at(now())
    }

    /// One whose clock, but not its certificates, begins elsewhere.
    pub(crate) fn at(clock: Instant) -> Self {
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
            clock: Shifted::from(clock),
        }
    }

    pub(crate) fn open(&self, at: SocketAddr) -> Endpoint {
        let tls = tls::agent_config(
            &self.authority,
            &self.certificate,
            self.admitted.clone(),
            self.clock.clone(),
        )
        .unwrap();
        let keys = ResetKeys::load_or_make(&self.folder, &Seeded::new(1)).unwrap();
        open_for_agents(at, tls, &keys).unwrap().endpoint
    }

    pub(crate) fn open_for_joining(&self, at: SocketAddr) -> Endpoint {
        let tls = tls::join_config(&self.certificate, self.clock.clone()).unwrap();
        open_for_joining(at, tls).unwrap().endpoint
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
}

/// A branch with a state folder.
pub(crate) struct Branch {
    pub(crate) state: TempDir,
    pub(crate) home: IdentityHome,
}

impl Branch {
    pub(crate) fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let home = IdentityHome::open(state.path()).unwrap();
        Self { state, home }
    }

    /// One that has joined and knows this coordinator.
    pub(crate) fn enrolled(hq: &Headquarters, coordinator: SocketAddr) -> Self {
        let address = Address::new("127.0.0.1", coordinator.port()).unwrap();
        Self::enrolled_with(hq, vec![address])
    }

    /// One that has joined and knows these.
    pub(crate) fn enrolled_with(hq: &Headquarters, coordinators: Vec<Address>) -> Self {
        let branch = Self::new();
        let key = branch.home.candidate_key().unwrap();
        let issued = hq.issue(&key.request().unwrap());
        hq.admitted.admit(issued.key);
        let joined = Joined {
            agent: AGENT,
            branch: "南京西路店".to_owned(),
            coordinators,
            authority: hq.authority.certificate().clone(),
            chain: issued.chain,
        };
        branch.home.save_joined(joined).unwrap();
        branch
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.state.path().join("spool")
    }

    pub(crate) fn copy_of_spool(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(&self.spool(), copy.path());
        copy
    }

    pub(crate) fn put_back(&self, copy: &TempDir) {
        fs_err::remove_dir_all(self.spool()).unwrap();
        fs_err::create_dir(self.spool()).unwrap();
        copy_files(copy.path(), &self.spool());
    }
}

fn copy_files(from: &std::path::Path, to: &std::path::Path) {
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
