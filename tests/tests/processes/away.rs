//! A coordinator that is gone for a while, and what overtakes what when it is back.

use std::time::Duration;

use crate::branch::Branch;
use crate::hq::Hq;
use crate::numbered;
use crate::process::until;

/// What takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(2);

/// A backlog that takes the coordinator seconds.
const BACKLOG: u64 = 40_000;

/// Approves what was read last of every watched file.
async fn approve(hq: &Hq) {
    let files = hq.ask(&["drift", "list"]).await;
    for file in files["items"].as_array().unwrap() {
        let (branch, name) = (file["branch"].as_str(), file["name"].as_str());
        let reading = file["reading"].to_string();
        let place = [branch.unwrap(), name.unwrap()];
        let rest = ["--reading", &reading, "--reason", "as installed"];
        hq.ask(&[&["drift", "approve"][..], &place, &rest].concat())
            .await;
    }
}

/// How much of the backlog is stored.
async fn delivered(hq: &Hq) -> u64 {
    let statement = "SELECT coalesce(max(through), 0) FROM lanes WHERE lane = 2";
    u64::try_from(hq.number(statement).await).unwrap()
}

async fn told_of_drift(hq: &Hq, count: usize) {
    let told = hq.receiver.received_at_least(count).await;
    assert!(told[count - 1].body.contains("config_drift"));
}

/// A branch whose files are as they should be.
async fn approved_branch(hq: &Hq) -> Branch {
    let mut branch = Branch::join(hq, "SH-001").await;
    branch.start();
    until(async || {
        let readings = "SELECT count(*) FROM watched WHERE latest_id IS NOT NULL";
        hq.number(readings).await == i64::try_from(branch.files().len()).unwrap()
    })
    .await;
    approve(hq).await;
    branch
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_while_the_coordinator_was_gone_is_told_when_it_is_back() {
    let story = async {
        let mut hq = Hq::start().await;
        let mut branch = approved_branch(&hq).await;
        hq.leave().await;
        branch.change_a_file();
        until(async || {
            branch.log().matches("a watched file is told").count() > branch.files().len()
        })
        .await;
        // The agent may even have been restarted meanwhile.
        branch.die().await;
        branch.start();
        hq.come_back().await;
        told_of_drift(&hq, 1).await;
        assert_eq!(hq.alerts("firing").await, ["config_drift"]);
        branch.stop().await;
    };
    tokio::time::timeout(HANGS_AFTER, story).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_drift_is_heard_of_before_a_backlog_is_through() {
    let story = async {
        let hq = Hq::start().await;
        let mut branch = approved_branch(&hq).await;
        branch.stop().await;
        numbered::put(&branch.state(), 0..BACKLOG).await;
        branch.start();
        until(async || delivered(&hq).await > 1_000).await;
        branch.change_a_file();
        told_of_drift(&hq, 1).await;
        let before = delivered(&hq).await;
        assert!(before < BACKLOG, "it waited for {before}");
        until(async || delivered(&hq).await >= BACKLOG).await;
        branch.stop().await;
    };
    tokio::time::timeout(HANGS_AFTER, story).await.unwrap();
}
