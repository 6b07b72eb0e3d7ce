//! Every file says what it is, every public module of a crate has its caption, and every file
//! belongs to a module.
//!
//! Whoever opens a room reads first what it is for. A file that no `mod` names is never compiled, so
//! it rots unseen.

use std::collections::BTreeSet;

use syn::{Attribute, Meta, Visibility};

use super::offence::Offence;
use super::place::Place;
use super::repository::Repository;
use super::source::{Sources, declared_modules};

/// Files without a head, modules without a caption, files without a module.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let headless = repository
        .rust()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| Offence::at(path, 1, "does not open with `//!` and what it is"));
    let (sources, parsing) = Sources::parse(repository);
    headless
        .chain(captions(&sources))
        .chain(orphans(&sources))
        .chain(parsing)
        .collect()
}

fn captions(sources: &Sources) -> Vec<Offence> {
    let mut offences = Vec::new();
    for source in &sources.all {
        if !source.path.ends_with("/src/lib.rs") {
            continue;
        }
        for declared in declared_modules(&source.syntax) {
            let module = declared.item;
            let public = matches!(module.vis, Visibility::Public(_));
            if public && !module.attrs.iter().any(is_doc) {
                let what = format!("`pub mod {}` has no `///` caption", module.ident);
                let line = module.ident.span().start().line;
                offences.push(Offence::at(&source.path, line, what));
            }
        }
    }
    offences
}

fn orphans(sources: &Sources) -> Vec<Offence> {
    let mut declared = BTreeSet::new();
    for source in &sources.all {
        for module in declared_modules(&source.syntax) {
            let mut place = source.place.clone();
            place.module.extend(module.path);
            declared.insert(place);
        }
    }
    let orphan = |place: &Place| !place.module.is_empty() && !declared.contains(place);
    let files = sources.all.iter().filter(|source| orphan(&source.place));
    files
        .map(|source| Offence::file(&source.path, "no `mod` names it, so it is never compiled"))
        .collect()
}

fn is_doc(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::NameValue(pair) if pair.path.is_ident("doc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let repository = Repository::sample(files.iter().copied());
        check(&repository).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_opens_with_what_it_is() {
        for (text, offences) in [
            ("//! A thing.\n", 0),
            ("", 1),
            ("// A thing.\n", 1),
            ("use a::b;\n//! Late.\n", 2), // and it is not Rust
        ] {
            assert_eq!(told(&[("x/src/lib.rs", text)]).len(), offences, "{text}");
        }
    }

    #[test]
    fn a_public_module_of_a_crate_has_a_caption() {
        let bare = "//! X.\n/// B.\npub mod b;\npub mod a;\nmod c;";
        let files = [
            ("x/src/lib.rs", bare),
            ("x/src/a.rs", "//! A."),
            ("x/src/b.rs", "//! B."),
            ("x/src/c.rs", "//! C."),
        ];
        assert_eq!(
            told(&files),
            ["x/src/lib.rs:4: `pub mod a` has no `///` caption"]
        );
    }

    #[test]
    fn a_file_that_no_module_names_is_refused() {
        let files = [
            ("x/src/lib.rs", "//! X.\nmod a;"),
            ("x/src/a.rs", "//! A.\nmod inner { mod c; }"),
            ("x/src/a/b.rs", "//! B."),
            ("x/src/a/inner/c.rs", "//! C."),
        ];
        assert_eq!(
            told(&files),
            ["x/src/a/b.rs: no `mod` names it, so it is never compiled"]
        );
    }
}
