//! Agents: keys, renewal, shutting out, signs of life.

use keepwatch_coordinator::store::agents::{AgentInsertError, AgentRow};
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_coordinator::store::presence::{Connected, Disconnected, Heard};
use keepwatch_coordinator::store::{Reader, StoreError, Tx};
use keepwatch_tests::databases::for_each_database;

use super::settings::{agent, at, id, with_agents};

async fn by_key(reader: &mut Reader, key: u8) -> Option<AgentRow> {
    reader.agent_fetch_by_fingerprint(&[key; 32]).await.unwrap()
}

async fn first(reader: &mut Reader) -> AgentRow {
    reader.agent_fetch(id(1)).await.unwrap().unwrap()
}

async fn connect(tx: &mut Tx, seconds: i64, process: u64) {
    let connected = Connected {
        agent: id(1),
        at: at(seconds),
        version: "0.2.0".to_owned(),
        process,
        clock_ahead_ms: Some(-1_500),
    };
    tx.agents_connected(&[connected]).await.unwrap();
}

#[test]
fn an_agent_is_found_by_its_key() {
    for_each_database(async |database| {
        let branch_id = with_agents(&database.store, 2).await;
        let mut reader = database.store.read().await.unwrap();
        let found = by_key(&mut reader, 2).await.unwrap();
        assert_eq!((found.id, found.branch_id), (id(2), branch_id));
        assert_eq!(found.key_fingerprint, [2; 32]);
        assert_eq!(
            (found.revoked_at_ms, found.connected_since_ms),
            (None, None)
        );
        assert_eq!(by_key(&mut reader, 9).await, None);
    });
}

#[test]
fn a_key_belongs_to_one_agent() {
    for_each_database(async |database| {
        let branch_id = with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        assert!(tx.agent_candidate_set(id(1), &[7; 32]).await.unwrap());
        for known in [1, 7] {
            let mut twin = agent(known, branch_id);
            twin.id = id(99);
            let refused = tx.agent_insert(&twin).await.unwrap_err();
            assert!(matches!(refused, AgentInsertError::KeyKnown), "{refused}");
        }
    });
}

#[test]
fn a_renewed_key_lets_in_beside_the_old_one_until_it_has_connected() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        assert!(tx.agent_candidate_set(id(1), &[7; 32]).await.unwrap());
        assert_eq!(by_key(&mut tx, 1).await.unwrap().id, id(1));
        assert_eq!(by_key(&mut tx, 7).await.unwrap().id, id(1));

        let ends = at(1_000_000);
        let commit = tx.agent_candidate_commit(id(1), &[7; 32], ends).await;
        assert!(commit.unwrap());
        let renewed = by_key(&mut tx, 7).await.unwrap();
        assert_eq!(renewed.certificate_ends_ms, ends.ms());
        assert_eq!(renewed.candidate_fingerprint, None);
        assert_eq!(by_key(&mut tx, 1).await, None);
        let again = tx.agent_candidate_commit(id(1), &[7; 32], ends).await;
        assert!(!again.unwrap());
    });
}

#[test]
fn a_later_candidate_takes_the_place_of_an_earlier_one() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        for key in [7, 8, 8] {
            assert!(tx.agent_candidate_set(id(1), &[key; 32]).await.unwrap());
        }
        assert_eq!(by_key(&mut tx, 7).await, None);
        let stale = tx.agent_candidate_commit(id(1), &[7; 32], at(1)).await;
        assert!(!stale.unwrap());
    });
}

#[test]
fn nobody_renews_into_the_key_of_another() {
    for_each_database(async |database| {
        with_agents(&database.store, 2).await;
        let mut tx = database.store.begin().await.unwrap();
        assert!(!tx.agent_candidate_set(id(1), &[2; 32]).await.unwrap());
        assert!(tx.agent_candidate_set(id(2), &[7; 32]).await.unwrap());
        assert!(!tx.agent_candidate_set(id(1), &[7; 32]).await.unwrap());
        assert!(!tx.agent_candidate_set(id(9), &[8; 32]).await.unwrap());
    });
}

#[test]
fn an_agent_shut_out_stays_known_and_cannot_renew() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        assert!(tx.agent_candidate_set(id(1), &[7; 32]).await.unwrap());
        assert!(tx.agent_revoke(id(1), at(5), "stolen").await.unwrap());
        assert!(!tx.agent_revoke(id(1), at(6), "again").await.unwrap());
        let gone = by_key(&mut tx, 1).await.unwrap();
        assert_eq!(gone.revoked_at_ms, Some(at(5).ms()));
        assert_eq!(gone.revoked_reason.as_deref(), Some("stolen"));
        assert_eq!(by_key(&mut tx, 7).await, None);
        assert!(!tx.agent_candidate_set(id(1), &[8; 32]).await.unwrap());
    });
}

#[test]
fn agents_are_listed_page_by_page_and_by_branch() {
    for_each_database(async |database| {
        let branch_id = with_agents(&database.store, 3).await;
        let mut reader = database.store.read().await.unwrap();
        let page = reader.agent_list(None, PageRows::new(2)).await.unwrap();
        assert_eq!(
            page.iter().map(|row| row.id).collect::<Vec<_>>(),
            [id(1), id(2)]
        );
        let rest = reader
            .agent_list(Some(id(2)), PageRows::new(2))
            .await
            .unwrap();
        assert_eq!(rest.len(), 1);
        let of_branch = reader.agent_list_of_branch(branch_id).await.unwrap();
        assert_eq!(of_branch.len(), 3);
    });
}

#[test]
fn a_connection_that_ends_late_does_not_end_a_newer_one() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        connect(&mut tx, 10, u64::MAX).await;
        connect(&mut tx, 20, 5).await;
        let ended = |seconds| Disconnected {
            agent: id(1),
            connected_at: at(seconds),
        };
        tx.agents_disconnected(&[ended(10)]).await.unwrap();
        let here = first(&mut tx).await;
        assert_eq!(here.connected_since_ms, Some(at(20).ms()));
        assert_eq!(here.version, "0.2.0");
        tx.agents_disconnected(&[ended(20)]).await.unwrap();
        let gone = first(&mut tx).await;
        assert_eq!(gone.connected_since_ms, None);
        assert_eq!(gone.heard_at_ms, Some(at(20).ms()));
    });
}

#[test]
fn a_process_number_keeps_all_its_bits() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let mut tx = database.store.begin().await.unwrap();
        connect(&mut tx, 10, u64::MAX).await;
        assert_eq!(first(&mut tx).await.process, Some(u64::MAX));
    });
}

#[test]
fn signs_of_life_only_move_on_and_keep_the_clock_they_do_not_tell() {
    for_each_database(async |database| {
        with_agents(&database.store, 200).await;
        let mut tx = database.store.begin().await.unwrap();
        let heard = |seconds, clock_ahead_ms| -> Vec<Heard> {
            (1..=200)
                .map(|number| Heard {
                    agent: id(number),
                    at: at(seconds),
                    clock_ahead_ms,
                })
                .collect()
        };
        tx.agents_heard(&heard(30, Some(250))).await.unwrap();
        tx.agents_heard(&heard(40, None)).await.unwrap();
        tx.agents_heard(&heard(20, Some(9))).await.unwrap();
        for row in tx.agent_list(None, PageRows::MOST).await.unwrap() {
            assert_eq!(row.heard_at_ms, Some(at(40).ms()), "{}", row.id);
            assert_eq!(row.clock_ahead_ms, Some(250), "{}", row.id);
        }
    });
}

#[test]
fn a_row_that_cannot_be_ours_is_told_by_table_column_and_row() {
    for_each_database(async |database| {
        with_agents(&database.store, 1).await;
        let short = match database.path() {
            Some(_) => "UPDATE agents SET key_fingerprint = x'00'",
            None => "UPDATE agents SET key_fingerprint = '\\x00'",
        };
        database.tamper(short).await.unwrap();
        let mut reader = database.store.read().await.unwrap();
        let refused = reader.agent_fetch(id(1)).await.unwrap_err();
        let StoreError::Corrupt { table, column, row } = &refused else {
            panic!("{refused}");
        };
        assert_eq!((*table, *column), ("agents", "key_fingerprint"));
        assert_eq!(*row, id(1).to_string());
    });
}
