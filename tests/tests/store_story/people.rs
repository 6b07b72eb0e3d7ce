//! People and who is signed in.

use keepwatch_common::secret::Secret;
use keepwatch_coordinator::store::Tx;
use keepwatch_coordinator::store::digest::SecretHash;
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_coordinator::store::people::{NewPerson, PersonInsertError};
use keepwatch_coordinator::store::sessions::NewSession;
use keepwatch_tests::databases::for_each_database;

use super::settings::at;

fn key(text: &str) -> SecretHash {
    SecretHash::of(&Secret::new(text.to_owned()))
}

async fn add(tx: &mut Tx, name: &str) -> Result<i64, PersonInsertError> {
    tx.person_insert(&NewPerson {
        name,
        password_hash: &Secret::new("$argon2id$v=19$abc".to_owned()),
        role: "headquarters",
        region_id: None,
        branch_id: None,
        created_at: at(0),
    })
    .await
}

/// Signs a person in until the hundredth second.
async fn sign_in(tx: &mut Tx, person_id: i64, token: &str) {
    let session = NewSession {
        token_hash: &key(token),
        person_id,
        created_at: at(0),
        ends_at: at(100),
    };
    tx.session_insert(&session).await.unwrap();
}

#[test]
fn people_are_found_by_name_and_counted() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        assert_eq!(tx.person_count().await.unwrap(), 0);
        let id = add(&mut tx, "林").await.unwrap();
        add(&mut tx, "wang").await.unwrap();
        assert_eq!(tx.person_count().await.unwrap(), 2);
        let found = tx.person_fetch_by_name("林").await.unwrap().unwrap();
        assert_eq!(found.id, id);
        assert_eq!(found.password_hash.expose(), "$argon2id$v=19$abc");
        assert_eq!(tx.person_fetch(id).await.unwrap().unwrap(), found);
        assert_eq!(tx.person_fetch_by_name("nobody").await.unwrap(), None);
        let rest = tx.person_list(Some(id), PageRows::MOST).await.unwrap();
        assert_eq!(rest[0].name, "wang");
    });
}

#[test]
fn a_persons_print_does_not_show_the_passwords_hash() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let id = add(&mut tx, "lin").await.unwrap();
        let shown = format!("{:?}", tx.person_fetch(id).await.unwrap());
        assert!(
            shown.contains("lin") && !shown.contains("argon2id"),
            "{shown}"
        );
    });
}

#[test]
fn a_sign_in_name_is_given_once_even_after_its_person_left() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let id = add(&mut tx, "lin").await.unwrap();
        assert!(tx.person_disable(id, at(1)).await.unwrap());
        let refused = add(&mut tx, "lin").await.unwrap_err();
        assert!(matches!(&refused, PersonInsertError::NameTaken { name } if name == "lin"));
        let kept = tx.person_fetch(id).await.unwrap().unwrap();
        assert_eq!(kept.disabled_at_ms, Some(at(1).ms()));
    });
}

#[test]
fn a_session_lasts_until_it_ends() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let id = add(&mut tx, "lin").await.unwrap();
        sign_in(&mut tx, id, "cookie").await;
        tx.session_seen(&key("cookie"), at(50)).await.unwrap();
        tx.session_seen(&key("cookie"), at(40)).await.unwrap();
        let session = tx.session_fetch(&key("cookie"), at(99)).await.unwrap();
        let session = session.unwrap();
        assert_eq!((session.person_id, session.seen_at_ms), (id, at(50).ms()));
        let over = tx.session_fetch(&key("cookie"), at(100)).await.unwrap();
        assert_eq!(over, None);
        assert_eq!(tx.session_fetch(&key("other"), at(1)).await.unwrap(), None);
    });
}

#[test]
fn signing_out_ends_one_session_and_a_new_password_all() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let (lin, wang) = (
            add(&mut tx, "lin").await.unwrap(),
            add(&mut tx, "wang").await.unwrap(),
        );
        for token in ["a", "b", "c"] {
            sign_in(&mut tx, lin, token).await;
        }
        sign_in(&mut tx, wang, "w").await;
        assert!(tx.session_end(&key("a")).await.unwrap());
        assert!(!tx.session_end(&key("a")).await.unwrap());
        let renewed = Secret::new("$argon2id$v=19$new".to_owned());
        assert!(tx.person_password_set(lin, &renewed).await.unwrap());
        assert_eq!(tx.sessions_end_of_person(lin).await.unwrap(), 2);
        let kept = tx.session_fetch(&key("w"), at(1)).await.unwrap();
        assert_eq!(kept.unwrap().person_id, wang);
        let changed = tx.person_fetch(lin).await.unwrap().unwrap();
        assert_eq!(changed.password_hash, renewed);
    });
}

#[test]
fn who_is_disabled_is_signed_out_at_once() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let id = add(&mut tx, "lin").await.unwrap();
        sign_in(&mut tx, id, "a").await;
        assert!(tx.person_disable(id, at(1)).await.unwrap());
        assert!(!tx.person_disable(id, at(2)).await.unwrap());
        assert_eq!(tx.session_fetch(&key("a"), at(2)).await.unwrap(), None);
        // Not even a session that slipped in meanwhile.
        sign_in(&mut tx, id, "b").await;
        assert_eq!(tx.session_fetch(&key("b"), at(2)).await.unwrap(), None);
    });
}

#[test]
fn sessions_that_ended_are_cleared_away_and_others_stay() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        let id = add(&mut tx, "lin").await.unwrap();
        sign_in(&mut tx, id, "a").await;
        assert_eq!(tx.sessions_clear_ended(at(99)).await.unwrap(), 0);
        assert_eq!(tx.sessions_clear_ended(at(100)).await.unwrap(), 1);
        assert!(!tx.session_end(&key("a")).await.unwrap());
    });
}
