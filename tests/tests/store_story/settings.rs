//! What several stories need before they begin: a time, a branch, an agent.

use keepwatch_common::time::Instant;
use keepwatch_coordinator::store::Store;
use keepwatch_coordinator::store::agents::NewAgent;
use keepwatch_coordinator::store::branches::NewBranch;
use uuid::Uuid;

/// So many seconds into the story.
pub(crate) fn at(seconds: i64) -> Instant {
    Instant::from_s(1_795_420_800 + seconds)
}

/// A branch with this code.
pub(crate) fn branch(code: &str) -> NewBranch<'_> {
    NewBranch {
        region_id: None,
        code,
        name: "南京西路店",
        time_zone: "Asia/Shanghai",
        created_at: at(0),
    }
}

/// The id of the agent of a number.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// An agent whose id and key are made of one number.
pub(crate) fn agent(number: u8, branch_id: i64) -> NewAgent<'static> {
    NewAgent {
        id: id(number.into()),
        branch_id,
        key_fingerprint: [number; 32],
        host: "till-2",
        version: "0.1.0",
        joined_at: at(0),
        certificate_ends: at(86_400),
    }
}

/// Adds a branch and some agents, numbered from 1.
pub(crate) async fn with_agents(store: &Store, agents: u8) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let branch_id = tx.branch_insert(&branch("SH-001")).await.unwrap();
    for number in 1..=agents {
        tx.agent_insert(&agent(number, branch_id)).await.unwrap();
    }
    tx.commit().await.unwrap();
    branch_id
}
