//! An agent that is shut out while it runs, and tries to come back.

use std::time::Duration;

use crate::branch::Branch;
use crate::hq::Hq;
use crate::process::until;

/// What takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(1);

async fn story() {
    let hq = Hq::start().await;
    let mut branch = Branch::join(&hq, "SH-001").await;
    branch.start();
    let connected = "SELECT count(*) FROM agents WHERE connected_since_ms IS NOT NULL";
    until(async || hq.number(connected).await == 1 && branch.says_all_is_acked()).await;
    let readings = hq.number("SELECT count(*) FROM readings").await;
    let agents = hq.ask(&["agent", "list"]).await;
    let id = agents["items"][0]["id"].as_str().unwrap();
    hq.ask(&["agent", "revoke", id, "--reason", "stolen"]).await;
    until(async || branch.log().contains("revoked")).await;
    until(async || hq.number(connected).await == 0).await;
    // It goes on measuring, and a new process is no more welcome than the old one.
    branch.change_a_file();
    branch.die().await;
    let said = branch.log().matches("revoked").count();
    branch.start();
    until(async || branch.log().matches("revoked").count() > said).await;
    branch.change_a_file();
    until(async || branch.log().matches("a watched file is told").count() > 8).await;
    assert_eq!(hq.number("SELECT count(*) FROM readings").await, readings);
    branch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_shut_out_is_gone_and_stays_out() {
    tokio::time::timeout(HANGS_AFTER, story()).await.unwrap();
}
