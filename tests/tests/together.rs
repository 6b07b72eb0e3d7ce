//! The real agent and the real coordinator: a branch joins, and what changes there is in the store.

#![expect(
    clippy::unwrap_used,
    reason = "whatever cannot be set up fails the test that asked for it"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_agent::join::{Enrolled, enrol};
use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::join::JoinString;
use keepwatch_coordinator::app::{Services, start};
use keepwatch_coordinator::authority::token;
use keepwatch_coordinator::store::branches::NewBranch;
use keepwatch_coordinator::store::digest::SecretHash;
use keepwatch_coordinator::store::tokens::NewToken;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Nothing here takes seconds; what takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(1);

/// A coordinator's configuration on this machine.
fn coordinator_config(state: &Path) -> keepwatch_coordinator::config::Config {
    let text = format!(
        "state = \"{}\"\nnames = [\"127.0.0.1\"]\n[listen]\nagents = \"127.0.0.1:0\"\n\
         join = \"127.0.0.1:0\"\nweb = \"127.0.0.1:0\"\n",
        state.display()
    );
    keepwatch_coordinator::config::Config::parse(Path::new("coordinator.toml"), &text).unwrap()
}

/// An agent's configuration that watches one file.
fn agent_config(state: &Path, file: &Path) -> keepwatch_agent::config::Config {
    let text = format!(
        "state = \"{}\"\nspool = {{ free_floor_megabytes = 0 }}\n\
         [[watch]]\nname = \"nvr\"\npath = \"{}\"\n",
        state.display(),
        file.display()
    );
    keepwatch_agent::config::Config::parse(Path::new("agent.toml"), &text).unwrap()
}

/// Enters a branch and what lets one agent join it.
async fn branch(services: &Services, clock: &dyn Clock) -> (i64, JoinString) {
    let secret = token::mint(services.randomness.as_ref());
    let mut tx = services.store.begin().await.unwrap();
    let branch = NewBranch {
        region_id: None,
        code: "SH-017",
        name: "南京东路店",
        time_zone: "Asia/Shanghai",
        created_at: clock.now(),
    };
    let branch_id = tx.branch_ensure(&branch).await.unwrap();
    tx.token_insert(&NewToken {
        secret_hash: &SecretHash::of(&secret),
        branch_id,
        uses: 1,
        created_by: "wang",
        created_at: clock.now(),
        expires_at: clock.now() + 3_600_000,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (branch_id, services.join_string(secret).unwrap())
}

/// Waits until the newest reading of the branch's one file is this tree.
async fn stores(services: &Services, branch_id: i64, tree: &str) {
    loop {
        let mut reader = services.store.read().await.unwrap();
        let files = reader.watched_list_of_branch(branch_id).await.unwrap();
        if let Some(latest) = files.first().and_then(|file| file.latest_id) {
            let reading = reader.reading_fetch(latest).await.unwrap().unwrap();
            if reading.canonical.as_deref() == Some(tree) {
                return;
            }
        }
        drop(reader);
        // The story's own deadline ends this.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_joins_and_what_changes_there_is_in_the_store() {
    let scratch = TempDir::new().unwrap();
    let file = scratch.path().join("config.yml");
    fs_err::write(&file, "fps: 5").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (stop, leave) = (CancellationToken::new(), CancellationToken::new());
    let config = coordinator_config(&scratch.path().join("hq"));
    let running = start(&config, Arc::clone(&clock), Arc::new(Seeded::new(5)), &stop)
        .await
        .unwrap();
    let services = running.services();
    let (branch_id, join) = branch(services, clock.as_ref()).await;
    let state = scratch.path().join("branch");
    let enrolled = enrol(&state, &join, false, Arc::clone(&clock)).await;
    assert!(matches!(enrolled.unwrap(), Enrolled::Now(_)));
    let config = agent_config(&state, &file);
    let serving = keepwatch_agent::app::serve(config, clock, leave.clone());
    let agent = TaskTracker::new().spawn(serving);
    let story = async {
        stores(services, branch_id, r#"{"fps":5}"#).await;
        fs_err::write(&file, "fps: 6").unwrap();
        stores(services, branch_id, r#"{"fps":6}"#).await;
    };
    tokio::time::timeout(HANGS_AFTER, story).await.unwrap();
    leave.cancel();
    agent.await.unwrap().unwrap();
    stop.cancel();
    running.ended().await.unwrap();
}
