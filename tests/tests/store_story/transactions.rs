//! Transactions and snapshots.

use keepwatch_coordinator::store::page::PageRows;
use keepwatch_coordinator::store::{Reader, Store};
use keepwatch_tests::databases::for_each_database;

use super::settings::branch;

async fn codes(reader: &mut Reader) -> Vec<String> {
    let rows = reader.branch_list(None, PageRows::MOST).await.unwrap();
    rows.into_iter().map(|row| row.code).collect()
}

async fn add(store: &Store, code: &str) {
    let mut tx = store.begin().await.unwrap();
    tx.branch_insert(&branch(code)).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn a_dropped_transaction_never_happened() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        tx.branch_insert(&branch("SH-001")).await.unwrap();
        assert_eq!(codes(&mut tx).await, ["SH-001"]);
        drop(tx);
        let mut reader = database.store.read().await.unwrap();
        assert!(codes(&mut reader).await.is_empty());
    });
}

#[test]
fn a_reader_sees_one_moment_while_others_write() {
    for_each_database(async |database| {
        add(&database.store, "SH-001").await;
        let mut before = database.store.read().await.unwrap();
        assert_eq!(codes(&mut before).await, ["SH-001"]);
        add(&database.store, "SH-002").await;
        assert_eq!(codes(&mut before).await, ["SH-001"]);
        let mut after = database.store.read().await.unwrap();
        assert_eq!(codes(&mut after).await, ["SH-001", "SH-002"]);
    });
}

#[test]
fn writers_at_the_same_time_all_get_their_turn() {
    for_each_database(async |database| {
        // Each reads before it writes: where a transaction may turn from one into the other, most
        // of these would fail.
        let write = async |number: u32| {
            let mut tx = database.store.begin().await.unwrap();
            let seen = codes(&mut tx).await.len();
            tx.branch_insert(&branch(&format!("SH-{number:03}")))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            seen
        };
        tokio::join!(write(1), write(2), write(3), write(4), write(5), write(6));
        let mut reader = database.store.read().await.unwrap();
        assert_eq!(codes(&mut reader).await.len(), 6);
    });
}

#[test]
fn a_transaction_goes_on_after_a_rule_was_broken() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        tx.branch_insert(&branch("SH-001")).await.unwrap();
        tx.branch_insert(&branch("SH-001")).await.unwrap_err();
        tx.branch_insert(&branch("SH-002")).await.unwrap();
        tx.commit().await.unwrap();
        let mut reader = database.store.read().await.unwrap();
        assert_eq!(codes(&mut reader).await, ["SH-001", "SH-002"]);
    });
}

#[test]
fn writing_works_again_after_sqlite_ended_a_transaction_by_itself() {
    for_each_database(async |database| {
        if database.path().is_none() {
            return;
        }
        // What SQLite does when the disk is full, said by a trigger: the transaction is gone before
        // anybody rolls it back.
        let full = "CREATE TRIGGER full BEFORE INSERT ON branches \
                    BEGIN SELECT RAISE(ROLLBACK, 'no room'); END";
        database.tamper(full).await.unwrap();
        for _ in 0..2 {
            let mut tx = database.store.begin().await.unwrap();
            tx.branch_insert(&branch("SH-001")).await.unwrap_err();
            tx.rollback().await.unwrap_err();
            let mut tx = database.store.begin().await.unwrap();
            tx.branch_insert(&branch("SH-001")).await.unwrap_err();
            drop(tx);
        }
        database.tamper("DROP TRIGGER full").await.unwrap();
        add(&database.store, "SH-001").await;
        let mut reader = database.store.read().await.unwrap();
        assert_eq!(codes(&mut reader).await, ["SH-001"]);
    });
}
