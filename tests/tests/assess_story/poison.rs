//! A report that no transaction takes, among others of one group.

use keepwatch_common::ids::Seeded;
use keepwatch_common::model::volume::Presence;
use keepwatch_coordinator::assess::Submission;
use keepwatch_coordinator::intake::writer::{self, Delivery};
use keepwatch_coordinator::metrics::IntakeMetrics;
use keepwatch_tests::databases::{Database, for_each_database};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::room::{Room, volume};

/// Sent by someone who poisons every transaction that judges it.
const POISONER: Uuid = Uuid::from_u128(2);

/// Makes the database refuse the volumes of one branch for good.
async fn poison(database: &Database, branch_id: i64) {
    let statement = match database.address() {
        None => format!(
            "CREATE TRIGGER poison BEFORE INSERT ON volumes WHEN NEW.branch_id = {branch_id} \
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        ),
        Some(_) => format!("ALTER TABLE volumes ADD CHECK (branch_id <> {branch_id})"),
    };
    database.tamper(&statement).await.unwrap();
}

#[test]
fn a_report_that_poisons_its_group_is_refused_and_the_others_are_judged() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let poisoned = Room::enter(database, "0666", POISONER).await;
        poison(database, poisoned).await;
        let mut report = |is_bad: bool| -> Submission {
            let good = room.report(&[volume(Presence::Missing)]).remove(0);
            if !is_bad {
                return good;
            }
            let mut entries = good.entries;
            entries[0].sequence = 1;
            Submission {
                agent: POISONER,
                branch_id: poisoned,
                entries,
                ..good
            }
        };
        let (acks, mut acked) = mpsc::channel(8);
        let (deliveries, queue) = mpsc::channel(8);
        for is_bad in [false, true, false] {
            let (submission, acks) = (report(is_bad), acks.clone());
            deliveries
                .send(Delivery { submission, acks })
                .await
                .unwrap();
        }
        drop((deliveries, acks));
        // All of them are there when it begins, so they are one group.
        let (randomness, stop) = (Seeded::new(1), CancellationToken::new());
        writer::run(room.assessor, queue, &randomness, stop).await;
        let mut refused = Vec::new();
        while let Some(ack) = acked.recv().await {
            refused.push(ack.refused);
        }
        assert_eq!(refused, [vec![], vec![1], vec![]]);
        let count = async |rows: &str| {
            let statement = format!("SELECT count(*) FROM {rows}");
            database.number(&statement).await.unwrap()
        };
        assert_eq!(count("evidence WHERE verdict = 'error'").await, 1);
        assert_eq!(count("alerts").await, 1);
    });
}

#[test]
fn a_database_that_fails_is_remembered_until_it_takes_a_group() {
    for_each_database(async |database| {
        let metrics = IntakeMetrics::default();
        let mut room = Room::new(database).await;
        room.assessor = room.assessor.counted(metrics.clone());
        let reports = room.report(&[volume(Presence::Missing)]);
        let group: Vec<_> = reports.iter().collect();
        metrics.hindrance.arose("the disk was full".to_owned());
        room.assessor.take(&group).await.unwrap();
        assert_eq!(metrics.hindrance.reason(), None);
        database.store.close().await;
        room.assessor.take(&group).await.unwrap_err();
        assert!(metrics.hindrance.reason().is_some());
    });
}
