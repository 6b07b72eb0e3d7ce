//! More than fits, and everything over again.

use keepwatch_agent::spool::Limits;
use keepwatch_common::model::observation::{Body, Lane};

use crate::coordinator::{Coordinator, Manner};
use crate::tongue::{Agent, Stands, drift, footage, restarts};
use crate::world::{Branch, Headquarters, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_had_to_be_dropped_is_told_as_lost() {
    let hq = Headquarters::new();
    let mut coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    coordinator.leave().await;
    let narrow = Limits {
        evidence_bytes_max: 20_000,
        disk_free_bytes_min: 0,
        ..Limits::default()
    };
    let agent = Agent::start_with(&branch, now(), narrow).await;
    agent.tell(restarts(0..1_000)).await;
    agent.tell(drift(0..5)).await;
    agent.keeps(Lane::Urgent, 5).await;
    agent.stop().await;
    coordinator.come_back(&hq);
    // What was dropped is told at the start at the latest.
    let agent = Agent::start_with(&branch, now(), narrow).await;
    coordinator
        .hears(|heard| {
            let lost: u64 = heard.bodies().map(lost).sum();
            let arrived = u64::try_from(heard.count(Lane::Routine)).unwrap();
            lost > 0 && lost + arrived == 1_000
        })
        .await;
    assert!(coordinator.heard().has_drift(&[0, 1, 2, 3, 4]));
    agent.stop().await;
}

fn lost(body: &Body) -> u64 {
    match body {
        Body::Lost(lost) if lost.lane == Lane::Routine => lost.count,
        _ => 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_is_told_again_when_the_coordinator_wants_it() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let agent = Agent::start(&branch).await;
    agent.tell(footage(0..30)).await;
    agent.stands(Stands::all_acked).await;
    coordinator.set(Manner::WantsStateAgain);
    coordinator
        .hears(|heard| heard.count(Lane::State) == 60)
        .await;
    agent.stands(Stands::all_acked).await;
    agent.stop().await;
}
