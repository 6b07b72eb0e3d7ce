//! The house rules hold in the repository's own files.
//!
//! Each test runs one check of `keepwatch_tests::tidy` on the real tree; that the checks can fail is
//! tested where they are written.

use std::path::Path;

use keepwatch_tests::tidy::{self, Offence, Repository};

/// Fails with all offences, one a line, as a compiler would tell them.
fn assert_tidy(check: fn(&Repository) -> Vec<Offence>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let unread = |error: std::io::Error| vec![Offence::file("the repository", error.to_string())];
    let mut offences = Repository::read(&root).map_or_else(unread, |read| check(&read));
    offences.sort();
    offences.dedup();
    let told: Vec<_> = offences.iter().map(ToString::to_string).collect();
    let count = told.len();
    assert!(told.is_empty(), "{count} offences\n{}", told.join("\n"));
}

#[test]
fn modules_use_only_lower_layers() {
    assert_tidy(tidy::layers::check);
}

#[test]
fn siblings_form_no_cycle_and_parents_are_face_or_contract() {
    assert_tidy(tidy::rooms::check);
}

#[test]
fn walls_stand_and_pure_rooms_are_pure() {
    assert_tidy(tidy::walls::check);
}

#[test]
fn files_are_short() {
    assert_tidy(tidy::sizes::check);
}

#[test]
fn files_and_modules_say_what_they_are() {
    assert_tidy(tidy::heads::check);
}

#[test]
fn nothing_is_named_emptily_or_left_half_done() {
    assert_tidy(tidy::words::check);
}

#[test]
fn errors_are_types() {
    assert_tidy(tidy::errors::check);
}

#[test]
fn members_take_lints_and_dependencies_from_the_workspace() {
    assert_tidy(tidy::manifests::check);
}

#[test]
fn what_the_readme_names_exists() {
    assert_tidy(tidy::readme::check);
}

/// An empty repository would pass nearly every check.
#[test]
fn the_repository_is_found() {
    assert_tidy(|repository| {
        let known = ["Cargo.toml", "common/src/lib.rs", "tests/tests/tidy.rs"];
        let missing = known.iter().filter(|path| repository.text(path).is_none());
        missing
            .map(|path| Offence::file(path, "was not read"))
            .collect()
    });
}
