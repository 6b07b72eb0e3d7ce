//! The sealed record of deeds, and what breaks it.

use keepwatch_coordinator::store::Store;
use keepwatch_coordinator::store::deeds::{Checkpoint, DeedFlaw, DeedsVerified, NewDeed};
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_tests::databases::{Database, for_each_database};

use super::settings::at;

async fn append(store: &Store, subject: &str) -> Checkpoint {
    let mut tx = store.begin().await.unwrap();
    let deed = NewDeed {
        at: at(1),
        actor: "lin",
        verb: "agent.revoke",
        subject,
        body: r#"{"reason":"被盗"}"#,
    };
    let place = tx.deed_append(&deed).await.unwrap();
    tx.commit().await.unwrap();
    place
}

/// Five deeds; gives the place of the last.
async fn five(store: &Store) -> Checkpoint {
    for number in 1..5 {
        append(store, &number.to_string()).await;
    }
    append(store, "5").await
}

async fn verify(database: &Database, checkpoint: Option<Checkpoint>) -> DeedsVerified {
    let mut reader = database.store.read().await.unwrap();
    reader.deeds_verify(checkpoint).await.unwrap()
}

/// What is found after someone ran a statement beside the store.
async fn after(database: &Database, statement: &str) -> DeedsVerified {
    let checkpoint = five(&database.store).await;
    database.tamper(statement).await.unwrap();
    verify(database, Some(checkpoint)).await
}

fn broken(sequence: i64, flaw: DeedFlaw) -> DeedsVerified {
    DeedsVerified::Broken { sequence, flaw }
}

#[test]
fn an_untouched_chain_is_intact_up_to_its_last_deed() {
    for_each_database(async |database| {
        let nothing = DeedsVerified::Intact { last: None };
        assert_eq!(verify(database, None).await, nothing);
        let last = five(&database.store).await;
        assert_eq!(last.sequence, 5);
        let whole = DeedsVerified::Intact { last: Some(last) };
        assert_eq!(verify(database, None).await, whole);
        assert_eq!(verify(database, Some(last)).await, whole);
    });
}

#[test]
fn a_word_that_was_changed_shows() {
    for_each_database(async |database| {
        let found = after(
            database,
            "UPDATE deeds SET actor = 'lim' WHERE sequence = 3",
        );
        assert_eq!(found.await, broken(3, DeedFlaw::Altered));
    });
}

#[test]
fn one_flipped_bit_of_a_hash_shows() {
    for_each_database(async |database| {
        let flip = match database.path() {
            Some(_) => {
                "UPDATE deeds SET hash = unhex(substr(hex(hash), 1, 63) ||
                    CASE substr(hex(hash), 64) WHEN '0' THEN '1' ELSE '0' END)
                 WHERE sequence = 2"
            }
            None => {
                "UPDATE deeds SET hash = set_bit(hash, 0, 1 - get_bit(hash, 0)) WHERE sequence = 2"
            }
        };
        let found = after(database, flip);
        assert_eq!(found.await, broken(2, DeedFlaw::Altered));
    });
}

#[test]
fn a_deed_that_was_removed_shows() {
    for_each_database(async |database| {
        let found = after(database, "DELETE FROM deeds WHERE sequence = 1");
        assert_eq!(found.await, broken(1, DeedFlaw::Missing));
    });
}

#[test]
fn closing_the_ranks_after_a_removal_shows_too() {
    for_each_database(async |database| {
        let found = after(
            database,
            "DELETE FROM deeds WHERE sequence = 3;
             UPDATE deeds SET sequence = 3 WHERE sequence = 4;
             UPDATE deeds SET sequence = 4 WHERE sequence = 5",
        );
        assert_eq!(found.await, broken(3, DeedFlaw::Unlinked));
    });
}

#[test]
fn a_cut_off_end_shows_only_against_a_checkpoint() {
    for_each_database(async |database| {
        let found = after(database, "DELETE FROM deeds WHERE sequence > 3").await;
        assert_eq!(found, broken(4, DeedFlaw::Missing));
        let DeedsVerified::Intact { last } = verify(database, None).await else {
            panic!("without a checkpoint the rest looks whole");
        };
        assert_eq!(last.unwrap().sequence, 3);
    });
}

#[test]
fn a_chain_written_anew_shows_against_a_checkpoint() {
    for_each_database(async |database| {
        let checkpoint = five(&database.store).await;
        database.tamper("DELETE FROM deeds").await.unwrap();
        for number in 11..=16 {
            append(&database.store, &number.to_string()).await;
        }
        let found = verify(database, Some(checkpoint)).await;
        assert_eq!(found, broken(5, DeedFlaw::Replaced));
    });
}

#[test]
fn deeds_at_the_same_time_stand_one_after_the_other() {
    for_each_database(async |database| {
        let store = &database.store;
        tokio::join!(
            append(store, "a"),
            append(store, "b"),
            append(store, "c"),
            append(store, "d")
        );
        let DeedsVerified::Intact { last } = verify(database, None).await else {
            panic!("broken by its own writers");
        };
        assert_eq!(last.unwrap().sequence, 4);
    });
}

#[test]
fn a_chain_longer_than_one_page_is_walked_to_its_end() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        for number in 0..1_100 {
            let deed = NewDeed {
                at: at(number),
                actor: "lin",
                verb: "page.view",
                subject: "SH-001",
                body: "{}",
            };
            tx.deed_append(&deed).await.unwrap();
        }
        tx.commit().await.unwrap();
        database
            .tamper("UPDATE deeds SET at_ms = at_ms + 1 WHERE sequence = 1050")
            .await
            .unwrap();
        assert_eq!(
            verify(database, None).await,
            broken(1_050, DeedFlaw::Altered)
        );
    });
}

#[test]
fn the_newest_deeds_are_listed_first() {
    for_each_database(async |database| {
        five(&database.store).await;
        let mut reader = database.store.read().await.unwrap();
        let page = reader.deed_list(Some(5), PageRows::new(2)).await.unwrap();
        let subjects: Vec<_> = page.iter().map(|row| row.subject.as_str()).collect();
        assert_eq!(subjects, ["4", "3"]);
    });
}
