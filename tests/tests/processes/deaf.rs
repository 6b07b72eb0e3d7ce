//! A machine that has no watches left: the agent looks and walks instead, and says so.

use std::time::Duration;

use crate::branch::Branch;
use crate::hq::Hq;
use crate::process::{cannot_be_deaf, until};

/// What takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(1);

async fn story() {
    let hq = Hq::start().await;
    let mut branch = Branch::join(&hq, "SH-001").await;
    branch.record();
    branch.start_deaf();
    until(async || {
        hq.number("SELECT count(*) FROM cameras WHERE sealed = 1")
            .await
            == 1
    })
    .await;
    branch.change_a_file();
    let newest = "SELECT name, canonical FROM watched JOIN readings ON readings.id = latest_id \
                  ORDER BY name";
    until(async || hq.rows::<(String, String)>(newest).await == branch.files()).await;
    until(async || !branch.status()["recorders"][0]["walk"].is_null()).await;
    let status = branch.status();
    assert_eq!(status["recorders"][0]["hears"], false);
    assert_eq!(status["watched"][0]["hears"], false);
    let log = branch.log();
    assert!(
        log.contains("new footage is found by walking only"),
        "{log}"
    );
    assert!(log.contains("changes are found by looking only"), "{log}");
    branch.stop().await;
    // Where there are watches, it hears.
    branch.start();
    until(async || branch.status()["recorders"][0]["hears"] == true).await;
    branch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_without_watches_looks_and_walks_and_says_so() {
    match cannot_be_deaf().await {
        None => tokio::time::timeout(HANGS_AFTER, story()).await.unwrap(),
        Some(refused) => eprintln!("SKIPPED: no user namespace here: {refused}"),
    }
}
