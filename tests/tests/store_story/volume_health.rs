//! The health of volumes as it is kept: what is told takes the place of what was, and since when a
//! word holds stays.

use keepwatch_coordinator::store::Store;
use keepwatch_coordinator::store::volume_health::{HealthRow, HealthTold, SourceTold};
use keepwatch_tests::databases::for_each_database;

use super::settings::{id, with_agents};

fn source(kind: &str, subject: &str, word: &str) -> SourceTold {
    SourceTold {
        source: kind.to_owned(),
        subject: subject.to_owned(),
        word: word.to_owned(),
        reason: "sound".to_owned(),
        figures: r#"{"temperature_c":41}"#.to_owned(),
        detail: "型号".to_owned(),
    }
}

async fn tell(store: &Store, branch_id: i64, at_ms: i64, told: &[(&str, Vec<SourceTold>)]) {
    let told: Vec<_> = told
        .iter()
        .map(|(volume, sources)| HealthTold {
            branch_id,
            agent: id(1),
            volume: (*volume).to_owned(),
            at_ms,
            sources: sources.clone(),
        })
        .collect();
    let mut tx = store.begin().await.unwrap();
    tx.volume_health_tell(&told).await.unwrap();
    tx.commit().await.unwrap();
}

async fn kept(store: &Store, branch_id: i64) -> Vec<HealthRow> {
    let mut reader = store.read().await.unwrap();
    reader.volume_health_of_branch(branch_id).await.unwrap()
}

#[test]
fn a_word_keeps_since_when_it_holds_until_it_changes() {
    for_each_database(async |database| {
        let store = &database.store;
        let branch = with_agents(store, 1).await;
        for (at_ms, word) in [(10, "good"), (20, "good"), (30, "worn"), (40, "worn")] {
            tell(
                store,
                branch,
                at_ms,
                &[("D1", vec![source("smart", "sda", word)])],
            )
            .await;
        }
        let rows = kept(store, branch).await;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].since_ms, rows[0].told_at_ms), (30, 40));
        assert_eq!(rows[0].figures, r#"{"temperature_c":41}"#);
    });
}

#[test]
fn what_is_told_no_more_is_gone_and_other_volumes_stay() {
    for_each_database(async |database| {
        let store = &database.store;
        let branch = with_agents(store, 1).await;
        let both = vec![
            source("array", "md0", "good"),
            source("smart", "sda", "good"),
        ];
        tell(store, branch, 10, &[("D1", both.clone()), ("D2", both)]).await;
        let other = vec![
            source("smart", "sdb", "good"),
            source("array", "md0", "worn"),
        ];
        tell(store, branch, 20, &[("D1", other)]).await;
        let rows = kept(store, branch).await;
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.volume.as_str(), row.subject.as_str(), row.word.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("D1", "sdb", "good"),
                ("D1", "md0", "worn"),
                ("D2", "md0", "good"),
                ("D2", "sda", "good"),
            ]
        );
        tell(store, branch, 30, &[("D1", vec![])]).await;
        assert_eq!(kept(store, branch).await.len(), 2);
    });
}
