//! Damage of every kind: the spool opens all the same, tells nothing false, and says what it did.

use std::path::Path;

use keepwatch_agent::spool::{Condition, FolderSpace, OpenError, Opened, Spool};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::Connection;

use crate::world::{ROOMY, World, pending, routine, state, urgent};

/// Records per lane in the spool that gets damaged.
const RECORDS: u64 = 60;

fn payload(lane: Lane, seq: u64) -> Vec<u8> {
    // Long enough that some records span several pages.
    let mut bytes = format!("{lane:?} {seq} ").into_bytes();
    let length = if seq.is_multiple_of(30) { 9_000 } else { 200 };
    bytes.resize(length, u8::try_from(seq % 251).unwrap());
    bytes
}

/// A spool of which a part is in the database and a part still in its log, as after a kill.
async fn filled() -> World {
    let world = World::new(ROOMY);
    for half in 0..2 {
        let mut spool = world.open().await.spool;
        for seq in (1..=RECORDS / 2).map(|n| n + half * RECORDS / 2) {
            let key = format!("key {seq}");
            let batch = [
                urgent(&payload(Lane::Urgent, seq)),
                routine(&payload(Lane::Routine, seq)),
                state(&key, &payload(Lane::State, seq)),
            ];
            spool.put(&batch).await.unwrap();
        }
        if half == 1 {
            return world.killed();
        }
        spool.close().await.unwrap();
    }
    world
}

/// Everything the spool delivers was put, under the sequence it was put with; it can go on; and if
/// it finds damage only while working, starting anew helps. Says whether something counts as lost.
async fn works_and_tells_nothing_false(world: &World, opened: Opened) -> bool {
    let mut spool = opened.spool;
    let is_new = opened.fresh;
    for lane in Lane::BY_URGENCY {
        match spool.peek(lane, 0, usize::MAX, usize::MAX).await {
            Ok(records) => {
                assert!(!is_new || records.is_empty());
                for record in records {
                    assert!(
                        record.payload == payload(lane, record.seq),
                        "{lane:?} {record:?}"
                    );
                }
            }
            Err(error) => {
                assert_eq!(error.condition(), Condition::Damaged);
                let anew = spool
                    .start_anew(Instant::EPOCH, &world.randomness)
                    .await
                    .unwrap();
                assert!(anew.fresh && anew.quarantined.is_some());
                spool = anew.spool;
            }
        }
    }
    match spool.put(&[urgent(b"after")]).await {
        Ok(()) => {}
        Err(error) => panic!("{}", keepwatch_common::error_chain::chain(&error)),
    }
    let last = pending(&mut spool, Lane::Urgent).await.pop().unwrap();
    assert_eq!(last.1, b"after");
    !spool.unreported_losses().await.unwrap().is_empty()
}

fn garble(path: &Path, seed: &Seeded) {
    let mut bytes = fs_err::read(path).unwrap();
    let length = u64::try_from(bytes.len()).unwrap();
    let start = usize::try_from(seed.below(length)).unwrap();
    let run = usize::try_from(1 + seed.below(64)).unwrap();
    for byte in bytes.iter_mut().skip(start).take(run) {
        *byte ^= u8::try_from(1 + seed.below(255)).unwrap();
    }
    fs_err::write(path, bytes).unwrap();
}

fn truncate(path: &Path, seed: &Seeded) {
    let bytes = fs_err::read(path).unwrap();
    let length = u64::try_from(bytes.len()).unwrap();
    let kept = usize::try_from(seed.below(length)).unwrap();
    fs_err::write(path, &bytes[..kept]).unwrap();
}

/// How often the damage was seen when opening, and how often when reading.
#[derive(Debug, Default)]
struct Seen {
    quarantined: u32,
    counted_as_loss: u32,
}

/// Damages one file of the same spool in many ways.
async fn damaged_often(file: &str, harm: fn(&Path, &Seeded), rounds: u64) -> Seen {
    let whole = filled().await;
    let mut seen = Seen::default();
    for seed in 0..rounds {
        let world = whole.killed();
        harm(&world.folder().join(file), &Seeded::new(seed));
        if file == "spool.db" && seed.is_multiple_of(2) {
            // The log holds good copies of many pages; without it more of the harm shows.
            fs_err::remove_file(world.folder().join("spool.db-wal")).unwrap();
        }
        let opened = world.open().await;
        assert_eq!(opened.quarantined.is_some(), opened.fresh);
        if let Some(path) = &opened.quarantined {
            assert!(path.exists());
            seen.quarantined += 1;
        }
        let has_loss = works_and_tells_nothing_false(&world, opened).await;
        seen.counted_as_loss += u32::from(has_loss);
    }
    seen
}

#[tokio::test]
async fn a_garbled_database_is_moved_aside_or_tells_only_what_was_put() {
    let seen = damaged_often("spool.db", garble, 200).await;
    assert!(
        seen.quarantined > 3 && seen.counted_as_loss > 30,
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_garbled_header_is_moved_aside_or_tells_only_what_was_put() {
    let whole = filled().await;
    for at in 0..100 {
        let world = whole.killed();
        // Without the log, which holds a good copy of the first page.
        fs_err::remove_file(world.folder().join("spool.db-wal")).unwrap();
        let mut bytes = fs_err::read(world.file()).unwrap();
        bytes[at] ^= 0x55;
        fs_err::write(world.file(), bytes).unwrap();
        let opened = world.open().await;
        works_and_tells_nothing_false(&world, opened).await;
    }
}

#[tokio::test]
async fn a_truncated_database_is_moved_aside_or_tells_only_what_was_put() {
    let seen = damaged_often("spool.db", truncate, 60).await;
    assert!(seen.quarantined > 10, "{seen:?}");
}

#[tokio::test]
async fn a_garbled_or_torn_log_tells_only_what_was_put() {
    damaged_often("spool.db-wal", garble, 60).await;
    damaged_often("spool.db-wal", truncate, 60).await;
}

#[tokio::test]
async fn a_spool_whose_log_was_deleted_goes_on_from_what_the_database_has() {
    let world = filled().await;
    fs_err::remove_file(world.folder().join("spool.db-wal")).unwrap();
    let opened = world.open().await;
    assert!(!opened.fresh && opened.quarantined.is_none());
    let mut spool = opened.spool;
    let assigned = spool.standing(Lane::Urgent).await.unwrap().assigned_seq;
    assert_eq!(assigned, RECORDS / 2);
    assert!(spool.ack(Lane::Urgent, RECORDS).await.is_err());
}

#[tokio::test]
async fn other_files_in_its_place_are_moved_aside_and_few_are_kept() {
    let world = World::new(ROOMY);
    let mut epochs = std::collections::BTreeSet::new();
    for junk in [
        &[0; 5_000][..],
        &[0xff; 5_000],
        b"SQLite format 3\0 and then none",
    ] {
        fs_err::write(world.file(), junk).unwrap();
        let opened = world.open().await;
        assert!(
            opened.fresh && opened.quarantined.is_some(),
            "{} bytes",
            junk.len()
        );
        assert!(epochs.insert(opened.epoch));
        opened.spool.close().await.unwrap();
    }
    let names = fs_err::read_dir(world.folder())
        .unwrap()
        .map(|e| e.unwrap().file_name());
    let kept = names
        .filter(|name| name.to_string_lossy().contains("damaged"))
        .count();
    assert_eq!(kept, 2);
}

#[tokio::test]
async fn a_log_without_its_database_is_not_taken_into_a_new_spool() {
    let world = filled().await;
    fs_err::remove_file(world.file()).unwrap();
    let opened = world.open().await;
    assert!(opened.fresh);
    works_and_tells_nothing_false(&world, opened).await;
}

#[tokio::test]
async fn an_empty_file_is_simply_a_new_spool() {
    let world = World::new(ROOMY);
    fs_err::write(world.file(), b"").unwrap();
    let opened = world.open().await;
    assert!(opened.fresh && opened.quarantined.is_none());
}

#[tokio::test]
async fn a_free_list_that_does_not_add_up_is_damage() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    spool.put(&vec![urgent(&[0; 1_000]); 100]).await.unwrap();
    let last = pending(&mut spool, Lane::Urgent).await.pop().unwrap();
    spool.ack(Lane::Urgent, last.0).await.unwrap();
    spool.close().await.unwrap();
    let mut bytes = fs_err::read(world.file()).unwrap();
    // The header's count of free pages, a big-endian number.
    bytes[39] += 1;
    fs_err::write(world.file(), bytes).unwrap();
    assert!(world.open().await.quarantined.is_some());
}

/// Runs a statement on the closed file.
async fn alter(world: &World, statement: &'static str) {
    let url = format!("sqlite:{}", world.file().display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_agents_spool_is_left_alone_with_a_remedy() {
    let world = World::new(ROOMY);
    world.open().await.spool.close().await.unwrap();
    alter(
        &world,
        "PRAGMA user_version = 2; UPDATE spool SET version = 2",
    )
    .await;
    let space = Box::new(FolderSpace::new(world.folder().to_owned()));
    let now = Instant::EPOCH;
    let refused = Spool::open(world.folder(), ROOMY, space, now, &world.randomness).await;
    let error = refused.unwrap_err();
    assert!(matches!(
        error,
        OpenError::Newer {
            found: 2,
            known: 1,
            ..
        }
    ));
    let told = error.to_string();
    assert!(
        told.contains("spool.db") && told.contains("install the newer agent"),
        "{told}"
    );
}

#[tokio::test]
async fn counters_that_contradict_the_records_are_damage() {
    for contradiction in [
        "UPDATE lane SET acked = 2 WHERE lane = 1",
        "UPDATE lane SET assigned = 1 WHERE lane = 1",
        "UPDATE lane SET acked = -1 WHERE lane = 0",
        "UPDATE lane SET handed_out = 3 WHERE lane = 1",
        "DELETE FROM lane WHERE lane = 2",
        "UPDATE spool SET version = 7",
        "PRAGMA user_version = 7",
        "DROP TABLE loss; CREATE TABLE loss (x)",
    ] {
        let world = World::new(ROOMY);
        let mut spool = world.open().await.spool;
        spool.put(&[urgent(b"a"), urgent(b"b")]).await.unwrap();
        spool.close().await.unwrap();
        alter(&world, contradiction).await;
        let opened = world.open().await;
        if contradiction.starts_with("DROP") {
            // Only seen when the table is used.
            let mut spool = opened.spool;
            let error = spool.unreported_losses().await.unwrap_err();
            assert_eq!(error.condition(), Condition::Damaged);
            let anew = spool
                .start_anew(Instant::EPOCH, &world.randomness)
                .await
                .unwrap();
            assert!(anew.fresh);
        } else {
            assert!(opened.quarantined.is_some(), "{contradiction}");
        }
    }
}
