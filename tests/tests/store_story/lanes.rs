//! How far lanes are stored, against a model that is only a map.

use std::collections::BTreeMap;

use keepwatch_common::ids::Seeded;
use keepwatch_common::model::observation::Lane;
use keepwatch_coordinator::store::StoreError;
use keepwatch_coordinator::store::lanes::LaneKey;
use keepwatch_tests::databases::for_each_database;

use super::settings::{id, with_agents};

fn key(agent: u128, epoch: u64, lane: Lane) -> LaneKey {
    LaneKey {
        agent: id(agent),
        epoch,
        lane,
    }
}

#[test]
fn lanes_move_on_like_a_map_that_keeps_the_larger_number() {
    for_each_database(async |database| {
        with_agents(&database.store, 40).await;
        let drawn = Seeded::new(20_261_123);
        let epochs = [0, 1, u64::MAX, i64::MAX.cast_unsigned() + 1];
        let draw = || {
            let epoch = epochs[usize::try_from(drawn.below(4)).unwrap()];
            let lane = Lane::BY_URGENCY[usize::try_from(drawn.below(3)).unwrap()];
            key(u128::from(drawn.below(40) + 1), epoch, lane)
        };
        let mut model: BTreeMap<LaneKey, u64> = BTreeMap::new();
        // Sizes around the ones that a statement on SQLite is made for.
        for size in [1, 2, 7, 8, 9, 63, 64, 65, 300, 0] {
            let told: BTreeMap<_, _> = (0..size).map(|_| (draw(), drawn.below(1_000))).collect();
            let mut tx = database.store.begin().await.unwrap();
            tx.lanes_advance(&told).await.unwrap();
            tx.commit().await.unwrap();
            for (lane, through) in told {
                let kept = model.entry(lane).or_default();
                *kept = through.max(*kept);
            }
            let asked: Vec<_> = (0..size).map(|_| draw()).collect();
            let mut reader = database.store.read().await.unwrap();
            let answered = reader.lanes_through(&asked).await.unwrap();
            let expected: BTreeMap<_, _> = asked
                .iter()
                .filter_map(|lane| Some((*lane, *model.get(lane)?)))
                .collect();
            assert_eq!(answered, expected, "after {size}");
        }
    });
}

#[test]
fn more_lanes_than_one_statement_takes_are_all_stored() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        // More than one portion on either database.
        let told: BTreeMap<_, _> = (1..=5_000)
            .map(|epoch| (key(1, epoch, Lane::State), epoch * 2))
            .collect();
        let mut tx = database.store.begin().await.unwrap();
        tx.lanes_advance(&told).await.unwrap();
        let asked: Vec<_> = told.keys().copied().collect();
        assert_eq!(tx.lanes_through(&asked).await.unwrap(), told);
    });
}

#[test]
fn a_lane_of_an_unknown_agent_is_refused_as_a_whole() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let told = BTreeMap::from([(key(1, 5, Lane::State), 1), (key(77, 5, Lane::State), 1)]);
        let mut tx = database.store.begin().await.unwrap();
        let refused = tx.lanes_advance(&told).await.unwrap_err();
        assert!(!refused.is_transient(), "{refused}");
        drop(tx);
        let mut reader = database.store.read().await.unwrap();
        let asked = [key(1, 5, Lane::State)];
        assert!(reader.lanes_through(&asked).await.unwrap().is_empty());
    });
}

#[test]
fn a_sequence_beyond_63_bits_is_refused_and_not_bent() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        let told = BTreeMap::from([(key(1, 5, Lane::State), u64::MAX)]);
        let refused = tx.lanes_advance(&told).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooLarge { .. }), "{refused}");
    });
}
