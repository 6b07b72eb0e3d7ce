//! The real agent and the real coordinator: a branch joins, and what changes there is in the store.

#![expect(
    clippy::unwrap_used,
    reason = "whatever cannot be set up fails the test that asked for it"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_agent::join::{Enrolled, enrol};
use keepwatch_common::clock::{Clock, SystemClock, Tick};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::join::JoinString;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};
use keepwatch_coordinator::app::{Services, start};
use keepwatch_coordinator::authority::token;
use keepwatch_coordinator::store::branches::NewBranch;
use keepwatch_coordinator::store::digest::SecretHash;
use keepwatch_coordinator::store::readings::ReadingRow;
use keepwatch_coordinator::store::tokens::NewToken;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Nothing here takes seconds; what takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(1);

/// What a story takes at most, in milliseconds: clocks that are compared are no further apart.
const STORY_MS_MAX: i64 = 60_000;

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
async fn branch(services: &Services, code: &str, clock: &dyn Clock) -> (i64, JoinString) {
    let secret = token::mint(services.randomness.as_ref());
    let mut tx = services.store.begin().await.unwrap();
    let branch = NewBranch {
        region_id: None,
        code,
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
async fn stores(services: &Services, branch_id: i64, tree: &str) -> ReadingRow {
    loop {
        let mut reader = services.store.read().await.unwrap();
        let files = reader.watched_list_of_branch(branch_id).await.unwrap();
        if let Some(latest) = files.first().and_then(|file| file.latest_id) {
            let reading = reader.reading_fetch(latest).await.unwrap().unwrap();
            if reading.canonical.as_deref() == Some(tree) {
                return reading;
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
    let (branch_id, join) = branch(services, "SH-017", clock.as_ref()).await;
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

/// Runs like the machine's clock and shows another time.
#[derive(Debug)]
struct Wrong {
    runs: SystemClock,
    ahead_ms: i64,
}

impl Clock for Wrong {
    fn now(&self) -> Instant {
        self.runs.now() + self.ahead_ms
    }

    fn tick(&self) -> Tick {
        self.runs.tick()
    }
}

/// A branch whose clock is wrong from the day it joins.
async fn is_judged_by_our_clock(services: &Services, folder: &Path, ahead_ms: i64) {
    let code = format!("SH{ahead_ms}");
    let (branch_id, join) = branch(services, &code, services.clock.as_ref()).await;
    let runs = SystemClock::new();
    let clock: Arc<dyn Clock> = Arc::new(Wrong { runs, ahead_ms });
    let (file, state) = (folder.join("config.yml"), folder.join(&code));
    let enrolled = enrol(&state, &join, false, Arc::clone(&clock)).await;
    assert!(matches!(enrolled.unwrap(), Enrolled::Now(_)), "{ahead_ms}");
    let leave = CancellationToken::new();
    let config = agent_config(&state, &file);
    let serving = keepwatch_agent::app::serve(config, clock, leave.clone());
    let agent = TaskTracker::new().spawn(serving);
    let reading = stores(services, branch_id, r#"{"fps":5}"#).await;
    let late_ms = services.clock.now().ms() - reading.at_ms;
    assert!(
        (0..STORY_MS_MAX).contains(&late_ms),
        "{ahead_ms}: {late_ms}"
    );
    // What is told of the clock is written down from time to time.
    let status = services.background.run_now("presence").await.unwrap();
    assert_eq!(status.error, None);
    let mut reader = services.store.read().await.unwrap();
    let agents = reader.agent_list_of_branch(branch_id).await.unwrap();
    let told_ms = agents[0].clock_ahead_ms.unwrap();
    assert!(
        (told_ms - ahead_ms).abs() < STORY_MS_MAX,
        "{ahead_ms}: {told_ms}"
    );
    leave.cancel();
    agent.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_whose_clock_is_wrong_is_judged_by_ours_and_its_offset_is_told() {
    let scratch = TempDir::new().unwrap();
    fs_err::write(scratch.path().join("config.yml"), "fps: 5").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let stop = CancellationToken::new();
    let config = coordinator_config(&scratch.path().join("hq"));
    let running = start(&config, clock, Arc::new(Seeded::new(5)), &stop)
        .await
        .unwrap();
    let story = async {
        for off_ms in [HOUR_MS, DAY_MS, 365 * DAY_MS] {
            for ahead_ms in [off_ms, -off_ms] {
                is_judged_by_our_clock(running.services(), scratch.path(), ahead_ms).await;
            }
        }
    };
    tokio::time::timeout(HANGS_AFTER, story).await.unwrap();
    stop.cancel();
    running.ended().await.unwrap();
}
