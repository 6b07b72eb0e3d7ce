//! What time alone brings about.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{CoverageSlice, FootageVanished, UtcDay};
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

use crate::agent::Agent;
use crate::hq::{Hq, on_each_database};
use crate::told::{back, camera, coverage, footage, volume, watched};

/// Whole days of a camera without a hole, so many before today.
fn days(name: &str, now: Instant, count: i64) -> Vec<Body> {
    let today = UtcDay::of(now).start();
    let slice = |back: i64| {
        let day = UtcDay::of(today - back * DAY_MS);
        Body::Coverage(CoverageSlice {
            camera: camera(name),
            day,
            measured: day.interval().unwrap(),
            holes: vec![],
        })
    };
    (1..=count).map(slice).collect()
}

/// A camera with 31 days of unbroken footage up to now.
async fn healthy(hq: &Hq) -> Agent {
    let mut agent = Agent::of(hq, "SH-001").await;
    let now = hq.now();
    let mut told = days("door", now, 31);
    told.push(coverage("door", now, vec![]));
    told.push(footage("door", now - 31 * DAY_MS, now));
    agent.tell(hq, told).await;
    agent
}

/// Whether an alert of a kind is in a condition.
async fn stands(hq: &Hq, kind: &str, condition: &str) -> bool {
    let words = hq.alert_words().await;
    words
        .iter()
        .any(|(of, is, _)| of == kind && is == condition)
}

#[test]
fn a_camera_that_keeps_enough_raises_nothing_however_often_it_is_judged() {
    on_each_database(async |hq: &mut Hq| {
        healthy(hq).await;
        assert_eq!(hq.alerts().await, []);
        hq.clock.advance(60 * 60_000);
        hq.run("ageing").await;
        assert_eq!(hq.alerts().await, []);
    });
}

#[test]
fn a_deletion_that_would_be_old_enough_by_now_is_over_without_a_report() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = healthy(hq).await;
        let now = hq.now();
        // Deleted by hand, 40 hours ago, and the agent says so.
        let gone = Interval::new(now - 45 * HOUR_MS, now - 40 * HOUR_MS).unwrap();
        let vanished = FootageVanished {
            camera: camera("door"),
            spans: vec![gone],
            files: 300,
        };
        agent.tell(hq, vec![Body::Vanished(vanished)]).await;
        assert!(stands(hq, "footage_vanished", "firing").await);
        // A month later it would have been old enough to go anyway.
        hq.clock.advance(u64::try_from(31 * DAY_MS).unwrap());
        hq.run("ageing").await;
        assert!(stands(hq, "footage_vanished", "recovered").await);
    });
}

#[test]
fn a_gap_further_back_than_footage_is_kept_is_closed_without_a_word() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let now = hq.now();
        agent
            .tell(hq, vec![coverage("door", now, vec![back(now, 90, 60)])])
            .await;
        assert_eq!(hq.count("findings WHERE closed_at_ms IS NULL").await, 1);
        hq.clock.advance(u64::try_from(32 * DAY_MS).unwrap());
        hq.run("ageing").await;
        assert_eq!(hq.count("findings WHERE closed_at_ms IS NULL").await, 1);
        hq.clock.advance(u64::try_from(2 * DAY_MS).unwrap());
        hq.run("ageing").await;
        assert_eq!(hq.count("findings WHERE closed_why = 'outlived'").await, 1);
        assert_eq!(hq.notifications().await, []);
    });
}

#[test]
fn a_snoozed_alert_that_still_stands_is_told_again_when_its_time_is_over() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.tell(hq, vec![volume(Presence::Missing)]).await;
        hq.notifications_are(|rows| rows[0].state == "sent").await;
        let until = hq.now().ms() + HOUR_MS;
        let snooze = format!(
            "UPDATE alerts SET handling = 'snoozed', handled_by = 'wang', snoozed_until_ms = {until}"
        );
        hq.tamper(&snooze, &snooze).await;
        hq.clock.advance(59 * 60_000);
        hq.run("waiting").await;
        assert_eq!(hq.alert_words().await[0].2, "snoozed");
        hq.clock.advance(60_000);
        hq.run("waiting").await;
        assert_eq!(hq.alert_words().await[0].2, "new");
        assert_eq!(hq.receiver.received_at_least(2).await.len(), 2);
    });
}

#[test]
fn what_is_old_enough_is_cleared_away_and_what_is_not_stays() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.tell(hq, vec![watched("{}")]).await;
        agent.tell(hq, vec![volume(Presence::Missing)]).await;
        hq.notifications_are(|rows| rows.iter().all(|row| row.state == "sent"))
            .await;
        hq.clock.advance(u64::try_from(91 * DAY_MS).unwrap());
        let mut young = Agent::of(hq, "SH-002").await;
        young.tell(hq, vec![watched("{}")]).await;
        hq.run("clearing").await;
        assert_eq!(hq.count("outbox").await, 0);
        assert_eq!(hq.count("tokens").await, 1);
        assert_eq!(hq.count("evidence").await, 2);
        hq.clock.advance(u64::try_from(310 * DAY_MS).unwrap());
        hq.run("clearing").await;
        assert_eq!(hq.count("evidence").await, 1);
        assert_eq!(hq.alerts().await.len(), 1);
    });
}

#[test]
fn the_coordinator_renews_what_it_shows_before_it_ends() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        let first = hq.services().certificate.not_after();
        hq.clock.advance(u64::try_from(16 * DAY_MS).unwrap());
        hq.run("certificate").await;
        assert!(hq.services().certificate.not_after() > first);
        agent.connect(hq).await.leave();
    });
}
