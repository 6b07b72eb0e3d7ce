//! Invitations and who gets the last one.

use keepwatch_common::secret::Secret;
use keepwatch_coordinator::store::digest::SecretHash;
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_coordinator::store::tokens::{NewToken, TokenTaken};
use keepwatch_coordinator::store::{Store, Tx};
use keepwatch_tests::databases::for_each_database;

use super::settings::{at, with_agents};

fn hash(secret: &str) -> SecretHash {
    SecretHash::of(&Secret::new(secret.to_owned()))
}

async fn invite(store: &Store, uses: u32) -> TokenTaken {
    let branch_id = with_agents(store, 0).await;
    let mut tx = store.begin().await.unwrap();
    let id = tx
        .token_insert(&NewToken {
            secret_hash: &hash("open sesame"),
            branch_id,
            uses,
            created_by: "lin",
            created_at: at(0),
            expires_at: at(3_600),
        })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    TokenTaken { id, branch_id }
}

async fn take(tx: &mut Tx, seconds: i64) -> Option<TokenTaken> {
    tx.token_take(&hash("open sesame"), at(seconds))
        .await
        .unwrap()
}

#[test]
fn the_last_use_of_a_token_goes_to_exactly_one_of_two() {
    for_each_database(async |database| {
        let invited = invite(&database.store, 1).await;
        for round in 0..10 {
            let join = async || {
                let mut tx = database.store.begin().await.unwrap();
                let taken = take(&mut tx, round).await;
                tx.commit().await.unwrap();
                taken
            };
            let (one, other) = tokio::join!(join(), join());
            let taken: Vec<_> = [one, other].into_iter().flatten().collect();
            assert_eq!(taken, [invited], "round {round}");
            database
                .tamper("UPDATE tokens SET uses_left = 1")
                .await
                .unwrap();
        }
    });
}

#[test]
fn a_token_taken_in_a_transaction_that_failed_is_not_used() {
    for_each_database(async |database| {
        let invited = invite(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        assert_eq!(take(&mut tx, 1).await, Some(invited));
        drop(tx);
        let mut tx = database.store.begin().await.unwrap();
        assert_eq!(take(&mut tx, 2).await, Some(invited));
    });
}

#[test]
fn a_token_is_worth_nothing_from_the_moment_it_expires() {
    for_each_database(async |database| {
        invite(&database.store, 5).await;
        let mut tx = database.store.begin().await.unwrap();
        assert!(take(&mut tx, 3_599).await.is_some());
        assert!(take(&mut tx, 3_600).await.is_none());
    });
}

#[test]
fn a_token_for_several_agents_counts_down() {
    for_each_database(async |database| {
        invite(&database.store, 2).await;
        let mut tx = database.store.begin().await.unwrap();
        assert!(take(&mut tx, 1).await.is_some());
        assert!(take(&mut tx, 2).await.is_some());
        assert!(take(&mut tx, 3).await.is_none());
        let listed = tx.token_list(None, PageRows::MOST).await.unwrap();
        assert_eq!(listed[0].uses_left, 0);
        assert_eq!(listed[0].used_at_ms, Some(at(2).ms()));
    });
}

#[test]
fn another_secret_and_a_token_withdrawn_let_nobody_in() {
    for_each_database(async |database| {
        let invited = invite(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        let guessed = tx.token_take(&hash("open barley"), at(1)).await.unwrap();
        assert_eq!(guessed, None);
        assert!(tx.token_withdraw(invited.id).await.unwrap());
        assert!(!tx.token_withdraw(invited.id).await.unwrap());
        assert!(take(&mut tx, 1).await.is_none());
    });
}
