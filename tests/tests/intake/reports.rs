//! From a report to what people hear.

use keepwatch_common::model::volume::Presence;

use crate::agent::{Agent, Stored};
use crate::hq::{Hq, SECRET, on_each_database};
use crate::told::{back, coverage, volume};

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
