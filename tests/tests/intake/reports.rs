//! From a report to what people hear.

use keepwatch_common::model::observation::Lane;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::DAY_MS;
use keepwatch_common::wire::agent_session::Ending;
use serde_json::json;

use crate::agent::{Agent, Stored};
use crate::hq::{Hq, SECRET, on_each_database};
use crate::told::{back, coverage, fault, volume, volume_named, watched};

#[test]
fn a_gap_is_stored_judged_and_told() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let now = hq.now();
        let gap = coverage("door", now, vec![back(now, 90, 0)]);
        let stored = agent.tell(hq, vec![gap]).await;
        let expected = Stored {
            through: 1,
            refused: vec![],
        };
        assert_eq!(stored, expected);
        let alerts = hq.alerts().await;
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].kind, "gap");
        assert_eq!(alerts[0].branch, "SH-001");
        assert_eq!(alerts[0].subject, "nvr/door@2026-11-23T06:30:00Z");
        let told = hq.receiver.received_at_least(1).await;
        let body: serde_json::Value = serde_json::from_str(&told[0].body).unwrap();
        assert_eq!(body["kind"], "gap");
        assert_eq!(body["branch"]["code"], "SH-001");
        let link = format!("https://{}/alerts/1", hq.services().addresses.web);
        assert_eq!(body["link"], link);
    });
}

#[test]
fn a_notification_is_signed_and_arrives_once() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.tell(hq, vec![volume(Presence::Missing)]).await;
        let told = hq.receiver.received_at_least(1).await;
        assert!(told[0].is_signed_with(SECRET));
        assert_eq!(told[0].line, "POST /hook HTTP/1.1");
        assert_eq!(told[0].header("content-type"), "application/json");
        assert!(told[0].header("user-agent").starts_with("keepwatch/"));
        let rows = hq
            .notifications_are(|rows| rows.iter().all(|row| row.state == "sent"))
            .await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].key, told[0].header("keepwatch-key"));
        assert_eq!(rows[0].answer.as_deref(), Some("200: thank you"));
        assert_eq!(hq.receiver.received().len(), 1);
    });
}

#[test]
fn the_same_report_twice_changes_nothing() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let (lane, report) = agent.report_of(vec![watched(r#"{"record":true}"#)]);
        let mut link = agent.connect(hq).await;
        let first = link.tell(lane, &report).await;
        link.leave();
        // It never heard the ack, and tells again.
        let mut link = agent.connect(hq).await;
        let second = link.tell(lane, &report).await;
        link.leave();
        assert_eq!(first, second);
        assert_eq!(hq.count("readings").await, 1);
        assert_eq!(hq.count("evidence").await, 1);
    });
}

#[test]
fn a_changed_file_is_told_with_what_changed() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.tell(hq, vec![watched(r#"{"retain":30}"#)]).await;
        assert_eq!(hq.alerts().await.len(), 0);
        hq.approve_all().await;
        agent.tell(hq, vec![watched(r#"{"retain":3}"#)]).await;
        let told = hq.receiver.received_at_least(1).await;
        let body: serde_json::Value = serde_json::from_str(&told[0].body).unwrap();
        assert_eq!(body["kind"], "config_drift");
        let change = &body["evidence"]["shown"][0];
        assert_eq!(
            (&change["before"], &change["after"]),
            (&json!("30"), &json!("3"))
        );
    });
}

/// As many as no statement is made for, so that some of its places stay empty.
#[test]
fn all_readings_of_one_report_are_kept_and_the_last_one_stands() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let told = [30, 3, 7].map(|days| watched(&format!("{{\"retain\":{days}}}")));
        let stored = agent.tell(hq, told.to_vec()).await;
        assert!(stored.refused.is_empty());
        assert_eq!(hq.count("readings").await, 3);
        let newest = "watched JOIN readings ON readings.id = watched.latest_id
                      WHERE canonical LIKE '%7%'";
        assert_eq!(hq.count(newest).await, 1);
    });
}

#[test]
fn a_file_that_was_changed_back_recovers_and_waits_for_a_person() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.tell(hq, vec![watched(r#"{"retain":30}"#)]).await;
        hq.approve_all().await;
        agent.tell(hq, vec![watched(r#"{"retain":3}"#)]).await;
        agent.tell(hq, vec![watched(r#"{"retain":30}"#)]).await;
        let words = hq.alert_words().await;
        assert_eq!(words[0].1, "recovered");
        assert_eq!(words[0].2, "new");
    });
}

#[test]
fn a_damaged_file_is_told_though_it_is_from_before_anybody_watched() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let old = hq.now() - 20 * DAY_MS;
        agent.tell(hq, vec![fault("door", "old.mp4", old)]).await;
        let told = hq.receiver.received_at_least(1).await;
        let body: serde_json::Value = serde_json::from_str(&told[0].body).unwrap();
        assert_eq!(body["kind"], "segment_fault");
    });
}

#[test]
fn a_gap_from_before_anybody_watched_is_listed_and_not_told() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let now = hq.now();
        let gap = coverage("door", now, vec![back(now, 90, 30)]);
        agent.tell(hq, vec![gap]).await;
        let words = hq.alert_words().await;
        assert_eq!(words.len(), 1);
        assert_eq!(words[0].1, "recovered");
        assert_eq!(words[0].2, "new");
        assert_eq!(hq.notifications().await, []);
    });
}

/// The database refuses one report for good; whoever shares its transaction is not held up.
#[test]
fn a_report_that_cannot_be_judged_is_refused_and_spoils_no_other() {
    on_each_database(async |hq: &mut Hq| {
        hq.tamper(
            "CREATE TRIGGER poison BEFORE INSERT ON volumes WHEN NEW.name = 'poison'
             BEGIN SELECT RAISE(ABORT, 'poison'); END",
            "ALTER TABLE volumes ADD CHECK (name <> 'poison')",
        )
        .await;
        let mut bad = Agent::of(hq, "SH-001").await;
        let mut good = Agent::of(hq, "SH-002").await;
        let (lane, poison) = bad.report_of(vec![volume_named("poison", Presence::Missing)]);
        let (_, fine) = good.report_of(vec![volume(Presence::Missing)]);
        let (mut of_bad, mut of_good) = (bad.connect(hq).await, good.connect(hq).await);
        of_bad.send(lane, &poison).await;
        of_good.send(lane, &fine).await;
        let refused = of_bad.stored(lane, &poison).await;
        assert_eq!(refused.refused, [1]);
        let stored = of_good.stored(lane, &fine).await;
        assert!(stored.refused.is_empty());
        assert_eq!(hq.count("evidence WHERE verdict = 'error'").await, 1);
        let alerts = hq.alerts().await;
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].branch, "SH-002");
        of_bad.leave();
        of_good.leave();
    });
}

#[test]
fn an_agent_whose_report_was_refused_goes_on() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let mut link = agent.connect(hq).await;
        let lane = Lane::State;
        let garbage = agent.report_coded(lane, vec![b"no observation".to_vec()]);
        assert_eq!(link.tell(lane, &garbage).await.refused, [1]);
        let (_, report) = agent.report_of(vec![volume(Presence::Missing)]);
        assert!(link.tell(lane, &report).await.refused.is_empty());
        assert_eq!(hq.alerts().await.len(), 1);
        link.leave();
    });
}

/// A sequence that no database keeps: it can be neither judged nor kept.
#[test]
fn a_report_that_cannot_even_be_kept_holds_up_nobody_else() {
    on_each_database(async |hq: &mut Hq| {
        let mut bad = Agent::of(hq, "SH-001").await;
        let mut good = Agent::of(hq, "SH-002").await;
        let (lane, mut endless) = bad.report_of(vec![volume(Presence::Missing)]);
        endless.observations[0].sequence = u64::MAX;
        let mut of_bad = bad.connect(hq).await;
        of_bad.send(lane, &endless).await;
        let stored = good.tell(hq, vec![volume(Presence::Missing)]).await;
        assert!(stored.refused.is_empty());
        of_bad.leave();
    });
}

#[test]
fn a_coordinator_that_restarts_keeps_everything() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let (lane, report) = agent.report_of(vec![volume(Presence::Missing)]);
        let mut link = agent.connect(hq).await;
        link.tell(lane, &report).await;
        let authority = hq.services().authority.fingerprint();
        hq.restart().await;
        assert_eq!(hq.services().authority.fingerprint(), authority);
        assert_eq!(hq.alerts().await.len(), 1);
        // The agent is known, and so is what it told.
        let mut link = agent.connect(hq).await;
        assert_eq!(link.tell(lane, &report).await.through, 1);
        assert_eq!(hq.count("findings").await, 1);
        link.leave();
    });
}

#[test]
fn a_coordinator_that_stops_says_goodbye() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        let mut link = agent.connect(hq).await;
        let (ending, ()) = tokio::join!(link.goodbye(), hq.stop());
        assert!(
            matches!(ending, Ending::Goodbye { reason: 0, .. }),
            "{ending:?}"
        );
    });
}
