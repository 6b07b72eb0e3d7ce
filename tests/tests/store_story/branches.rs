//! Regions and branches, and holding them.

use keepwatch_coordinator::store::branches::{CodeError, NewRegion};
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_tests::databases::for_each_database;

use super::settings::{at, branch};

#[test]
fn regions_form_a_tree_that_branches_hang_on() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let region = |code, parent_id| NewRegion {
            parent_id,
            code,
            name: "华东",
            created_at: at(0),
        };
        let east = tx.region_insert(&region("EAST", None)).await.unwrap();
        let city = tx.region_insert(&region("SH", Some(east))).await.unwrap();
        let mut new = branch("SH-001");
        new.region_id = Some(city);
        let id = tx.branch_insert(&new).await.unwrap();
        tx.commit().await.unwrap();

        let mut reader = database.store.read().await.unwrap();
        let found = reader.branch_fetch(id).await.unwrap().unwrap();
        assert_eq!(found.region_id, Some(city));
        assert_eq!(found.created_at_ms, at(0).ms());
        let sh = reader.region_fetch_by_code("SH").await.unwrap().unwrap();
        assert_eq!((sh.id, sh.parent_id), (city, Some(east)));
        let all = reader.region_list(None, PageRows::MOST).await.unwrap();
        assert_eq!(all.len(), 2);
        let rest = reader
            .region_list(Some(east), PageRows::MOST)
            .await
            .unwrap();
        assert_eq!(rest, [sh]);
    });
}

#[test]
fn a_code_is_given_once() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        tx.branch_insert(&branch("SH-001")).await.unwrap();
        let refused = tx.branch_insert(&branch("SH-001")).await.unwrap_err();
        assert!(matches!(&refused, CodeError::Taken { code } if code == "SH-001"));
    });
}

#[test]
fn a_branch_that_does_not_exist_is_none_and_no_error() {
    for_each_database(async |database| {
        let mut reader = database.store.read().await.unwrap();
        assert_eq!(reader.branch_fetch(7).await.unwrap(), None);
        assert_eq!(reader.branch_fetch_by_code("SH-001").await.unwrap(), None);
    });
}

#[test]
fn a_branch_in_a_region_that_does_not_exist_is_refused() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let mut orphan = branch("SH-001");
        orphan.region_id = Some(99);
        let CodeError::Store(refused) = tx.branch_insert(&orphan).await.unwrap_err() else {
            panic!("taken for a taken code");
        };
        assert!(!refused.is_transient(), "{refused}");
    });
}

#[test]
fn ensuring_a_branch_twice_gives_the_same_one() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let first = tx.branch_ensure(&branch("SH-001")).await.unwrap();
        let mut renamed = branch("SH-001");
        renamed.name = "another name";
        assert_eq!(tx.branch_ensure(&renamed).await.unwrap(), first);
        let found = tx.branch_fetch(first).await.unwrap().unwrap();
        assert_eq!(found.name, "南京西路店");
    });
}

#[test]
fn a_list_is_read_page_by_page_without_skipping() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        for number in [3, 1, 5, 2, 4] {
            let code = format!("SH-{number:03}");
            tx.branch_insert(&branch(&code)).await.unwrap();
        }
        let mut seen: Vec<String> = Vec::new();
        loop {
            let after = seen.last().map(String::as_str);
            let page = tx.branch_list(after, PageRows::new(2)).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 2);
            seen.extend(page.into_iter().map(|row| row.code));
        }
        assert_eq!(seen, ["SH-001", "SH-002", "SH-003", "SH-004", "SH-005"]);
    });
}

#[test]
fn groups_that_hold_branches_in_opposite_order_do_not_block_each_other() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let a = tx.branch_insert(&branch("SH-001")).await.unwrap();
        let b = tx.branch_insert(&branch("SH-002")).await.unwrap();
        tx.commit().await.unwrap();
        let hold = async |ids: [i64; 2]| {
            for _ in 0..20 {
                let mut tx = database.store.begin().await.unwrap();
                tx.branches_lock(&ids).await.unwrap();
                tx.branch_list(None, PageRows::MOST).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        tokio::join!(hold([a, b]), hold([b, a]));
    });
}
