//! The spool under its caps: bytes, age, the disk's floor; and the file that shrinks again.

use keepwatch_agent::spool::{Limits, LossReason, Put, RECORD_OVERHEAD_BYTES, Spool};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

use crate::world::{ROOMY, World, pending, routine, state, urgent};

/// What a record of 100 bytes weighs.
const WEIGHT: u64 = 100 + RECORD_OVERHEAD_BYTES;

fn at(ms: i64) -> Put {
    Put::Routine {
        observed_at: Instant::from_ms(ms),
        payload: vec![0; 100],
    }
}

async fn seqs(spool: &mut Spool, lane: Lane) -> Vec<u64> {
    let records = pending(spool, lane).await;
    records.into_iter().map(|(seq, _)| seq).collect()
}

#[tokio::test]
async fn the_cap_by_bytes_drops_the_oldest_routine_first_and_urgent_last() {
    let world = World::new(Limits {
        evidence_bytes_max: 4 * WEIGHT,
        ..ROOMY
    });
    let mut spool = world.open().await.spool;
    let (u, r) = (urgent(&[1; 100]), routine(&[2; 100]));
    spool
        .put(&[r.clone(), u.clone(), r.clone(), u.clone()])
        .await
        .unwrap();
    spool.put(std::slice::from_ref(&u)).await.unwrap();
    assert_eq!(seqs(&mut spool, Lane::Routine).await, [2]);
    assert_eq!(seqs(&mut spool, Lane::Urgent).await, [1, 2, 3]);
    spool.put(&[u.clone(), u]).await.unwrap();
    assert!(seqs(&mut spool, Lane::Routine).await.is_empty());
    assert_eq!(seqs(&mut spool, Lane::Urgent).await, [2, 3, 4, 5]);
    spool.put(&[r, state("k", b"never dropped")]).await.unwrap();
    assert!(seqs(&mut spool, Lane::Routine).await.is_empty());
    assert_eq!(seqs(&mut spool, Lane::State).await, [1]);
    let losses = spool.unreported_losses().await.unwrap();
    let told: Vec<_> = losses.iter().map(|l| (l.lane, l.reason, l.count)).collect();
    let bytes = LossReason::Bytes;
    assert_eq!(told, [(Lane::Urgent, bytes, 1), (Lane::Routine, bytes, 3)]);
}

#[tokio::test]
async fn the_cap_by_age_drops_what_was_observed_too_long_ago() {
    let world = World::new(Limits {
        evidence_age_ms_max: 1_000,
        ..ROOMY
    });
    let mut spool = world.open().await.spool;
    spool
        .put(&[at(5_000), at(100), at(4_000), at(3_999)])
        .await
        .unwrap();
    spool.expire(Instant::from_ms(5_000)).await.unwrap();
    assert_eq!(seqs(&mut spool, Lane::Routine).await, [1, 3]);
    let losses = spool.unreported_losses().await.unwrap();
    assert_eq!(losses.len(), 1);
    let loss = losses[0];
    assert_eq!(
        (loss.reason, loss.count, loss.bytes),
        (LossReason::Age, 2, 200)
    );
    assert_eq!((loss.first_seq, loss.last_seq), (2, 4));
    assert_eq!((loss.oldest_at.ms(), loss.newest_at.ms()), (100, 3_999));
    spool.expire(Instant::from_ms(5_001)).await.unwrap();
    assert_eq!(seqs(&mut spool, Lane::Routine).await, [1]);
}

#[tokio::test]
async fn a_disk_below_its_floor_gets_its_space_back_down_to_the_reserve() {
    let world = World::new(Limits {
        floor_reserve_bytes: 3 * WEIGHT,
        ..ROOMY
    });
    let mut spool = world.open().await.spool;
    let batch = vec![routine(&[0; 100]); 500];
    spool.put(&batch).await.unwrap();
    world.set_free(0);
    spool.tidy().await.unwrap();
    assert_eq!(seqs(&mut spool, Lane::Routine).await, [498, 499, 500]);
    spool.put(&[urgent(&[1; 100])]).await.unwrap();
    assert_eq!(seqs(&mut spool, Lane::Routine).await, [499, 500]);
    assert_eq!(seqs(&mut spool, Lane::Urgent).await, [1]);
    let losses = spool.unreported_losses().await.unwrap();
    assert_eq!(
        (losses[0].reason, losses[0].count),
        (LossReason::DiskFloor, 498)
    );
}

#[tokio::test]
async fn a_disk_slightly_below_its_floor_costs_only_what_it_lacks() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    spool.put(&vec![routine(&[0; 1_000]); 1_000]).await.unwrap();
    world.set_free(ROOMY.disk_free_bytes_min - 100_000);
    // Space freed inside the file counts, so that doing it again costs nothing more.
    for _ in 0..20 {
        spool.put(&[state("k", b"s")]).await.unwrap();
    }
    let left = spool.standing(Lane::Routine).await.unwrap().bytes;
    let before = 1_000 * (1_000 + RECORD_OVERHEAD_BYTES);
    assert!(
        left <= before - 90_000 && left >= before - 130_000,
        "{left} of {before}"
    );
}

#[tokio::test]
async fn the_file_shrinks_after_a_drain() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    for _ in 0..20 {
        spool.put(&vec![routine(&[3; 1_000]); 500]).await.unwrap();
    }
    let size = || fs_err::metadata(world.file()).unwrap().len();
    while spool.tidy().await.unwrap() {}
    let mut drained = 0;
    while let Some((seq, _)) = pending(&mut spool, Lane::Routine).await.pop() {
        drained = seq;
        spool.ack(Lane::Routine, seq).await.unwrap();
    }
    assert_eq!(drained, 10_000);
    let full = size();
    let mut steps = 0;
    while spool.tidy().await.unwrap() {
        steps += 1;
    }
    assert!(
        full > 9_000_000 && size() < 2_000_000,
        "{} of {full}",
        size()
    );
    assert!(steps > 3, "the space was given back in one step");
}

#[tokio::test]
async fn damaged_spools_give_way_before_evidence_does() {
    let world = World::new(ROOMY);
    fs_err::write(
        world.file(),
        b"this is no database, and long enough to be looked at",
    )
    .unwrap();
    let opened = world.open().await;
    let quarantined = opened.quarantined.unwrap();
    assert!(quarantined.exists());
    let mut spool = opened.spool;
    spool.put(&[urgent(b"e")]).await.unwrap();
    assert!(quarantined.exists());
    world.set_free(ROOMY.disk_free_bytes_min - 1);
    spool.put(&[urgent(b"f")]).await.unwrap();
    assert!(!quarantined.exists());
}
