//! What is told arrives, once each and in order, whatever happens on the way.

use keepwatch_common::model::address::Address;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::DAY_MS;

use crate::coordinator::{Coordinator, Manner};
use crate::tongue::{Agent, Stands, drift, restarts};
use crate::world::{Branch, Headquarters, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_arrives_and_leaves_the_spool() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..3)).await;
    agent.tell(restarts(0..40)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 3 && heard.count(Lane::Routine) == 40)
        .await;
    agent.stands(Stands::all_acked).await;
    coordinator.heard().assert_in_order_and_once();
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_while_the_coordinator_was_away_arrives_once() {
    let hq = Headquarters::new();
    let mut coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..2)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 2)
        .await;
    coordinator.leave().await;
    agent.tell(drift(2..9)).await;
    agent.tell(restarts(0..1_200)).await;
    coordinator.come_back(&hq);
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 9 && heard.count(Lane::Routine) == 1_200)
        .await;
    agent.stands(Stands::all_acked).await;
    coordinator.heard().assert_in_order_and_once();
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_drift_overtakes_a_backlog() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    coordinator.set(Manner::KeepsAcksBack);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    // More than a lane may have on its way, so that some of it is still in the spool.
    agent.tell(restarts(0..6_000)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Routine) > 0)
        .await;
    agent.tell(drift(0..1)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 1)
        .await;
    assert!(coordinator.heard().count(Lane::Routine) < 6_000);
    coordinator.set(Manner::Proper);
    coordinator
        .hears(|heard| heard.count(Lane::Routine) == 6_000)
        .await;
    coordinator.heard().assert_in_order_and_once();
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_died_before_the_ack_sends_nothing_twice() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    coordinator.set(Manner::KeepsAcksBack);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..5)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 5)
        .await;
    agent.kill().await;
    coordinator.set(Manner::Proper);
    let agent = Agent::start(&branch).await;
    agent.tell(drift(5..7)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 7)
        .await;
    agent.stands(Stands::all_acked).await;
    coordinator.heard().assert_in_order_and_once();
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_before_a_kill_arrives_after_the_restart() {
    let hq = Headquarters::new();
    let mut coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    coordinator.leave().await;
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..5)).await;
    agent.keeps(Lane::Urgent, 5).await;
    agent.kill().await;
    coordinator.come_back(&hq);
    let agent = Agent::start(&branch).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 5)
        .await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_a_day_off_connects_and_the_offset_is_told() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    for (index, ahead_ms) in [DAY_MS, -DAY_MS].into_iter().enumerate() {
        let branch = Branch::enrolled(&hq, coordinator.address());
        let agent = Agent::start_at(&branch, now() + ahead_ms).await;
        agent.tell(drift(0..1)).await;
        coordinator
            .hears(|heard| heard.count(Lane::Urgent) == index + 1)
            .await;
        let told_ms = coordinator.heard().offset_ms.unwrap();
        assert!((told_ms - ahead_ms).abs() < 60_000, "{told_ms}");
        agent.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_says_goodbye_is_found_again() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    agent
        .stands(|standing| standing.0.connected.is_some())
        .await;
    coordinator.hang_up();
    coordinator.hears(|heard| heard.connections == 2).await;
    agent.tell(drift(0..1)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 1)
        .await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_coordinator_is_tried_when_the_first_is_not_to_be_had() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let nobody = Address::new("nobody.invalid", 7443).unwrap();
    let second = Address::new("127.0.0.1", coordinator.address().port()).unwrap();
    let branch = Branch::enrolled_with(&hq, vec![nobody, second]);
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..1)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 1)
        .await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_from_a_coordinator_costs_a_connection_and_nothing_else() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    for (index, nonsense) in [
        Manner::SendsGarbageOnce,
        Manner::AcksWhatWasNeverSentOnce,
        Manner::WelcomesTwiceOnce,
    ]
    .into_iter()
    .enumerate()
    {
        let before = coordinator.heard().connections;
        coordinator.set(nonsense);
        let branch = Branch::enrolled(&hq, coordinator.address());
        let agent = Agent::start(&branch).await;
        coordinator
            .hears(|heard| heard.connections == before + 2)
            .await;
        agent.tell(drift(0..4)).await;
        coordinator
            .hears(|heard| heard.count(Lane::Urgent) == 4 * (index + 1))
            .await;
        agent.stop().await;
    }
    coordinator.heard().assert_in_order_and_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spool_put_back_from_a_copy_tells_everything_under_a_new_epoch() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..1)).await;
    agent.stands(Stands::all_acked).await;
    agent.stop().await;
    let copy = branch.copy_of_spool();
    let agent = Agent::start(&branch).await;
    agent.tell(drift(1..6)).await;
    agent.stands(Stands::all_acked).await;
    agent.stop().await;
    branch.put_back(&copy);
    let agent = Agent::start(&branch).await;
    agent.tell(drift(6..8)).await;
    coordinator
        .hears(|heard| heard.epochs() == 2 && heard.has_drift(&[6, 7]))
        .await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_agent_says_so_and_keeps_what_it_has() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    hq.admitted
        .revoke(&branch.home.current().unwrap().unwrap().key().fingerprint());
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..2)).await;
    agent.keeps(Lane::Urgent, 2).await;
    let said = agent.stands(|standing| standing.0.away.is_some()).await;
    assert!(said.0.away.unwrap().contains("revoked"));
    agent.stop().await;
}
