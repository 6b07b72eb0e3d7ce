//! What the spool promises about putting, peeking, acking and coming back.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use keepwatch_agent::spool::{AckError, Condition, FolderSpace, OpenError, PutError, Spool};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

use crate::world::{ROOMY, World, forget, pairs, pending, routine, state, urgent};

#[tokio::test]
async fn evidence_comes_out_in_order_until_it_is_acked() {
    let mut spool = World::new(ROOMY).open().await.spool;
    let batch = [urgent(b"a"), routine(b"b"), urgent(b"c")];
    spool.put(&batch).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::Urgent).await,
        pairs(&[(1, b"a"), (2, b"c")])
    );
    assert_eq!(
        pending(&mut spool, Lane::Routine).await,
        pairs(&[(1, b"b")])
    );
    spool.ack(Lane::Urgent, 1).await.unwrap();
    assert_eq!(pending(&mut spool, Lane::Urgent).await, pairs(&[(2, b"c")]));
    assert_eq!(
        pending(&mut spool, Lane::Routine).await,
        pairs(&[(1, b"b")])
    );
}

#[tokio::test]
async fn a_peek_keeps_to_its_window_but_always_moves() {
    let mut spool = World::new(ROOMY).open().await.spool;
    let batch: Vec<_> = (0..10).map(|n| urgent(&[n; 100])).collect();
    spool.put(&batch).await.unwrap();
    let mut seqs = async |after, count, bytes| {
        let records = spool.peek(Lane::Urgent, after, count, bytes).await.unwrap();
        records.iter().map(|record| record.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(0, 3, usize::MAX).await, [1, 2, 3]);
    assert_eq!(seqs(3, 100, 250).await, [4, 5]);
    assert_eq!(seqs(5, 100, 1).await, [6]);
    assert_eq!(seqs(u64::MAX, 100, 1).await, [0_u64; 0]);
}

#[tokio::test]
async fn everything_put_and_acked_is_so_after_a_kill() {
    let world = World::new(ROOMY);
    let opened = world.open().await;
    let mut spool = opened.spool;
    assert!(opened.fresh);
    spool
        .put(&[urgent(b"a"), urgent(b"b"), state("k", b"s")])
        .await
        .unwrap();
    pending(&mut spool, Lane::Urgent).await;
    spool.ack(Lane::Urgent, 1).await.unwrap();

    let later = world.killed();
    let mut again = later.open().await;
    assert!(!again.fresh && again.quarantined.is_none());
    assert_eq!(again.epoch, opened.epoch);
    assert_eq!(
        pending(&mut again.spool, Lane::Urgent).await,
        pairs(&[(2, b"b")])
    );
    assert_eq!(
        pending(&mut again.spool, Lane::State).await,
        pairs(&[(1, b"s")])
    );
    again.spool.put(&[urgent(b"c")]).await.unwrap();
    let all = pairs(&[(2, b"b"), (3, b"c")]);
    assert_eq!(pending(&mut again.spool, Lane::Urgent).await, all);
}

#[tokio::test]
async fn a_spool_dropped_without_closing_opens_again_at_once() {
    let world = World::new(ROOMY);
    for round in 1..=5_u8 {
        let mut spool = world.open().await.spool;
        spool.put(&[urgent(&[round])]).await.unwrap();
        assert_eq!(
            pending(&mut spool, Lane::Urgent).await.len(),
            usize::from(round)
        );
    }
}

#[tokio::test]
async fn the_same_state_again_is_no_change_even_when_acked_and_restarted() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    spool.put(&[state("k", b"one")]).await.unwrap();
    spool.put(&[state("k", b"one")]).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(1, b"one")])
    );
    spool.ack(Lane::State, 1).await.unwrap();
    spool.put(&[state("k", b"one")]).await.unwrap();
    spool.close().await.unwrap();
    let mut spool = world.open().await.spool;
    spool.put(&[state("k", b"one")]).await.unwrap();
    assert!(pending(&mut spool, Lane::State).await.is_empty());
    spool.put(&[state("k", b"two")]).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(2, b"two")])
    );
}

#[tokio::test]
async fn only_the_newest_state_of_a_key_is_kept() {
    let mut spool = World::new(ROOMY).open().await.spool;
    spool
        .put(&[state("a", b"1"), state("b", b"2")])
        .await
        .unwrap();
    spool
        .put(&[state("a", b"3"), state("a", b"4")])
        .await
        .unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(2, b"2"), (3, b"4")])
    );
    spool.ack(Lane::State, 2).await.unwrap();
    assert_eq!(pending(&mut spool, Lane::State).await, pairs(&[(3, b"4")]));
}

#[tokio::test]
async fn a_forgotten_key_is_told_and_its_slot_freed() {
    let mut spool = World::new(ROOMY).open().await.spool;
    spool
        .put(&[state("a", b"1"), forget("unknown", b"x")])
        .await
        .unwrap();
    spool.put(&[forget("a", b"gone")]).await.unwrap();
    spool.put(&[forget("a", b"gone")]).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(2, b"gone")])
    );
    assert_eq!(spool.standing(Lane::State).await.unwrap().count, 1);
    spool.ack(Lane::State, 2).await.unwrap();
    assert_eq!(spool.standing(Lane::State).await.unwrap().count, 0);
    assert_eq!(spool.standing(Lane::State).await.unwrap().bytes, 0);
    spool.put(&[state("a", b"back")]).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(3, b"back")])
    );
}

#[tokio::test]
async fn restating_delivers_all_state_again_in_its_order() {
    let mut spool = World::new(ROOMY).open().await.spool;
    spool
        .put(&[state("b", b"1"), state("a", b"2")])
        .await
        .unwrap();
    pending(&mut spool, Lane::State).await;
    spool.ack(Lane::State, 2).await.unwrap();
    assert_eq!(spool.restate().await.unwrap(), 4);
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(3, b"1"), (4, b"2")])
    );
}

#[tokio::test]
async fn an_ack_beyond_what_was_handed_out_is_refused() {
    let mut spool = World::new(ROOMY).open().await.spool;
    spool.put(&[urgent(b"a"), urgent(b"b")]).await.unwrap();
    let refused = spool.ack(Lane::Urgent, 1).await.unwrap_err();
    assert!(matches!(
        refused,
        AckError::BeyondHandedOut { handed_out: 0, .. }
    ));
    pending(&mut spool, Lane::Urgent).await;
    spool.put(&[urgent(b"c")]).await.unwrap();
    assert!(spool.ack(Lane::Urgent, 3).await.is_err());
    spool.ack(Lane::Urgent, 2).await.unwrap();
    spool.ack(Lane::Urgent, 1).await.unwrap();
    let rest = pairs(&[(3, b"c")]);
    assert_eq!(pending(&mut spool, Lane::Urgent).await, rest);
}

#[tokio::test]
async fn a_spool_restored_from_a_copy_is_found_out_and_delivers_under_a_new_epoch() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    spool.put(&[urgent(b"a"), state("k", b"s")]).await.unwrap();
    pending(&mut spool, Lane::Urgent).await;
    let restored = world.killed();
    spool.put(&[urgent(b"b"), urgent(b"c")]).await.unwrap();
    pending(&mut spool, Lane::Urgent).await;
    spool.ack(Lane::Urgent, 3).await.unwrap();

    let mut again = restored.open().await.spool;
    // More evidence than the coordinator knows of, and a restart: the last sequence tells nothing.
    let new: Vec<_> = (0..5).map(|n| urgent(&[n])).collect();
    again.put(&new).await.unwrap();
    again.close().await.unwrap();
    let opened = restored.open().await;
    let mut again = opened.spool;
    assert!(matches!(
        again.ack(Lane::Urgent, 3).await,
        Err(AckError::BeyondHandedOut { handed_out: 1, .. })
    ));
    let epoch = again.renew_epoch(&restored.randomness).await.unwrap();
    assert_ne!(epoch, opened.epoch);
    assert!(again.ack(Lane::Urgent, 1).await.is_err());
    assert_eq!(pending(&mut again, Lane::Urgent).await.len(), 6);
    assert_eq!(pending(&mut again, Lane::State).await, pairs(&[(2, b"s")]));
    again.close().await.unwrap();
    assert_eq!(restored.open().await.epoch, epoch);
}

/// Polls a future some times, then drops it.
async fn dropped_after<T>(polls: u32, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if future.as_mut().poll(&mut context).is_ready() {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_put_dropped_at_any_moment_is_kept_whole_or_not_at_all() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    let mut seen = BTreeMap::new();
    for polls in 0..200_u32 {
        let said = polls.to_le_bytes();
        let batch = [urgent(&said), urgent(&said), state("k", &said)];
        dropped_after(polls, spool.put(&batch)).await;
        let records = pending(&mut spool, Lane::Urgent).await;
        for pair in records.chunks(2) {
            assert_eq!(pair[0].1, pair[1].1);
            assert_eq!(pair[0].0 + 1, pair[1].0);
        }
        for (seq, payload) in records {
            // What was handed out once stays what it was.
            assert_eq!(seen.entry(seq).or_insert_with(|| payload.clone()), &payload);
        }
        assert_eq!(seen.keys().next_back().copied().unwrap_or(0), count(&seen));
    }
    let standing = spool.standing(Lane::Urgent).await.unwrap();
    let again = world
        .killed()
        .open()
        .await
        .spool
        .standing(Lane::Urgent)
        .await;
    assert_eq!(standing, again.unwrap());
}

fn count(seen: &BTreeMap<u64, Vec<u8>>) -> u64 {
    u64::try_from(seen.len()).unwrap()
}

#[tokio::test]
async fn a_refused_batch_leaves_nothing() {
    let world = World::new(keepwatch_agent::spool::Limits {
        state_slots_max: 1,
        ..ROOMY
    });
    let mut spool = world.open().await.spool;
    let refused = spool
        .put(&[state("a", b"1"), state("b", b"2"), urgent(b"e")])
        .await;
    let error = refused.unwrap_err();
    assert!(matches!(
        error,
        PutError::StateOvergrown {
            slots: 2,
            slots_max: 1,
            ..
        }
    ));
    assert!(error.to_string().contains("raise the spool's limits"));
    assert!(pending(&mut spool, Lane::State).await.is_empty());
    assert!(pending(&mut spool, Lane::Urgent).await.is_empty());
    spool.put(&[state("a", b"1"), urgent(b"e")]).await.unwrap();
    spool.put(&[state("a", b"2")]).await.unwrap();
    assert_eq!(pending(&mut spool, Lane::State).await, pairs(&[(2, b"2")]));
    assert_eq!(pending(&mut spool, Lane::Urgent).await, pairs(&[(1, b"e")]));
}

#[tokio::test]
async fn a_second_opener_is_told_that_the_spool_is_in_use() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    let space = Box::new(FolderSpace::new(world.folder().to_owned()));
    let now = Instant::EPOCH;
    let second = Spool::open(world.folder(), ROOMY, space, now, &world.randomness).await;
    let Err(OpenError::Database(error)) = second else {
        panic!("two own one spool");
    };
    assert_eq!(error.condition(), Condition::InUse);
    spool.put(&[urgent(b"still mine")]).await.unwrap();
}

#[tokio::test]
async fn a_spool_may_move_between_threads() {
    fn needs_send<T: Send>(value: T) -> T {
        value
    }
    let mut spool = World::new(ROOMY).open().await.spool;
    needs_send(spool.put(&[urgent(b"a")])).await.unwrap();
    needs_send(spool.peek(Lane::Urgent, 0, 1, 1)).await.unwrap();
    needs_send(spool.ack(Lane::Urgent, 1)).await.unwrap();
    needs_send(spool.tidy()).await.unwrap();
    needs_send(spool.close()).await.unwrap();
}
