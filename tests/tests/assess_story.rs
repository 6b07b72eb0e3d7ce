//! Reports taken, stored and judged, each story on SQLite and on PostgreSQL.
//!
//! They hand reports to the assessor as the intake does, and look at what people would see.

#![cfg(test)]

/// One branch, and what its agent says.
#[path = "assess_story/health.rs"]
mod health;
#[path = "assess_story/poison.rs"]
mod poison;
#[path = "assess_story/room.rs"]
mod room;

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::FootageVanished;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{HOUR_MS, MINUTE_MS};
use keepwatch_coordinator::assess::{Outcome, SubmittedEntry, Told};
use keepwatch_tests::databases::for_each_database;
use room::{Room, at, config, fault, footage, pair, past_days, slice, till, volume};
use uuid::Uuid;

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
        let reports = room.report(&[slice(700, &[(690, 700)]), volume(Presence::Missing)]);
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
        let mut reports = room.report(&[volume(Presence::Missing)]);
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
