//! Words that name nothing, and words that must not stay.
//!
//! A module called after its shape (“helpers”) collects whatever has no place; a thing lives with its
//! noun. And what is left half done is an issue, not a comment. The words stand here in halves, so
//! that this file does not offend against itself.

use super::offence::Offence;
use super::repository::Repository;
use super::source::{Sources, declared_modules};

/// No module may have one of these as a part of its name.
const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "misc", "manager", "managers", "prelude",
];

/// Marks of work left half done, wherever a whole word of text is one.
const HALF_DONE: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("HA", "CK"),
];

/// Pieces of text that belong to somebody's desk and not to the project.
const REFUSED: [&str; 3] = [
    concat!("to", "do!("),
    concat!("unimplem", "ented!("),
    concat!("/wo", "rk/"),
];

/// Written by a tool, not by us.
const GENERATED: &str = "Cargo.lock";

/// Modules with empty names and texts with refused words.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let texts = repository.texts().filter(|(path, _)| *path != GENERATED);
    let mut offences: Vec<_> = texts.flat_map(|(path, text)| refused(path, text)).collect();
    offences.extend(repository.rust().filter_map(|(path, _)| empty_name(path)));
    offences.extend(inline_names(repository));
    offences
}

fn refused<'t>(path: &'t str, text: &'t str) -> impl Iterator<Item = Offence> + 't {
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        let word = |word: &&&str| {
            line.split(|c: char| !c.is_alphanumeric())
                .any(|w| w == **word)
        };
        let half_done = HALF_DONE.iter().find(word);
        let found = half_done.or_else(|| REFUSED.iter().find(|piece| line.contains(**piece)))?;
        Some(Offence::at(
            path,
            number,
            format!("says “{found}”; finish it or take it out"),
        ))
    })
}

fn empty_name(path: &str) -> Option<Offence> {
    let stem = path.strip_suffix(".rs")?;
    let name = stem.split('/').find(|name| is_empty(name))?;
    Some(Offence::file(path, complaint(name)))
}

/// Modules with a body in the file; the names of the others are those of files.
fn inline_names(repository: &Repository) -> Vec<Offence> {
    let (sources, _) = Sources::parse(repository);
    let mut offences = Vec::new();
    for source in &sources.all {
        for declared in declared_modules(&source.syntax) {
            let name = &declared.item.ident;
            if declared.item.content.is_some() && is_empty(&name.to_string()) {
                let what = complaint(&name.to_string());
                offences.push(Offence::at(&source.path, name.span().start().line, what));
            }
        }
    }
    offences
}

fn is_empty(name: &str) -> bool {
    name.split('_').any(|part| EMPTY_NAMES.contains(&part))
}

fn complaint(name: &str) -> String {
    format!("`{name}` names no thing; put what is in it with its noun")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, text: &str) -> usize {
        check(&Repository::sample([(path, text)])).len()
    }

    #[test]
    fn modules_are_named_for_things() {
        for path in [
            "agent/src/util.rs",
            "agent/src/footage/helpers.rs",
            "agent/src/task_manager/queue.rs",
            "tests/src/prelude.rs",
        ] {
            assert_eq!(told(path, "//! X."), 1, "{path}");
        }
        assert_eq!(told("agent/src/utilisation.rs", "//! X."), 0);
    }

    #[test]
    fn inline_modules_too() {
        assert_eq!(told("agent/src/a.rs", "//! A.\nmod misc {}"), 1);
    }

    #[test]
    fn work_left_half_done_is_refused_in_any_text() {
        for word in HALF_DONE.into_iter().chain(REFUSED) {
            for path in ["agent/src/a.rs", "README.md", ".ci/run", "ansible/site.yml"] {
                assert_eq!(
                    told(path, &format!("//! {word} later)")),
                    1,
                    "{path}: {word}"
                );
            }
        }
        assert_eq!(told("Cargo.lock", HALF_DONE[0]), 0);
    }

    #[test]
    fn words_that_only_contain_one_are_fine() {
        let longer = format!("//! {}S and {}", HALF_DONE[0], HALF_DONE[1].to_lowercase());
        assert_eq!(told("agent/src/a.rs", &longer), 0);
    }
}
