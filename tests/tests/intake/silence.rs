//! Agents that are not heard, by a clock that the story turns.

use keepwatch_common::model::volume::Presence;
use keepwatch_coordinator::auth::viewer::Viewer;

use crate::agent::Agent;
use crate::hq::{Hq, on_each_database};
use crate::told::volume;

fn words(words: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let owned = |(kind, condition, handling): &(&str, &str, &str)| {
        (
            (*kind).to_owned(),
            (*condition).to_owned(),
            (*handling).to_owned(),
        )
    };
    words.iter().map(owned).collect()
}

/// Lets so many minutes pass, two at a time, and all that time brings about happen.
async fn pass(hq: &Hq, minutes: u64) {
    for _ in 0..minutes / 2 {
        hq.clock.advance(2 * 60_000);
        hq.run("presence").await;
        hq.run("silence").await;
    }
}

/// An agent that was here and left.
async fn come_and_go(hq: &Hq, agent: &Agent) {
    agent.connect(hq).await.leave();
    hq.only_here(0).await;
}

#[test]
fn an_agent_that_is_not_heard_for_five_minutes_is_silent() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        come_and_go(hq, &agent).await;
        pass(hq, 4).await;
        assert_eq!(hq.alert_words().await, []);
        pass(hq, 2).await;
        let silent = [("agent_silent", "firing", "new")];
        assert_eq!(hq.alert_words().await, words(&silent));
        let told = hq.receiver.received_at_least(1).await;
        let body: serde_json::Value = serde_json::from_str(&told[0].body).unwrap();
        assert_eq!(body["evidence"]["host"], "till-7");
    });
}

#[test]
fn a_connected_agent_is_heard_though_it_says_nothing() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        let _link = agent.connect(hq).await;
        hq.run("presence").await;
        // Nobody was here to write it down as heard.
        hq.clock.advance(60 * 60_000);
        hq.run("silence").await;
        assert_eq!(hq.alert_words().await, []);
    });
}

#[test]
fn what_a_silent_agent_told_is_unknown_until_it_is_heard_again() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.tell(hq, vec![volume(Presence::Missing)]).await;
        hq.only_here(0).await;
        pass(hq, 6).await;
        let unknown = [
            ("volume_missing", "unknown", "new"),
            ("agent_silent", "firing", "new"),
        ];
        assert_eq!(hq.alert_words().await, words(&unknown));
        let link = agent.connect(hq).await;
        hq.run("presence").await;
        hq.run("silence").await;
        let known = [
            ("volume_missing", "firing", "new"),
            ("agent_silent", "recovered", "closed"),
        ];
        assert_eq!(hq.alert_words().await, words(&known));
        link.leave();
    });
}

#[test]
fn what_another_agent_of_the_branch_told_stays_known() {
    on_each_database(async |hq: &mut Hq| {
        let silent = Agent::of(hq, "SH-001").await;
        let mut heard = Agent::of(hq, "SH-001").await;
        come_and_go(hq, &silent).await;
        let (lane, report) = heard.report_of(vec![volume(Presence::Missing)]);
        let mut link = heard.connect(hq).await;
        link.tell(lane, &report).await;
        pass(hq, 6).await;
        let expected = [
            ("volume_missing", "firing", "new"),
            ("agent_silent", "firing", "new"),
        ];
        assert_eq!(hq.alert_words().await, words(&expected));
        link.leave();
    });
}

#[test]
fn a_revoked_agent_is_not_silent() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        come_and_go(hq, &agent).await;
        pass(hq, 6).await;
        assert_eq!(hq.alerts().await.len(), 1);
        let roll = &hq.services().roll;
        assert!(
            roll.revoke(agent.identity.agent(), &Viewer::local(), "stolen")
                .await
                .unwrap()
        );
        hq.run("silence").await;
        let over = [("agent_silent", "recovered", "closed")];
        assert_eq!(hq.alert_words().await, words(&over));
    });
}

#[test]
fn a_coordinator_that_was_away_listens_before_it_judges() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        come_and_go(hq, &agent).await;
        hq.run("presence").await;
        hq.stop().await;
        hq.clock.advance(60 * 60_000);
        hq.start().await.unwrap();
        hq.run("silence").await;
        assert_eq!(hq.alert_words().await, []);
        pass(hq, 6).await;
        assert_eq!(hq.alerts().await.len(), 1);
    });
}

#[test]
fn a_silence_is_told_when_it_begins_and_when_it_gets_worse_and_not_in_between() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        come_and_go(hq, &agent).await;
        pass(hq, 260).await;
        let notices: Vec<_> = hq
            .notifications()
            .await
            .into_iter()
            .map(|row| row.key.split('-').nth(3).unwrap().to_owned())
            .collect();
        assert_eq!(notices, ["raised", "worsened"]);
    });
}
