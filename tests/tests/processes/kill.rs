//! The programs are killed between two of their instructions, again and again.

use std::collections::BTreeMap;
use std::time::Duration;

use keepwatch_common::ids::Seeded;

use crate::branch::Branch;
use crate::hq::Hq;
use crate::numbered;
use crate::process::until;
use crate::spooled::{Spooled, assert_evidence_is_whole, lanes, stored};

/// Draws when to kill whom; what the machine does meanwhile is different each time.
const SEED: u64 = 20_261_123;

/// Kills of one story: some twenty seconds.
const ROUNDS: u64 = 12;

/// What takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(2);

/// Numbered observations that each round adds.
const NUMBERS_A_ROUND: u64 = 2_000;

/// The lanes of evidence.
const URGENT: i64 = 1;
const ROUTINE: i64 = 2;

/// Something else every time, below a limit.
async fn a_moment(draws: &Seeded, ms_max: u64) {
    tokio::time::sleep(Duration::from_millis(draws.below(ms_max))).await;
}

/// The newest readings are what the files hold, and the agent has heard of it.
async fn everything_is_told(hq: &Hq, branch: &Branch) {
    until(async || {
        let statement = "SELECT name, canonical FROM watched JOIN readings \
                         ON readings.id = latest_id ORDER BY name";
        hq.rows::<(String, String)>(statement).await == branch.files() && branch.says_all_is_acked()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_killed_at_any_moment_loses_nothing_and_tells_nothing_twice() {
    eprintln!("seed {SEED}");
    tokio::time::timeout(HANGS_AFTER, kill_agents())
        .await
        .unwrap();
}

async fn kill_agents() {
    let draws = Seeded::new(SEED);
    let hq = Hq::start().await;
    let mut branch = Branch::join(&hq, "SH-001").await;
    let first = branch.record();
    let (mut newest, mut holes) = (first, Vec::new());
    let mut spooled = BTreeMap::new();
    let mut epoch = 0;
    for round in 0..ROUNDS {
        branch.start();
        for _ in 0..4 {
            a_moment(&draws, 350).await;
            branch.change_a_file();
            branch.record();
        }
        a_moment(&draws, 350).await;
        branch.die().await;
        // It has not begun to keep anything when it died very early.
        if branch.state().join("spool/spool.db").exists() {
            let spool = Spooled::read(&branch.state()).await;
            spool.assert_acked_is_stored(&hq).await;
            assert!(epoch == 0 || epoch == spool.epoch, "a kill costs no epoch");
            epoch = spool.epoch;
            spooled.extend(spool.waiting);
        }
        // What happens meanwhile is told later.
        branch.change_a_file();
        if round % 4 == 1 {
            let hole = branch.skip();
            holes.push((hole.start.ms(), hole.end().ms()));
        }
        newest = branch.record();
    }
    branch.start();
    everything_is_told(&hq, &branch).await;
    branch.stop().await;
    let stored = stored(&hq, epoch).await;
    for (key, coded) in &spooled {
        assert_eq!(stored.get(key), Some(coded), "{key:?}");
    }
    for lane in [URGENT, ROUTINE] {
        assert_evidence_is_whole(&hq, epoch, lane).await;
    }
    let of_spool = Spooled::read(&branch.state()).await.lanes;
    let of_store = lanes(&hq, epoch).await;
    for (lane, (assigned, acked)) in of_spool {
        assert_eq!(
            (acked, of_store[&lane]),
            (assigned, assigned),
            "lane {lane}"
        );
    }
    let standing = "SELECT start_ms, end_ms FROM holes WHERE filled_at_ms = 0 AND end_ms <= ";
    let told: Vec<(i64, i64)> = hq.rows(&format!("{standing}{}", newest.end().ms())).await;
    assert_eq!(told, holes);
    let camera: Vec<(i64, i64)> = hq.rows("SELECT oldest_ms, newest_ms FROM cameras").await;
    assert_eq!(camera, [(first.start.ms(), newest.end().ms())]);
    assert_eq!(hq.number("SELECT count(*) FROM vanished").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_killed_at_any_moment_keeps_what_it_acknowledged_once() {
    eprintln!("seed {SEED}");
    tokio::time::timeout(HANGS_AFTER, kill_coordinators())
        .await
        .unwrap();
}

async fn kill_coordinators() {
    let draws = Seeded::new(SEED);
    let mut hq = Hq::start().await;
    let mut branch = Branch::join(&hq, "SH-001").await;
    let (mut numbers, mut killed_while_busy) = (0, 0);
    for _ in 0..ROUNDS {
        let more = numbers..numbers + NUMBERS_A_ROUND;
        numbers = more.end;
        numbered::put(&branch.state(), more).await;
        branch.start();
        branch.change_a_file();
        a_moment(&draws, 1_500).await;
        hq.die().await;
        branch.change_a_file();
        // The agent lives on, finds the coordinator again, or dies too: a new process does not
        // wait, one that lost its coordinator again and again does.
        a_moment(&draws, 300).await;
        hq.come_back().await;
        a_moment(&draws, 700).await;
        branch.die().await;
        let spool = Spooled::read(&branch.state()).await;
        spool.assert_acked_is_stored(&hq).await;
        killed_while_busy += u64::from(!spool.waiting.is_empty());
    }
    branch.start();
    everything_is_told(&hq, &branch).await;
    branch.stop().await;
    let epoch = Spooled::read(&branch.state()).await.epoch;
    let stored = stored(&hq, epoch).await;
    let mut told: Vec<u64> = stored
        .values()
        .filter_map(|c| numbered::number(c))
        .collect();
    told.sort_unstable();
    assert_eq!(told, (0..numbers).collect::<Vec<_>>());
    for lane in [URGENT, ROUTINE] {
        assert_evidence_is_whole(&hq, epoch, lane).await;
    }
    assert!(killed_while_busy > 0, "no kill met a report on its way");
}
