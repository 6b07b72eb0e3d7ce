//! Reports taken, stored and judged, each story on SQLite and on PostgreSQL.
//!
//! They hand reports to the assessor as the intake does, and look at what people would see.

#![cfg(test)]

use std::sync::Arc;

use keepwatch_common::clock::{Clock, ManualClock};
use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, FootageVanished, UtcDay,
};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::model::segment::{FaultKind, SegmentFault};
use keepwatch_common::model::volume::{Presence, VolumeState};
use keepwatch_common::model::watched::{Reading, WatchedFile};
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use keepwatch_coordinator::activator::Activator;
use keepwatch_coordinator::assess::{Assessor, Outcome, Policy, Submission, SubmittedEntry, Told};
use keepwatch_coordinator::domain::packs;
use keepwatch_coordinator::store::agents::NewAgent;
use keepwatch_coordinator::store::alerts::{AlertRow, AlertWanted};
use keepwatch_coordinator::store::branches::NewBranch;
use keepwatch_tests::databases::{Database, for_each_database};
use uuid::Uuid;

/// One branch with one agent, and the assessor in front of it.
struct Room<'a> {
    database: &'a Database,
    assessor: Assessor,
    clock: ManualClock,
    branch_id: i64,
    agent: Uuid,
    sequences: [u64; 3],
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

impl<'a> Room<'a> {
    async fn new(database: &'a Database) -> Self {
        let clock = ManualClock::at(at("2026-11-23T12:00:00Z"));
        let agent = Uuid::from_u128(1);
        let branch_id = Self::enter(database, "0123", agent).await;
        let pack = Arc::new(packs::monitoring_room().unwrap());
        let policy = Policy {
            pack,
            channels: vec!["hook".to_owned()],
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

    async fn enter(database: &Database, code: &str, agent: Uuid) -> i64 {
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

    fn report(&mut self, bodies: Vec<Body>) -> Vec<Submission> {
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

    async fn take(&mut self, submissions: &[Submission]) -> Vec<Outcome> {
        self.assessor
            .take(&submissions.iter().collect::<Vec<_>>())
            .await
            .unwrap()
    }

    async fn tell(&mut self, bodies: Vec<Body>) {
        let reports = self.report(bodies);
        self.take(&reports).await;
    }

    /// A month of unbroken footage, so that a story's own trouble is the only one.
    async fn settle(&mut self) {
        let mut bodies = past_days(31);
        bodies.push(footage(31));
        self.tell(bodies).await;
    }

    async fn alerts(&self) -> Vec<AlertRow> {
        let wanted = AlertWanted {
            settled: true,
            ..AlertWanted::default()
        };
        self.database
            .store
            .read()
            .await
            .unwrap()
            .alert_list(&wanted, 100)
            .await
            .unwrap()
    }

    async fn kinds(&self) -> Vec<(String, String)> {
        let alerts = self.alerts().await;
        alerts
            .into_iter()
            .map(|alert| (alert.kind, alert.state.condition))
            .collect()
    }

    async fn approve(&self, name: &str) {
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

fn till() -> CameraKey {
    CameraKey {
        recorder: Name::new("nvr").unwrap(),
        camera: Name::new("收银台").unwrap(),
    }
}

/// A slice of today that begins at midnight and ends at a minute, with holes in minutes.
fn slice(until_min: i64, holes_min: &[(i64, i64)]) -> Body {
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

fn footage(oldest_days: i64) -> Body {
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
fn past_days(days: i32) -> Vec<Body> {
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

fn fault(standing: bool) -> Body {
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

fn volume(presence: Presence) -> Body {
    Body::Volume(VolumeState {
        volume: Name::new("footage").unwrap(),
        path: "/srv".to_owned(),
        presence,
        total_bytes: 100,
        free_bytes: 50,
        kind: "ext4".to_owned(),
    })
}

fn config(days: u32) -> Body {
    Body::Watched(WatchedFile {
        name: Name::new("frigate").unwrap(),
        path: "/etc/frigate.yml".to_owned(),
        reading: Reading::Tree {
            canonical: format!(r#"{{"record":{{"retain":{{"days":{days}}}}}}}"#),
            owner: Some("root".to_owned()),
        },
    })
}

fn pair(kind: &str, condition: &str) -> (String, String) {
    (kind.to_owned(), condition.to_owned())
}

#[test]
fn a_camera_that_stopped_raises_one_alert_that_grows() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        room.tell(vec![slice(700, &[(690, 700)])]).await;
        assert_eq!(room.kinds().await, [pair("gap", "firing")]);
        room.clock.advance(u64::try_from(2 * MINUTE_MS).unwrap());
        room.tell(vec![slice(702, &[(690, 702)])]).await;
        let alerts = room.alerts().await;
        assert_eq!(alerts.len(), 1, "the same gap, longer");
        assert!(
            alerts[0].subject.ends_with("@2026-11-23T11:30:00Z"),
            "{}",
            alerts[0].subject
        );
        assert_eq!(
            (alerts[0].clause.as_str(), alerts[0].branch.as_str()),
            ("A-02", "0123")
        );
        let holes = database
            .number("SELECT count(*) FROM holes WHERE filled_at_ms = 0")
            .await;
        assert_eq!(holes.unwrap(), 1);
    });
}

#[test]
fn footage_that_arrives_late_closes_the_gap_and_keeps_its_history() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        room.tell(vec![slice(700, &[(690, 700)])]).await;
        room.tell(vec![slice(710, &[])]).await;
        assert_eq!(room.kinds().await, [pair("gap", "recovered")]);
        let filled = database
            .number("SELECT count(*) FROM holes WHERE filled_at_ms > 0")
            .await;
        assert_eq!(filled.unwrap(), 1);
        let open = database
            .number("SELECT count(*) FROM findings WHERE closed_at_ms IS NULL")
            .await;
        assert_eq!(open.unwrap(), 0);
    });
}

#[test]
fn the_same_report_twice_changes_nothing() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        let reports = room.report(vec![slice(700, &[(690, 700)]), volume(Presence::Missing)]);
        let first = room.take(&reports).await;
        let told = database
            .number("SELECT count(*) FROM outbox")
            .await
            .unwrap();
        let second = room.take(&reports).await;
        assert_eq!(first, second);
        assert_eq!(
            database
                .number("SELECT count(*) FROM outbox")
                .await
                .unwrap(),
            told
        );
        assert_eq!(room.alerts().await.len(), 2);
    });
}

#[test]
fn less_than_thirty_days_is_retention_short_and_thirty_are_not() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let mut bodies = past_days(31);
        bodies.extend([slice(720, &[]), footage(31)]);
        room.tell(bodies).await;
        assert_eq!(room.kinds().await, []);
        room.tell(vec![footage(12)]).await;
        assert_eq!(room.kinds().await, [pair("retention_short", "firing")]);
    });
}

#[test]
fn a_fault_raises_an_alert_that_ends_with_it() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        room.tell(vec![slice(720, &[]), fault(true)]).await;
        let kinds = room.kinds().await;
        assert_eq!(kinds.len(), 1);
        assert_eq!(kinds[0].0, "segment_fault");
        room.tell(vec![fault(false)]).await;
        assert_eq!(room.kinds().await, [pair("segment_fault", "recovered")]);
    });
}

#[test]
fn a_missing_volume_is_told_and_its_return_too() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.tell(vec![volume(Presence::Missing)]).await;
        assert_eq!(room.kinds().await, [pair("volume_missing", "firing")]);
        room.tell(vec![volume(Presence::Present)]).await;
        assert_eq!(room.kinds().await, [pair("volume_missing", "recovered")]);
        let notices = database
            .number("SELECT count(*) FROM outbox WHERE channel = 'hook'")
            .await;
        assert_eq!(notices.unwrap(), 2);
    });
}

#[test]
fn a_change_after_approval_is_drift_and_going_back_ends_it() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.tell(vec![config(30)]).await;
        assert_eq!(
            room.kinds().await,
            [],
            "nothing is approved, so nothing drifts"
        );
        room.approve("frigate").await;
        room.tell(vec![config(7)]).await;
        let alerts = room.alerts().await;
        assert_eq!(alerts.len(), 1);
        assert_eq!(
            (alerts[0].kind.as_str(), alerts[0].clause.as_str()),
            ("config_drift", "A-12")
        );
        assert!(
            alerts[0].evidence.contains("record.retain.days"),
            "{}",
            alerts[0].evidence
        );
        room.tell(vec![config(30)]).await;
        assert_eq!(room.kinds().await, [pair("config_drift", "recovered")]);
    });
}

#[test]
fn footage_that_vanished_inside_the_window_is_told() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let mut bodies = past_days(31);
        bodies.extend([slice(720, &[]), footage(31)]);
        room.tell(bodies).await;
        let gone = at("2026-11-20T06:00:00Z");
        room.tell(vec![Body::Vanished(FootageVanished {
            camera: till(),
            spans: vec![Interval::new(gone, gone + HOUR_MS).unwrap()],
            files: 12,
        })])
        .await;
        let kinds: Vec<_> = room
            .kinds()
            .await
            .into_iter()
            .map(|(kind, _)| kind)
            .collect();
        assert!(kinds.contains(&"footage_vanished".to_owned()), "{kinds:?}");
        assert!(
            !kinds.contains(&"gap".to_owned()),
            "it was recorded: {kinds:?}"
        );
    });
}

#[test]
fn what_cannot_be_read_is_kept_and_refused_and_the_rest_is_judged() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let mut reports = room.report(vec![volume(Presence::Missing)]);
        reports[0].entries.insert(
            0,
            SubmittedEntry {
                sequence: 1,
                version: 9,
                coded: vec![0xff, 0x00],
                told: Told::Unreadable("version 9".to_owned()),
            },
        );
        reports[0].entries[1].sequence = 2;
        let outcomes = room.take(&reports).await;
        assert_eq!(
            outcomes,
            [Outcome {
                through: 2,
                refused: vec![1]
            }]
        );
        assert_eq!(room.kinds().await, [pair("volume_missing", "firing")]);
        let kept = database
            .number("SELECT count(*) FROM evidence WHERE verdict = 'error'")
            .await;
        assert_eq!(kept.unwrap(), 1);
    });
}

#[test]
fn two_cameras_of_one_name_in_two_branches_are_two() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        room.tell(vec![slice(700, &[(690, 700)])]).await;
        room.agent = Uuid::from_u128(2);
        room.branch_id = Room::enter(database, "0124", room.agent).await;
        room.sequences = [0; 3];
        room.settle().await;
        room.tell(vec![slice(700, &[(695, 700)])]).await;
        let alerts = room.alerts().await;
        let branches: Vec<_> = alerts.iter().map(|alert| alert.branch.as_str()).collect();
        assert_eq!(branches, ["0124", "0123"]);
        assert_eq!(
            database
                .number("SELECT count(*) FROM cameras")
                .await
                .unwrap(),
            2
        );
    });
}

#[test]
fn a_recorder_belongs_to_the_agent_that_named_it_first() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        room.tell(vec![slice(700, &[])]).await;
        room.agent = Uuid::from_u128(2);
        Room::enter(database, "0123", room.agent).await;
        room.sequences = [0; 3];
        room.tell(vec![slice(710, &[(660, 710)])]).await;
        assert_eq!(
            room.kinds().await,
            [],
            "a second agent's word on it does not count"
        );
    });
}

#[test]
fn days_are_rolled_up_in_the_branchs_own_time() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        room.settle().await;
        room.tell(vec![slice(700, &[(690, 700)])]).await;
        // 11:30–11:40 UTC is 19:30–19:40 in Shanghai, on the 23rd.
        let missing = database
            .number("SELECT missing_ms FROM rollups WHERE day = 20261123")
            .await
            .unwrap();
        assert_eq!(missing, 10 * MINUTE_MS);
    });
}
