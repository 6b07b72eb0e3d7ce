//! Notifications on their way out.

use keepwatch_coordinator::store::Store;
use keepwatch_coordinator::store::outbox::{
    NewNotification, NotificationRow, NotificationTaken, Outcome,
};
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_tests::databases::for_each_database;

use super::settings::at;

/// How long a sender keeps what it took, in seconds.
const LOAN: i64 = 60;

fn notification(key: &str, due: i64) -> NewNotification {
    NewNotification {
        channel: "webhook".to_owned(),
        key: key.to_owned(),
        body: r#"{"camera":"收银台"}"#.to_owned(),
        created_at: at(0),
        due_at: at(due),
    }
}

async fn queue(store: &Store, notifications: &[NewNotification]) -> u64 {
    let mut tx = store.begin().await.unwrap();
    let queued = tx.outbox_insert(notifications).await.unwrap();
    tx.commit().await.unwrap();
    queued
}

async fn take(store: &Store, now: i64, rows: u32) -> Vec<NotificationTaken> {
    let mut tx = store.begin().await.unwrap();
    let taken = tx
        .outbox_take(at(now), at(now + LOAN), PageRows::new(rows))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    taken
}

async fn settle(store: &Store, taken: &NotificationTaken, outcome: Outcome, answer: &str) -> bool {
    let mut tx = store.begin().await.unwrap();
    let noted = tx.outbox_settle(taken, outcome, answer).await.unwrap();
    tx.commit().await.unwrap();
    noted
}

async fn only(store: &Store) -> NotificationRow {
    let mut reader = store.read().await.unwrap();
    let mut rows = reader.outbox_list(None, PageRows::MOST).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn keys(taken: &[NotificationTaken]) -> Vec<&str> {
    taken.iter().map(|one| one.key.as_str()).collect()
}

#[test]
fn one_key_is_queued_once() {
    for_each_database(async |database| {
        let (a, b) = (notification("a", 0), notification("b", 0));
        assert_eq!(queue(&database.store, std::slice::from_ref(&a)).await, 1);
        assert_eq!(queue(&database.store, &[a, b]).await, 1);
        assert_eq!(keys(&take(&database.store, 1, 10).await), ["a", "b"]);
    });
}

#[test]
fn the_longest_waiting_go_first_and_nothing_before_its_time() {
    for_each_database(async |database| {
        let waiting = [("a", 30), ("b", 10), ("c", 20), ("d", 99)];
        let waiting = waiting.map(|(key, due)| notification(key, due));
        queue(&database.store, &waiting).await;
        let mut reader = database.store.read().await.unwrap();
        assert_eq!(reader.outbox_next_due().await.unwrap(), Some(at(10)));
        drop(reader);
        assert_eq!(keys(&take(&database.store, 50, 2).await), ["b", "c"]);
        assert_eq!(keys(&take(&database.store, 50, 2).await), ["a"]);
        assert!(take(&database.store, 50, 2).await.is_empty());
    });
}

#[test]
fn two_senders_never_take_the_same_one() {
    for_each_database(async |database| {
        let waiting: Vec<_> = (0..40)
            .map(|number| notification(&number.to_string(), 0))
            .collect();
        queue(&database.store, &waiting).await;
        let store = &database.store;
        let (one, two, three, four) = tokio::join!(
            take(store, 1, 10),
            take(store, 1, 10),
            take(store, 1, 10),
            take(store, 1, 10)
        );
        let mut ids: Vec<_> = [one, two, three, four]
            .iter()
            .flatten()
            .map(|taken| taken.id)
            .collect();
        assert_eq!(ids.len(), 40);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 40);
    });
}

#[test]
fn a_sender_on_postgresql_passes_over_what_another_is_taking() {
    for_each_database(async |database| {
        if database.path().is_some() {
            return; // There is one writer: the other one waits.
        }
        let waiting = ["a", "b", "c"].map(|key| notification(key, 0));
        queue(&database.store, &waiting).await;
        let mut slow = database.store.begin().await.unwrap();
        let taken = slow
            .outbox_take(at(1), at(61), PageRows::new(2))
            .await
            .unwrap();
        assert_eq!(keys(&taken), ["a", "b"]);
        assert_eq!(keys(&take(&database.store, 1, 10).await), ["c"]);
        slow.rollback().await.unwrap();
        assert_eq!(keys(&take(&database.store, 1, 10).await), ["a", "b"]);
    });
}

#[test]
fn a_loan_that_ran_out_makes_it_due_again_and_the_late_sender_mute() {
    for_each_database(async |database| {
        queue(&database.store, &[notification("a", 0)]).await;
        let late = take(&database.store, 1, 1).await.remove(0);
        assert!(take(&database.store, LOAN, 1).await.is_empty());
        let next = take(&database.store, LOAN + 1, 1).await.remove(0);
        assert_eq!((late.attempts, next.attempts), (1, 2));
        let give_up = settle(&database.store, &late, Outcome::GivenUp, "too late").await;
        assert!(!give_up);
        let sent = Outcome::Sent { at: at(70) };
        assert!(settle(&database.store, &next, sent, "204").await);
        assert_eq!(only(&database.store).await.state, "sent");
    });
}

#[test]
fn what_was_sent_is_never_taken_again() {
    for_each_database(async |database| {
        queue(&database.store, &[notification("a", 0)]).await;
        let taken = take(&database.store, 1, 1).await.remove(0);
        let sent = Outcome::Sent { at: at(2) };
        assert!(settle(&database.store, &taken, sent, "200 ok").await);
        assert!(take(&database.store, 9_999, 1).await.is_empty());
        let row = only(&database.store).await;
        assert_eq!(row.sent_at_ms, Some(at(2).ms()));
        assert_eq!(row.answer.as_deref(), Some("200 ok"));
        let mut reader = database.store.read().await.unwrap();
        assert_eq!(reader.outbox_next_due().await.unwrap(), None);
    });
}

#[test]
fn a_failure_waits_for_its_next_try() {
    for_each_database(async |database| {
        queue(&database.store, &[notification("a", 0)]).await;
        let taken = take(&database.store, 1, 1).await.remove(0);
        let retry = Outcome::Retry { due_at: at(500) };
        assert!(settle(&database.store, &taken, retry, "503").await);
        assert!(take(&database.store, 499, 1).await.is_empty());
        assert_eq!(take(&database.store, 500, 1).await.remove(0).attempts, 2);
    });
}

#[test]
fn what_was_given_up_keeps_the_last_answer_whatever_it_holds() {
    for_each_database(async |database| {
        queue(&database.store, &[notification("a", 0)]).await;
        let taken = take(&database.store, 1, 1).await.remove(0);
        let answer = format!("410\0gone {}", "很".repeat(5_000));
        assert!(settle(&database.store, &taken, Outcome::GivenUp, &answer).await);
        let row = only(&database.store).await;
        assert_eq!((row.state.as_str(), row.sent_at_ms), ("given_up", None));
        assert!(row.answer.unwrap().starts_with("410 gone 很"));
        assert!(take(&database.store, 9_999, 1).await.is_empty());
    });
}
