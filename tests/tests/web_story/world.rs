//! A coordinator as far as the web goes, an agent that reports without a network, and clients.
//!
//! Long because a world has people, branches and what they tell, and stories need them together.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::{Extension, Router};
use http_body_util::BodyExt;
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
use keepwatch_tests::databases::Database;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tower::ServiceExt;
use uuid::Uuid;

/// What everybody's password is.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The agents of the two branches.
pub(crate) const AGENTS: [Uuid; 2] = [Uuid::from_u128(1), Uuid::from_u128(2)];

/// A chain: region EAST holds SHANGHAI, which has branch SH-001; region WEST has branch CD-001.
pub(crate) struct World {
    pub(crate) services: Arc<Services>,
    pub(crate) router: Router,
    pub(crate) clock: ManualClock,
    pub(crate) branches: [i64; 2],
    assessor: Mutex<Assessor>,
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
            outbox: outbox.clone(),
            store: store.clone(),
            clock: clock.clone(),
            randomness,
        });
        Self {
            router: router(services.clone(), Router::new()),
            services,
            clock: manual,
            branches: [0; 2],
            assessor: Mutex::new(Assessor::new(store, policy, clock, outbox)),
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
        let taken = self.assessor.lock().await.take(&[&report]).await.unwrap();
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

    /// A browser in which somebody signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Client {
        let mut client = self.stranger();
        client.sign_in(name, PASSWORD).await.is(201);
        client
    }
}

/// Somebody who speaks to the coordinator.
pub(crate) struct Client {
    router: Router,
    arrival: Arrival,
    pub(crate) cookie: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    fn at(router: Router, arrival: Arrival) -> Self {
        Self {
            router,
            arrival,
            cookie: None,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    /// Below `/api/v1`, unless the path begins with `//`.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let uri = match path.strip_prefix("//") {
            Some(beside) => format!("/{beside}"),
            None => format!("/api/v1{path}"),
        };
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let router = self.router.clone().layer(Extension(self.arrival));
        let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Signs in and keeps the cookie as a browser does.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let body = json!({"name": name, "password": password});
        let answer = self.post("/session", &body).await;
        self.keep_cookie(&answer);
        answer
    }

    pub(crate) fn keep_cookie(&mut self, answer: &Answer) {
        if let Some(set) = answer.headers.get(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let pair = set.split(';').next().unwrap().to_owned();
            self.cookie = Some(pair).filter(|_| !set.contains("Max-Age=0"));
        }
    }
}

impl Answer {
    /// Insists on a status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The code of what went wrong.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }

    /// The message of what went wrong.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    /// One field of each item of a list.
    #[track_caller]
    pub(crate) fn each(&self, field: &str) -> Vec<String> {
        let items = self.json()["items"].as_array().unwrap().clone();
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        items.iter().map(|item| text(&item[field])).collect()
    }
}
