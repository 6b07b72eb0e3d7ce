//! Renewal on a running uplink: the new certificate takes over only once the agent was welcomed
//! with it.

use std::sync::Arc;

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::{DAY_MS, Instant};

use crate::coordinator::Coordinator;
use crate::tongue::{Agent, drift};
use crate::world::{Branch, Headquarters, now};

/// When the half life of a certificate is past and its end is not.
fn late() -> Instant {
    now() + 20 * DAY_MS
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_used_once_the_coordinator_welcomed_it() {
    let hq = Headquarters::at(late());
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let old = branch.home.current().unwrap().unwrap().key().fingerprint();
    let admitted = hq.admitted.clone();
    let hq = Arc::new(hq);
    let authority = Arc::clone(&hq);
    coordinator.issue_with(move |request| {
        let issued = authority.issue(&request);
        admitted.admit(issued.key);
        issued.chain.iter().map(|der| der.to_vec()).collect()
    });
    let agent = Agent::start_at(&branch, late()).await;
    coordinator.hears(|heard| heard.connections >= 2).await;
    agent.tell(drift(0..1)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 1)
        .await;
    agent.stop().await;
    let current = branch.home.current().unwrap().unwrap();
    assert_ne!(current.key().fingerprint(), old);
    assert!(branch.home.candidate().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_that_is_refused_is_dropped_and_the_old_one_used() {
    let hq = Headquarters::at(late());
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let old = branch.home.current().unwrap().unwrap().key().fingerprint();
    let hq = Arc::new(hq);
    let authority = Arc::clone(&hq);
    // The key is not admitted, so that the coordinator refuses what it gave out.
    coordinator.issue_with(move |request| {
        let issued = authority.issue(&request);
        issued.chain.iter().map(|der| der.to_vec()).collect()
    });
    let agent = Agent::start_at(&branch, late()).await;
    coordinator.hears(|heard| heard.connections >= 2).await;
    agent.tell(drift(0..1)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 1)
        .await;
    agent.stop().await;
    let current = branch.home.current().unwrap().unwrap();
    assert_eq!(current.key().fingerprint(), old);
    assert!(branch.home.candidate().unwrap().is_none());
}
