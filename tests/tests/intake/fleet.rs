//! Several agents and branches at once, and clocks that are wrong.

use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{DAY_MS, HOUR_MS};

use crate::agent::Agent;
use crate::hq::{Hq, on_each_database};
use crate::told::{back, coverage, volume, volume_named, watched};

#[test]
fn two_agents_of_one_branch_report_at_once() {
    on_each_database(async |hq: &mut Hq| {
        let mut one = Agent::of(hq, "SH-001").await;
        let mut two = Agent::of(hq, "SH-001").await;
        let (lane, first) = one.report_of(vec![volume_named("disk 1", Presence::Missing)]);
        let (_, second) = two.report_of(vec![volume_named("disk 2", Presence::Missing)]);
        let (mut of_one, mut of_two) = (one.connect(hq).await, two.connect(hq).await);
        tokio::join!(of_one.tell(lane, &first), of_two.tell(lane, &second));
        let mut subjects: Vec<_> = hq.alerts().await.into_iter().map(|a| a.subject).collect();
        subjects.sort();
        assert_eq!(subjects, ["disk 1", "disk 2"]);
        of_one.leave();
        of_two.leave();
    });
}

#[test]
fn cameras_of_one_name_in_two_branches_are_two() {
    on_each_database(async |hq: &mut Hq| {
        let (mut here, mut there) = (Agent::of(hq, "SH-001").await, Agent::of(hq, "SH-002").await);
        let now = hq.now();
        here.tell(hq, vec![coverage("door", now, vec![back(now, 90, 0)])])
            .await;
        there.tell(hq, vec![coverage("door", now, vec![])]).await;
        assert_eq!(hq.count("cameras").await, 2);
        let alerts = hq.alerts().await;
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].branch, "SH-001");
    });
}

/// A recorder belongs to the agent that told of it first: another cannot speak for it.
#[test]
fn an_agent_does_not_speak_for_anothers_recorder() {
    on_each_database(async |hq: &mut Hq| {
        let (mut owner, mut other) = (Agent::of(hq, "SH-001").await, Agent::of(hq, "SH-001").await);
        let now = hq.now();
        owner.tell(hq, vec![coverage("door", now, vec![])]).await;
        let lie = coverage("door", now, vec![back(now, 90, 0)]);
        let stored = other.tell(hq, vec![lie]).await;
        assert!(stored.refused.is_empty());
        assert_eq!(hq.alerts().await, []);
        assert_eq!(hq.count("holes").await, 0);
    });
}

#[test]
fn an_agent_whose_clock_is_ahead_is_told_by_ours() {
    on_each_database(async |hq: &mut Hq| {
        for (branch, ahead_ms) in [("SH-001", HOUR_MS), ("SH-002", DAY_MS), ("SH-003", -DAY_MS)] {
            let mut agent = Agent::of(hq, branch).await;
            agent.set_clock(hq.now() + ahead_ms);
            agent.tell(hq, vec![volume(Presence::Missing)]).await;
        }
        let now = hq.now().ms();
        let since: Vec<_> = hq
            .alerts()
            .await
            .iter()
            .map(|a| a.state.since_ms - now)
            .collect();
        assert_eq!(since, [0, 0, 0]);
    });
}

/// What was seen an hour before it was told is dated an hour ago, whatever the agent's clock.
#[test]
fn what_was_seen_earlier_keeps_its_distance() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let theirs = hq.now() + DAY_MS;
        agent.set_clock(theirs);
        let (lane, report) = agent.report_at(theirs - HOUR_MS, vec![volume(Presence::Missing)]);
        let mut link = agent.connect(hq).await;
        link.tell(lane, &report).await;
        let alerts = hq.alerts().await;
        assert_eq!(alerts[0].state.since_ms, (hq.now() - HOUR_MS).ms());
        link.leave();
    });
}

/// Evidence keeps the agent's own time and how far its clock was off.
#[test]
fn evidence_keeps_what_the_agent_said() {
    on_each_database(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        agent.set_clock(hq.now() + HOUR_MS);
        agent.tell(hq, vec![watched("{}")]).await;
        let (at, ahead) = ((hq.now() + HOUR_MS).ms(), HOUR_MS);
        let kept = format!("evidence WHERE at_ms = {at} AND ahead_ms = {ahead}");
        assert_eq!(hq.count(&kept).await, 1);
        let read = format!("readings WHERE at_ms = {}", hq.now().ms());
        assert_eq!(hq.count(&read).await, 1);
    });
}
