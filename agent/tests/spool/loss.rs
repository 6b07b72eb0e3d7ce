//! What was lost becomes evidence, exactly once, whatever happens in between.

use keepwatch_agent::spool::{
    LOSS_REPORTS_PENDING_MAX, Limits, LossReason, RECORD_OVERHEAD_BYTES, ReportLossError,
};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::Connection;

use crate::world::{ROOMY, World, pairs, pending, routine, state, urgent};

/// Room for one record of 100 bytes.
const TIGHT: Limits = Limits {
    evidence_bytes_max: 100 + RECORD_OVERHEAD_BYTES,
    ..ROOMY
};

#[tokio::test]
async fn a_loss_survives_a_kill_and_leaves_the_book_with_its_report() {
    let world = World::new(TIGHT);
    let mut spool = world.open().await.spool;
    spool.put(&vec![urgent(&[0; 100]); 3]).await.unwrap();
    let told = spool.unreported_losses().await.unwrap();
    let later = world.killed();
    let mut again = later.open().await.spool;
    assert_eq!(again.unreported_losses().await.unwrap(), told);
    assert_eq!(
        (told[0].count, told[0].first_seq, told[0].last_seq),
        (2, 1, 2)
    );
    again
        .report_loss(&told[0], Instant::EPOCH, b"lost 2")
        .await
        .unwrap();
    assert!(again.unreported_losses().await.unwrap().is_empty());
    let urgents = pending(&mut again, Lane::Urgent).await;
    assert_eq!(urgents.last(), Some(&(4, b"lost 2".to_vec())));
}

#[tokio::test]
async fn a_loss_that_grew_since_it_was_read_is_not_cleared() {
    let mut spool = World::new(TIGHT).open().await.spool;
    spool.put(&vec![routine(&[0; 100]); 2]).await.unwrap();
    let old = spool.unreported_losses().await.unwrap()[0];
    spool.put(&[routine(&[0; 100])]).await.unwrap();
    let refused = spool.report_loss(&old, Instant::EPOCH, b"too few").await;
    assert!(matches!(refused, Err(ReportLossError::Changed)));
    assert!(pending(&mut spool, Lane::Urgent).await.is_empty());
    assert_eq!(spool.unreported_losses().await.unwrap()[0].count, 2);
}

#[tokio::test]
async fn reports_are_never_dropped_and_stop_before_they_pile_up() {
    let mut spool = World::new(TIGHT).open().await.spool;
    let mut reported = 0;
    for _ in 0..30 {
        spool.put(&[urgent(&[0; 100])]).await.unwrap();
        for loss in spool.unreported_losses().await.unwrap() {
            reported += loss.count;
            let said = format!("lost {}", loss.count);
            spool
                .report_loss(&loss, Instant::EPOCH, said.as_bytes())
                .await
                .unwrap();
        }
    }
    spool.expire(Instant::LATEST).await.unwrap();
    let urgents = pending(&mut spool, Lane::Urgent).await;
    let reports = urgents.iter().filter(|(_, said)| said.starts_with(b"lost"));
    assert_eq!(
        reports.count(),
        usize::try_from(LOSS_REPORTS_PENDING_MAX).unwrap()
    );
    assert!(spool.unreported_losses().await.unwrap().is_empty());
    spool
        .ack(Lane::Urgent, urgents.last().unwrap().0)
        .await
        .unwrap();
    let rest = spool.unreported_losses().await.unwrap();
    let unreported: u64 = rest.iter().map(|loss| loss.count).sum();
    assert_eq!(reported + unreported, 30);
}

#[tokio::test]
async fn a_record_that_rotted_is_not_delivered_but_counted() {
    let world = World::new(ROOMY);
    let mut spool = world.open().await.spool;
    spool.put(&[urgent(b"aged")]).await.unwrap();
    spool.expire(Instant::LATEST).await.unwrap();
    let aged = spool.unreported_losses().await.unwrap()[0];
    spool
        .report_loss(&aged, Instant::EPOCH, b"a bad report")
        .await
        .unwrap();
    spool
        .put(&[urgent(b"good"), urgent(b"bad"), state("k", b"bad too")])
        .await
        .unwrap();
    spool.close().await.unwrap();
    let url = format!("sqlite:{}", world.file().display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for rot in [
        "UPDATE evidence SET payload = x'00' WHERE payload = CAST('bad' AS BLOB)",
        "UPDATE evidence SET observed_ms = 7 WHERE is_report = 1",
        "UPDATE slot SET observed_ms = 7",
    ] {
        let done = sqlx::query(rot).execute(&mut conn).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
    conn.close().await.unwrap();

    let mut spool = world.open().await.spool;
    assert_eq!(
        pending(&mut spool, Lane::Urgent).await,
        pairs(&[(3, b"good")])
    );
    assert!(pending(&mut spool, Lane::State).await.is_empty());
    let losses = spool.unreported_losses().await.unwrap();
    let told: Vec<_> = losses
        .iter()
        .map(|l| (l.lane, l.reason, l.count, l.first_seq, l.last_seq))
        .collect();
    let damage = LossReason::Damage;
    let expected = [
        (Lane::State, damage, 1, 1, 1),
        (Lane::Urgent, damage, 2, 2, 4),
    ];
    assert_eq!(told, expected);
    let standing = spool.standing(Lane::Urgent).await.unwrap();
    let recounted = world
        .killed()
        .open()
        .await
        .spool
        .standing(Lane::Urgent)
        .await;
    assert_eq!(standing, recounted.unwrap());
    spool.put(&[state("k", b"bad too")]).await.unwrap();
    assert_eq!(
        pending(&mut spool, Lane::State).await,
        pairs(&[(2, b"bad too")])
    );
}
