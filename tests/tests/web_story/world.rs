//! A coordinator as far as the web goes, an agent that reports without a network, and clients.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use keepwatch_common::clock::ManualClock;
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::address::Address;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::{self, Observation};
use keepwatch_common::model::watched::{Reading, WatchedFile};
use keepwatch_common::time::{HOUR_MS, Instant};
use keepwatch_coordinator::activator::Activator;
use keepwatch_coordinator::assess::{Assessor, Policy, Submission, SubmittedEntry, Told};
use keepwatch_coordinator::auth::{Gate, SessionLimits};
use keepwatch_coordinator::authority::admission::AdmittedKeys;
use keepwatch_coordinator::authority::folder::PrivateFolder;
use keepwatch_coordinator::authority::root::Authority;
use keepwatch_coordinator::domain::packs;
use keepwatch_coordinator::intake::roll::Roll;
use keepwatch_coordinator::metrics::Metrics;
use keepwatch_coordinator::store::agents::NewAgent;
use keepwatch_coordinator::web::arrival::Arrival;
use keepwatch_coordinator::web::server::{Addresses, Services, router};
use keepwatch_coordinator::web::text::Texts;
use keepwatch_tests::databases::Database;
use serde_json::json;
use uuid::Uuid;

use super::browser::Browser;
use super::client::Client;

/// What everybody's password is.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The agents of the two branches.
pub(crate) const AGENTS: [Uuid; 2] = [Uuid::from_u128(1), Uuid::from_u128(2)];

/// A chain: region EAST holds SHANGHAI, which has branch SH-001; region WEST has branch CD-001.
pub(crate) struct World {
    pub(crate) services: Arc<Services>,
    pub(crate) router: Router,
    pub(crate) clock: ManualClock,
    pub(crate) authority: Arc<Authority>,
    pub(crate) branches: [i64; 2],
    sequences: RefCell<[u64; 3]>,
    _scratch: tempfile::TempDir,
}

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-23T08:00:00Z").unwrap()
}

impl World {
    /// Nothing but an authority.
    pub(crate) fn empty(database: &Database) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(scratch.path()).unwrap();
        let authority = Arc::new(Authority::create(&folder, now()).unwrap());
        let manual = ManualClock::at(now());
        let clock = Arc::new(manual.clone());
        let store = database.store.clone();
        let randomness = Arc::new(Seeded::new(1));
        let policy = Policy {
            pack: Arc::new(packs::monitoring_room().unwrap()),
            channels: vec!["ops".to_owned()],
            pages: "https://hq.example:8443".to_owned(),
        };
        let outbox = Activator::default();
        let roll = Roll::new(
            store.clone(),
            authority.clone(),
            Arc::new(AdmittedKeys::default()),
            clock.clone(),
        );
        let limits = SessionLimits::default();
        let services = Arc::new(Services {
            gate: Gate::new(store.clone(), clock.clone(), randomness.clone(), limits).unwrap(),
            roll: Arc::new(roll),
            policy: policy.clone(),
            authority: authority.fingerprint(),
            addresses: Addresses {
                joining: Address::new("hq.example", 7444).unwrap(),
                agent_port: 7443,
            },
            metrics: Arc::new(Metrics::new()),
            texts: Arc::new(Texts::load().unwrap()),
            outbox: outbox.clone(),
            store: store.clone(),
            clock: clock.clone(),
            randomness,
        });
        Self {
            router: router(services.clone()),
            services,
            clock: manual,
            authority,
            branches: [0; 2],
            sequences: RefCell::default(),
            _scratch: scratch,
        }
    }

    /// The chain, an agent in each branch, and one person of each kind: `admin`, `hq`, `east`,
    /// `west`, `sh`, `cd`.
    pub(crate) async fn of(database: &Database) -> Self {
        let mut world = Self::empty(database);
        let local = world.local();
        for region in [
            json!({"code": "EAST"}),
            json!({"code": "SHANGHAI", "above": "EAST"}),
            json!({"code": "WEST"}),
        ] {
            local.post("/regions", &region).await.is(201);
        }
        let branch = |code, name, region| json!({"code": code, "name": name, "region": region});
        let sh = branch("SH-001", "南京西路店", "SHANGHAI");
        let cd = branch("CD-001", "春熙路店", "WEST");
        for branch in [sh, cd] {
            local.post("/branches", &branch).await.is(201);
        }
        for (name, role, scope) in [
            ("admin", "administrator", json!({})),
            ("hq", "headquarters", json!({})),
            ("east", "region", json!({"region": "EAST"})),
            ("west", "region", json!({"region": "WEST"})),
            ("sh", "branch", json!({"branch": "SH-001"})),
            ("cd", "branch", json!({"branch": "CD-001"})),
        ] {
            let mut user = json!({"name": name, "role": role, "password": PASSWORD});
            user.as_object_mut()
                .unwrap()
                .extend(scope.as_object().unwrap().clone());
            local.post("/users", &user).await.is(201);
        }
        world.branches = world.add_agents().await;
        world
    }

    async fn add_agents(&self) -> [i64; 2] {
        let mut tx = self.services.store.begin().await.unwrap();
        let mut ids = [0; 2];
        for (index, code) in ["SH-001", "CD-001"].into_iter().enumerate() {
            let branch = tx.branch_fetch_by_code(code).await.unwrap().unwrap();
            ids[index] = branch.id;
            let agent = NewAgent {
                id: AGENTS[index],
                branch_id: branch.id,
                key_fingerprint: [u8::try_from(index).unwrap(); 32],
                host: "till-2",
                version: "0.1.0",
                joined_at: now(),
                certificate_ends: now() + HOUR_MS,
            };
            tx.agent_insert(&agent).await.unwrap();
        }
        tx.commit().await.unwrap();
        ids
    }

    /// The agent of a branch (0: SH-001, 1: CD-001) tells something.
    pub(crate) async fn tell(&self, branch: usize, body: observation::Body) {
        let lane = body.lane();
        let received = self.services.clock.now();
        let slot = usize::from(lane.number());
        self.sequences.borrow_mut()[slot] += 1;
        let sequence = self.sequences.borrow()[slot];
        let told = Told::Observation(Observation { at: received, body });
        let report = Submission {
            agent: AGENTS[branch],
            branch_id: self.branches[branch],
            epoch: 7,
            lane,
            received,
            ahead_ms: 0,
            entries: vec![SubmittedEntry {
                sequence,
                version: 1,
                coded: Vec::new(),
                told,
            }],
        };
        let services = &self.services;
        let mut assessor = Assessor::new(
            services.store.clone(),
            services.policy.clone(),
            services.clock.clone(),
            services.outbox.clone(),
        );
        let taken = assessor.take(&[&report]).await.unwrap();
        assert_eq!(taken[0].refused, [0; 0]);
    }

    /// The watched file `nvr.json` is read.
    pub(crate) async fn read_file(&self, branch: usize, canonical: &str) {
        let reading = Reading::Tree {
            canonical: canonical.to_owned(),
            owner: Some("root".to_owned()),
        };
        self.read_file_as(branch, reading).await;
    }

    /// Reading `nvr.json` gives this.
    pub(crate) async fn read_file_as(&self, branch: usize, reading: Reading) {
        let file = WatchedFile {
            name: Name::new("nvr.json").unwrap(),
            path: "/etc/nvr.json".to_owned(),
            reading,
        };
        self.tell(branch, observation::Body::Watched(file)).await;
    }

    /// Whoever runs this machine.
    pub(crate) fn local(&self) -> Client {
        Client::at(self.router.clone(), Arrival::Local)
    }

    /// A browser in which nobody signed in.
    pub(crate) fn stranger(&self) -> Client {
        self.browser("10.1.2.3:50000")
    }

    /// A browser somewhere.
    pub(crate) fn browser(&self, from: &str) -> Client {
        let from: SocketAddr = from.parse().unwrap();
        Client::at(self.router.clone(), Arrival::Network { from, tls: true })
    }

    /// A browser that looks at pages, in which nobody signed in.
    pub(crate) fn visitor(&self) -> Browser {
        let from: SocketAddr = "10.1.2.3:50000".parse().unwrap();
        Browser::at(self.router.clone(), Arrival::Network { from, tls: true })
    }

    /// A browser that looks at pages, in which somebody signed in.
    pub(crate) async fn visitor_named(&self, name: &str) -> Browser {
        let mut browser = self.visitor();
        let form = [("name", name), ("password", PASSWORD)];
        browser.fill("/sign-in", &form).await.is(303);
        browser
    }

    /// A browser over plain HTTP, or a proxy.
    pub(crate) fn plain(&self, from: &str) -> Client {
        let from: SocketAddr = from.parse().unwrap();
        Client::at(self.router.clone(), Arrival::Network { from, tls: false })
    }

    /// A browser in which somebody signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Client {
        let mut client = self.stranger();
        client.sign_in(name, PASSWORD).await.is(201);
        client
    }
}
