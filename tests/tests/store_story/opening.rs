//! Opening, migrating and refusing.

use std::os::unix::fs::MetadataExt;

use keepwatch_common::error_chain::chain;
use keepwatch_coordinator::store::exclusion::ExclusionError;
use keepwatch_coordinator::store::migrations::SchemaError;
use keepwatch_coordinator::store::{DatabaseUrl, OpenError, Opening, Schema, Sharing, Store};
use keepwatch_tests::databases::{Database, for_each_database};

use super::settings::{at, branch};

const SERVING: Opening = Opening {
    sharing: Sharing::Serving,
    schema: Schema::MustBeCurrent,
};

const ALONE: Opening = Opening {
    sharing: Sharing::Alone,
    schema: Schema::MustBeCurrent,
};

fn migrating() -> Opening {
    Opening {
        sharing: Sharing::Alone,
        schema: Schema::Migrate { at: at(0) },
    }
}

/// Why the schema is refused once the story's own store is closed.
async fn refusal(database: &Database, opening: Opening) -> SchemaError {
    database.store.close().await;
    match database.open_again(opening).await.unwrap_err() {
        OpenError::Schema { source, .. } => source,
        other => panic!("{}", chain(&other)),
    }
}

fn is_in_use(refused: Result<Store, OpenError>) -> bool {
    matches!(
        refused.unwrap_err(),
        OpenError::Exclusion {
            source: ExclusionError::InUse,
            ..
        }
    )
}

#[test]
fn a_database_at_our_version_opens_and_keeps_its_rows() {
    for_each_database(async |database| {
        let mut tx = database.store.begin().await.unwrap();
        tx.branch_insert(&branch("SH-001")).await.unwrap();
        tx.commit().await.unwrap();
        database.store.close().await;
        let store = database.open_again(SERVING).await.unwrap();
        assert!(store.migrated().is_empty());
        let mut reader = store.read().await.unwrap();
        let found = reader.branch_fetch_by_code("SH-001").await.unwrap();
        assert_eq!(found.unwrap().name, "南京西路店");
    });
}

#[test]
fn migrating_twice_applies_nothing_the_second_time() {
    for_each_database(async |database| {
        database.store.close().await;
        let applied = "SELECT count(*) FROM migrations";
        let before = database.number(applied).await.unwrap();
        let store = database.open_again(migrating()).await.unwrap();
        assert!(store.migrated().is_empty());
        store.close().await;
        assert_eq!(database.number(applied).await.unwrap(), before);
    });
}

#[test]
fn a_database_without_tables_is_refused_until_it_is_migrated() {
    for_each_database(async |database| {
        database.empty().await.unwrap();
        let refused = refusal(database, SERVING).await;
        let SchemaError::Pending {
            pending,
            first: "spine",
        } = refused
        else {
            panic!("{refused}");
        };
        assert!(refused.to_string().contains("keepwatch migrate"));
        let store = database.open_again(migrating()).await.unwrap();
        assert_eq!(store.migrated().len(), pending);
        store.close().await;
        database.open_again(SERVING).await.unwrap();
    });
}

#[test]
fn a_database_of_a_newer_program_is_refused_even_for_migration() {
    for_each_database(async |database| {
        database
            .tamper(
                "INSERT INTO migrations (version, name, checksum, applied_at_ms)
                 VALUES (99, 'tomorrow', 'x', 0)",
            )
            .await
            .unwrap();
        for opening in [SERVING, migrating()] {
            let refused = refusal(database, opening).await;
            assert!(
                matches!(refused, SchemaError::Newer { version: 99 }),
                "{refused}"
            );
        }
    });
}

#[test]
fn a_migration_that_was_edited_is_refused() {
    for_each_database(async |database| {
        database
            .tamper("UPDATE migrations SET checksum = 'edited'")
            .await
            .unwrap();
        for opening in [SERVING, migrating()] {
            let refused = refusal(database, opening).await;
            assert!(
                matches!(&refused, SchemaError::Differs { version: 1, name } if name == "spine"),
                "{refused}"
            );
        }
    });
}

#[test]
fn a_migration_that_fails_leaves_nothing_behind() {
    for_each_database(async |database| {
        database.empty().await.unwrap();
        // In the way of a table in the middle of the first migration.
        database
            .tamper("CREATE TABLE outbox (id BIGINT)")
            .await
            .unwrap();
        let refused = refusal(database, migrating()).await;
        assert!(matches!(refused, SchemaError::Store(_)), "{refused}");
        for gone in ["regions", "migrations"] {
            let select = format!("SELECT count(*) FROM {gone}");
            assert!(database.number(&select).await.is_err(), "{gone} is there");
        }
    });
}

#[test]
fn who_must_be_alone_is_refused_while_a_coordinator_serves() {
    for_each_database(async |database| {
        assert!(is_in_use(database.open_again(ALONE).await));
        database.store.close().await;
        let alone = database.open_again(ALONE).await.unwrap();
        assert!(is_in_use(database.open_again(SERVING).await));
        alone.close().await;
        database.open_again(SERVING).await.unwrap();
    });
}

#[test]
fn coordinators_share_a_postgresql_and_never_a_file() {
    for_each_database(async |database| {
        let second = database.open_again(SERVING).await;
        match database.path() {
            Some(_) => assert!(is_in_use(second)),
            None => second.unwrap().close().await,
        }
    });
}

#[test]
fn a_file_is_readable_by_its_owner_alone() {
    for_each_database(async |database| {
        let Some(path) = database.path() else {
            return; // A server guards its own files.
        };
        let mut tx = database.store.begin().await.unwrap();
        tx.branch_insert(&branch("SH-001")).await.unwrap();
        tx.commit().await.unwrap();
        for end in ["", "-wal", "-shm", ".lock"] {
            let file = format!("{}{end}", path.display());
            let mode = fs_err::metadata(&file).unwrap().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    });
}

#[test]
fn a_missing_file_is_not_made_by_serving() {
    for_each_database(async |database| {
        let Some(path) = database.path() else {
            return; // A database on a server is made by its administrator.
        };
        let elsewhere = path.with_file_name("elsewhere.db");
        let url = DatabaseUrl::sqlite(&elsewhere);
        let refused = Store::open(&url, SERVING).await.unwrap_err();
        assert!(matches!(refused, OpenError::Missing { .. }), "{refused}");
        assert!(!elsewhere.exists());
    });
}

#[test]
fn a_server_that_may_lose_what_it_confirmed_is_refused() {
    for_each_database(async |database| {
        if database.path().is_some() {
            return; // A file is told to be durable when it is opened.
        }
        database
            .tamper(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',
                    current_database()); END $$",
            )
            .await
            .unwrap();
        let refused = database.open_again(SERVING).await.unwrap_err();
        assert!(chain(&refused).to_string().contains("synchronous_commit"));
    });
}
