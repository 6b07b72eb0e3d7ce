//! One branch with one agent in front of the assessor, and what it can say.

use std::sync::Arc;

use keepwatch_common::clock::{Clock, ManualClock};
use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, UtcDay,
};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::model::segment::{FaultKind, SegmentFault};
use keepwatch_common::model::volume::{Presence, VolumeState};
use keepwatch_common::model::watched::{Reading, WatchedFile};
use keepwatch_common::time::{DAY_MS, Instant, MINUTE_MS};
use keepwatch_coordinator::activator::Activator;
use keepwatch_coordinator::assess::{Assessor, Outcome, Policy, Submission, SubmittedEntry, Told};
use keepwatch_coordinator::domain::packs;
use keepwatch_coordinator::store::agents::NewAgent;
use keepwatch_coordinator::store::alerts::{AlertRow, AlertWanted};
use keepwatch_coordinator::store::branches::NewBranch;
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_coordinator::store::scope::Scope;
use keepwatch_tests::databases::Database;
use uuid::Uuid;

/// One branch with one agent, and the assessor in front of it.
pub(crate) struct Room<'a> {
    pub(crate) database: &'a Database,
    pub(crate) assessor: Assessor,
    pub(crate) clock: ManualClock,
    pub(crate) branch_id: i64,
    pub(crate) agent: Uuid,
    pub(crate) sequences: [u64; 3],
}

/// An alert's kind and condition.
pub(crate) fn pair(kind: &str, condition: &str) -> (String, String) {
    (kind.to_owned(), condition.to_owned())
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

impl<'a> Room<'a> {
    pub(crate) async fn new(database: &'a Database) -> Self {
        let clock = ManualClock::at(at("2026-11-23T12:00:00Z"));
        let agent = Uuid::from_u128(1);
        let branch_id = Self::enter(database, "0123", agent).await;
        let pack = Arc::new(packs::monitoring_room().unwrap());
        let policy = Policy {
            pack,
            channels: vec!["hook".to_owned()],
            pages: "https://hq.example:8443".to_owned(),
        };
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let assessor = Assessor::new(database.store.clone(), policy, shared, Activator::default());
        Self {
            database,
            assessor,
            clock,
            branch_id,
            agent,
            sequences: [0; 3],
        }
    }

    pub(crate) async fn enter(database: &Database, code: &str, agent: Uuid) -> i64 {
        let created_at = at("2026-01-01T00:00:00Z");
        let mut tx = database.store.begin().await.unwrap();
        let branch = NewBranch {
            region_id: None,
            code,
            name: "某店",
            time_zone: "Asia/Shanghai",
            created_at,
        };
        let branch_id = tx.branch_ensure(&branch).await.unwrap();
        let mut key_fingerprint = [0; 32];
        key_fingerprint[..16].copy_from_slice(agent.as_bytes());
        tx.agent_insert(&NewAgent {
            id: agent,
            branch_id,
            key_fingerprint,
            host: "branch",
            version: "test",
            joined_at: created_at,
            certificate_ends: at("2027-01-01T00:00:00Z"),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        branch_id
    }

    pub(crate) fn report(&mut self, bodies: &[Body]) -> Vec<Submission> {
        let now = self.clock.now();
        Lane::BY_URGENCY
            .into_iter()
            .filter_map(|lane| {
                let entries: Vec<_> = bodies
                    .iter()
                    .filter(|body| body.lane() == lane)
                    .map(|body| {
                        let sequence = &mut self.sequences[usize::from(lane.number())];
                        *sequence += 1;
                        SubmittedEntry {
                            sequence: *sequence,
                            version: 1,
                            coded: vec![1],
                            told: Told::Observation(Observation {
                                at: now,
                                body: body.clone(),
                            }),
                        }
                    })
                    .collect();
                (!entries.is_empty()).then(|| self.submission(lane, entries))
            })
            .collect()
    }

    fn submission(&self, lane: Lane, entries: Vec<SubmittedEntry>) -> Submission {
        Submission {
            agent: self.agent,
            branch_id: self.branch_id,
            epoch: u64::MAX,
            lane,
            received: self.clock.now(),
            ahead_ms: 0,
            entries,
        }
    }

    pub(crate) async fn take(&mut self, submissions: &[Submission]) -> Vec<Outcome> {
        self.assessor
            .take(&submissions.iter().collect::<Vec<_>>())
            .await
            .unwrap()
    }

    pub(crate) async fn tell(&mut self, bodies: Vec<Body>) {
        let reports = self.report(&bodies);
        self.take(&reports).await;
    }

    /// A month of unbroken footage, so that a story's own trouble is the only one.
    pub(crate) async fn settle(&mut self) {
        let mut bodies = past_days(31);
        bodies.push(footage(31));
        self.tell(bodies).await;
    }

    pub(crate) async fn alerts(&self) -> Vec<AlertRow> {
        let wanted = AlertWanted {
            settled: true,
            ..AlertWanted::within(Scope::Everything)
        };
        self.database
            .store
            .read()
            .await
            .unwrap()
            .alert_list(&wanted, PageRows::new(100))
            .await
            .unwrap()
    }

    pub(crate) async fn kinds(&self) -> Vec<(String, String)> {
        let alerts = self.alerts().await;
        alerts
            .into_iter()
            .map(|alert| (alert.kind, alert.state.condition))
            .collect()
    }

    pub(crate) async fn approve(&self, name: &str) {
        let mut tx = self.database.store.begin().await.unwrap();
        let file = tx
            .watched_fetch(self.branch_id, name)
            .await
            .unwrap()
            .unwrap();
        let reading = file.latest_id.unwrap();
        tx.baseline_approve(file.id, reading, "me", 0, "first")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

pub(crate) fn till() -> CameraKey {
    CameraKey {
        recorder: Name::new("nvr").unwrap(),
        camera: Name::new("收银台").unwrap(),
    }
}

/// A slice of today that begins at midnight and ends at a minute, with holes in minutes.
pub(crate) fn slice(until_min: i64, holes_min: &[(i64, i64)]) -> Body {
    let day = UtcDay::of(at("2026-11-23T00:00:00Z"));
    let span = |from: i64, to: i64| {
        Interval::new(day.start() + from * MINUTE_MS, day.start() + to * MINUTE_MS).unwrap()
    };
    Body::Coverage(CoverageSlice {
        camera: till(),
        day,
        measured: span(0, until_min),
        holes: holes_min
            .iter()
            .map(|(from, to)| span(*from, *to))
            .collect(),
    })
}

pub(crate) fn footage(oldest_days: i64) -> Body {
    let now = at("2026-11-23T12:00:00Z");
    Body::Footage(CameraFootage {
        camera: till(),
        oldest: Some(now - oldest_days * DAY_MS),
        newest: Some(now),
        sealed: 10,
        open: 0,
        opaque: 0,
        corrupt: 0,
        bytes: 1_000,
        segment_ms: 300_000,
    })
}

/// Whole days of unbroken footage before today.
pub(crate) fn past_days(days: i32) -> Vec<Body> {
    let today = UtcDay::of(at("2026-11-23T00:00:00Z"));
    (1..=days)
        .map(|back| {
            let day = UtcDay(today.0 - back);
            let measured = day.interval().unwrap();
            Body::Coverage(CoverageSlice {
                camera: till(),
                day,
                measured,
                holes: Vec::new(),
            })
        })
        .collect()
}

pub(crate) fn fault(standing: bool) -> Body {
    Body::Fault(FaultState {
        camera: till(),
        fault: SegmentFault {
            path: "2026-11-23/08/till/00.00.mp4".to_owned(),
            start: at("2026-11-23T08:00:00Z"),
            kind: FaultKind::Truncated,
            detail: "cut".to_owned(),
        },
        standing,
    })
}

pub(crate) fn volume(presence: Presence) -> Body {
    Body::Volume(VolumeState {
        volume: Name::new("footage").unwrap(),
        path: "/srv".to_owned(),
        presence,
        total_bytes: 100,
        free_bytes: 50,
        kind: "ext4".to_owned(),
    })
}

pub(crate) fn config(days: u32) -> Body {
    Body::Watched(WatchedFile {
        name: Name::new("frigate").unwrap(),
        path: "/etc/frigate.yml".to_owned(),
        reading: Reading::Tree {
            canonical: format!(r#"{{"record":{{"retain":{{"days":{days}}}}}}}"#),
            owner: Some("root".to_owned()),
        },
    })
}
