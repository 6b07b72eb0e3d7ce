//! All Rust files of the repository, parsed, and which module each path of theirs leads to.
//!
//! A path leads to the deepest module it names that is a file of the same crate. What a `use` brought
//! in is not followed further: the `use` itself was an edge already.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, ItemMod};

use super::offence::Offence;
use super::place::Place;
use super::reference::{Reference, is_test_only, references};
use super::repository::Repository;

/// One parsed file.
pub struct Source {
    /// Relative to the repository.
    pub path: String,
    /// Its crate and module.
    pub place: Place,
    /// The whole file.
    pub syntax: syn::File,
    /// Every path it names.
    pub references: Vec<Reference>,
}

/// The syntax is long and says nothing that the path does not.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// One module uses another of the same crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it is written.
    pub path: String,
    /// Line in that file.
    pub line: usize,
    /// The crate's root.
    pub root: String,
    /// Who uses.
    pub from: Vec<String>,
    /// What is used; empty for the crate's root.
    pub to: Vec<String>,
}

/// All sources and the modules they make.
#[derive(Debug)]
pub struct Sources {
    /// In order of path.
    pub all: Vec<Source>,
    modules: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// Modules declared with `#[cfg(test)]`.
    test_modules: BTreeSet<(String, Vec<String>)>,
}

impl Sources {
    /// Parses what can be parsed; an offence for each file that cannot.
    pub fn parse(repository: &Repository) -> (Self, Vec<Offence>) {
        let (mut all, mut offences) = (Vec::new(), Vec::new());
        for (path, text) in repository.rust() {
            let Some(place) = Place::of(path) else {
                continue;
            };
            match syn::parse_file(text) {
                Ok(syntax) => all.push(Source {
                    path: path.to_owned(),
                    place,
                    references: references(&syntax),
                    syntax,
                }),
                Err(error) => {
                    let line = error.span().start().line;
                    offences.push(Offence::at(path, line, format!("is not Rust: {error}")));
                }
            }
        }
        (Self::link(all), offences)
    }

    /// Every use of one module by another of its crate that is built outside tests.
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for source in self.all.iter().filter(|source| !self.is_test(source)) {
            let shipped = source.references.iter().filter(|reference| !reference.test);
            edges.extend(shipped.filter_map(|reference| self.edge(source, reference)));
        }
        edges
    }

    /// The modules of a crate; the root's own, empty path is always among them.
    pub fn modules(&self) -> &BTreeMap<String, BTreeSet<Vec<String>>> {
        &self.modules
    }

    fn link(all: Vec<Source>) -> Self {
        let mut modules: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
        let mut test_modules = BTreeSet::new();
        for source in &all {
            let Place { root, module } = &source.place;
            let known = modules.entry(root.clone()).or_default();
            // A folder without a file of its own is a module too.
            known.extend((0..=module.len()).map(|depth| module[..depth].to_vec()));
            for declared in declared_modules(&source.syntax) {
                if is_test_only(&declared.item.attrs) {
                    let path = [module.as_slice(), &declared.path].concat();
                    test_modules.insert((root.clone(), path));
                }
            }
        }
        Self {
            all,
            modules,
            test_modules,
        }
    }

    fn is_test(&self, source: &Source) -> bool {
        let Place { root, module } = &source.place;
        (1..=module.len()).any(|depth| {
            self.test_modules
                .contains(&(root.clone(), module[..depth].to_vec()))
        })
    }

    fn edge(&self, source: &Source, reference: &Reference) -> Option<Edge> {
        let Place { root, module } = &source.place;
        let known = self.modules.get(root)?;
        let full = resolve(module, reference, known)?;
        let depth = (0..=full.len())
            .rev()
            .find(|depth| known.contains(&full[..*depth]))?;
        let to = &full[..depth];
        (to != module.as_slice()).then(|| Edge {
            path: source.path.clone(),
            line: reference.line,
            root: root.clone(),
            from: module.clone(),
            to: to.to_vec(),
        })
    }
}

/// A `mod` item, inline or not.
#[derive(Clone)]
pub struct Declared<'f> {
    /// From the module of the file: its own name, after those of the inline modules around it.
    pub path: Vec<String>,
    /// The item.
    pub item: &'f ItemMod,
}

/// The item is long and says nothing that the path does not.
impl std::fmt::Debug for Declared<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Declared({})", self.path.join("::"))
    }
}

/// All `mod` items of a file, outer before inner.
pub fn declared_modules(file: &syn::File) -> Vec<Declared<'_>> {
    let mut declared = Vec::new();
    declare(&[], &file.items, &mut declared);
    declared
}

fn declare<'f>(within: &[String], items: &'f [Item], declared: &mut Vec<Declared<'f>>) {
    for item in items {
        let Item::Mod(item) = item else {
            continue;
        };
        let mut path = within.to_vec();
        path.push(item.ident.to_string());
        declared.push(Declared {
            path: path.clone(),
            item,
        });
        if let Some((_, inner)) = &item.content {
            declare(&path, inner, declared);
        }
    }
}

/// The full path from the crate's root, or `None` for what comes from outside or from a `use`.
fn resolve(
    module: &[String],
    reference: &Reference,
    known: &BTreeSet<Vec<String>>,
) -> Option<Vec<String>> {
    let mut here = [module, reference.within.as_slice()].concat();
    let mut path = reference.path.as_slice();
    match path.first()?.as_str() {
        "crate" => {
            here.clear();
            path = &path[1..];
        }
        "self" if path.len() > 1 => path = &path[1..],
        "super" => {}
        // A name alone is a variable or something imported; `child::x` leads into a child.
        first => {
            here.push(first.to_owned());
            return (path.len() > 1 && known.contains(&here)).then(|| {
                here.extend_from_slice(&path[1..]);
                here
            });
        }
    }
    while path.first().is_some_and(|name| name == "super") {
        here.pop()?;
        path = &path[1..];
    }
    here.extend_from_slice(path);
    Some(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let repository = Repository::sample(files.iter().copied());
        let (sources, offences) = Sources::parse(&repository);
        assert_eq!(offences, []);
        let name = |module: &[String]| super::super::place::module_name(module);
        let edges = sources.edges();
        edges.iter().map(|e| (name(&e.from), name(&e.to))).collect()
    }

    fn told(text: &str) -> Vec<String> {
        let files = [
            ("x/src/lib.rs", ""),
            ("x/src/a.rs", text),
            ("x/src/a/b.rs", ""),
            ("x/src/a/b/c.rs", ""),
            ("x/src/d.rs", ""),
        ];
        edges(&files).into_iter().map(|(_, to)| to).collect()
    }

    #[test]
    fn paths_lead_to_the_deepest_file() {
        assert_eq!(told("use crate::d::Thing;"), ["d"]);
        assert_eq!(told("use super::d;"), ["d"]);
        assert_eq!(told("fn f() { b::c::go() }"), ["a::b::c"]);
        assert_eq!(told("use self::b::Thing;"), ["a::b"]);
        assert_eq!(told("use crate::Thing;"), ["crate"]);
    }

    #[test]
    fn what_is_local_or_from_outside_leads_nowhere() {
        assert_eq!(
            told("use std::fs; fn f() { let b = 1; g(b); self::h() }"),
            [""; 0]
        );
    }

    #[test]
    fn super_counts_inline_modules() {
        assert_eq!(
            told("mod inner { use super::Own; use super::super::d::T; }"),
            ["d"]
        );
    }

    #[test]
    fn files_of_test_modules_make_no_edges() {
        let files = [
            ("x/src/a.rs", "#[cfg(test)] mod tests;"),
            ("x/src/a/tests.rs", "use crate::d::T;"),
            ("x/src/d.rs", ""),
        ];
        assert_eq!(edges(&files), []);
    }

    #[test]
    fn a_file_that_is_not_rust_is_told_with_its_line() {
        let repository = Repository::sample([("x/src/lib.rs", "//! X.\nfn f( {")]);
        let (_, offences) = Sources::parse(&repository);
        assert_eq!(
            (offences[0].path.as_str(), offences[0].line),
            ("x/src/lib.rs", 2)
        );
    }
}
