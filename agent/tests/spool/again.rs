//! State that is said again, and state that nobody says any more.

use keepwatch_agent::spool::{Limits, Put};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

use crate::world::{ROOMY, World, pairs, pending, state};

/// A restarted agent sees everything again, later.
#[tokio::test]
async fn a_state_that_differs_in_its_stamp_alone_is_no_change() {
    let world = World::new(Limits {
        state_stamp_bytes: 2,
        ..ROOMY
    });
    let mut spool = world.open().await.spool;
    spool.put(&[state("k", b"1:one")]).await.unwrap();
    assert_eq!(pending(&mut spool, Lane::State).await.len(), 1);
    spool.ack(Lane::State, 1).await.unwrap();
    spool.close().await.unwrap();
    let mut spool = world.open().await.spool;
    spool.put(&[state("k", b"2:one")]).await.unwrap();
    assert!(pending(&mut spool, Lane::State).await.is_empty());
    spool.put(&[state("k", b"2:two")]).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(2, b"2:two")])
    );
    // What is no longer than a stamp is compared whole.
    spool.put(&[state("s", b"1")]).await.unwrap();
    spool.put(&[state("s", b"2")]).await.unwrap();
    let last = pending(&mut spool, Lane::State).await.pop();
    assert_eq!(last, Some((4, b"2".to_vec())));
}

#[tokio::test]
async fn delivered_state_that_nobody_says_any_more_is_released() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    let at = |key: &str, ms| Put::State {
        key: key.to_owned(),
        observed_at: Instant::from_ms(ms),
        payload: b"x".to_vec(),
    };
    spool
        .put(&[
            at("day 1", 1),
            at("day 2", 2),
            at("disk", 1),
            at("day 9", 9),
        ])
        .await
        .unwrap();
    assert_eq!(pending(&mut spool, Lane::State).await.len(), 4);
    spool.ack(Lane::State, 1).await.unwrap();
    // The second is old enough, and nobody has it.
    assert_eq!(spool.release("day", Instant::from_ms(5)).await.unwrap(), 1);
    spool.ack(Lane::State, 4).await.unwrap();
    assert_eq!(spool.release("day", Instant::from_ms(5)).await.unwrap(), 1);
    spool.restate().await.unwrap();
    assert_eq!(pending(&mut spool, Lane::State).await.len(), 2);
    spool.close().await.unwrap();
    // The counters agree with what is left.
    assert!(world.open().await.quarantined.is_none());
}
