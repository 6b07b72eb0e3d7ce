//! Rooms: inside a folder, siblings form no cycle, and a parent is a face or a contract.
//!
//! A *face* uses its children, and nobody below uses it; a *contract* is used by them and uses none.
//! A parent that is both is in a cycle with each of them. Layers hold the top of a crate, this holds
//! every folder below, in every crate of the workspace.

use std::collections::{BTreeMap, BTreeSet};

use super::offence::Offence;
use super::place::module_name;
use super::repository::Repository;
use super::source::{Edge, Sources};

/// Cycles among siblings, and parents that are face and contract at once.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let (sources, mut offences) = Sources::parse(repository);
    let edges = sources.edges();
    for (root, modules) in sources.modules() {
        let edges: Vec<_> = edges.iter().filter(|edge| edge.root == *root).collect();
        for parent in modules {
            offences.extend(two_faced(parent, &edges));
            offences.extend(sibling_cycle(parent, &edges));
        }
    }
    offences
}

fn two_faced(parent: &[String], edges: &[&Edge]) -> Option<Offence> {
    let below = |module: &[String]| module.len() > parent.len() && module.starts_with(parent);
    let down = edges.iter().find(|e| e.from == parent && below(&e.to))?;
    let up = edges.iter().find(|e| e.to == parent && below(&e.from))?;
    let what = format!(
        "`{}` uses its child here and is used by its child at {}:{}; \
         be a face or a contract: move what they share into a child",
        module_name(parent),
        up.path,
        up.line,
    );
    Some(Offence::at(&down.path, down.line, what))
}

/// One cycle among the children of a module, if there is any.
fn sibling_cycle(parent: &[String], edges: &[&Edge]) -> Option<Offence> {
    let mut uses: BTreeMap<&str, BTreeMap<&str, &Edge>> = BTreeMap::new();
    for edge in edges {
        if let (Some(from), Some(to)) = (child(parent, &edge.from), child(parent, &edge.to))
            && from != to
        {
            uses.entry(from).or_default().entry(to).or_insert(edge);
        }
    }
    let cycle = cycle(&uses)?;
    let steps = cycle.iter().zip(cycle.iter().cycle().skip(1));
    let written: Vec<_> = steps.map(|(from, to)| (to, uses[from][to])).collect();
    let way: Vec<_> = written
        .iter()
        .map(|(to, edge)| format!("`{to}` at {}:{}", edge.path, edge.line))
        .collect();
    let what = format!(
        "siblings of `{}` form a cycle: `{}` uses {}",
        module_name(parent),
        cycle[0],
        way.join(", which uses "),
    );
    Some(Offence::at(&written[0].1.path, written[0].1.line, what))
}

/// The child of `parent` that a module is or lies in.
fn child<'m>(parent: &[String], module: &'m [String]) -> Option<&'m str> {
    let inside = module.strip_prefix(parent)?;
    inside.first().map(String::as_str)
}

/// The names on one cycle, in the order of use.
fn cycle<'m>(uses: &BTreeMap<&'m str, BTreeMap<&'m str, &Edge>>) -> Option<Vec<&'m str>> {
    let mut done = BTreeSet::new();
    uses.keys()
        .find_map(|start| cycle_from(start, uses, &mut Vec::new(), &mut done))
}

/// Walks in depth; `way` is where we are, `done` what is known to lead to no cycle. As deep as a
/// folder has files.
fn cycle_from<'m>(
    at: &'m str,
    uses: &BTreeMap<&'m str, BTreeMap<&'m str, &Edge>>,
    way: &mut Vec<&'m str>,
    done: &mut BTreeSet<&'m str>,
) -> Option<Vec<&'m str>> {
    if let Some(since) = way.iter().position(|passed| *passed == at) {
        return Some(way[since..].to_vec());
    }
    if done.contains(at) {
        return None;
    }
    way.push(at);
    let found = uses
        .get(at)
        .into_iter()
        .flat_map(BTreeMap::keys)
        .find_map(|next| cycle_from(next, uses, way, done));
    way.pop();
    done.insert(at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let repository = Repository::sample(files.iter().copied());
        check(&repository).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_face_uses_its_children() {
        let files = [
            ("x/src/a.rs", "pub use b::B;"),
            ("x/src/a/b.rs", "use super::c::C;"),
            ("x/src/a/c.rs", ""),
        ];
        assert_eq!(told(&files), [""; 0]);
    }

    #[test]
    fn a_contract_is_used_by_its_children() {
        let files = [
            ("x/src/a.rs", "mod b; pub trait Reader {}"),
            ("x/src/a/b.rs", "use super::Reader;"),
        ];
        assert_eq!(told(&files), [""; 0]);
    }

    #[test]
    fn a_parent_that_is_both_is_refused() {
        let files = [
            ("x/src/a.rs", "pub use b::B;"),
            ("x/src/a/b.rs", "//! B.\nuse super::Reader;"),
        ];
        assert_eq!(
            told(&files),
            [
                "x/src/a.rs:1: `a` uses its child here and is used by its child at x/src/a/b.rs:2; \
              be a face or a contract: move what they share into a child"
            ]
        );
    }

    #[test]
    fn a_grandchild_counts_as_a_child() {
        let files = [
            ("x/src/a.rs", "fn f() { b::c::go() }"),
            ("x/src/a/b.rs", ""),
            ("x/src/a/b/c.rs", "use crate::a::Reader;"),
        ];
        assert_eq!(told(&files).len(), 1);
    }

    #[test]
    fn siblings_that_use_each_other_are_refused() {
        let files = [
            ("x/src/a/b.rs", "use super::c::C;"),
            ("x/src/a/c.rs", "use super::d::D;"),
            ("x/src/a/d/e.rs", "use crate::a::b::B;"),
        ];
        assert_eq!(
            told(&files),
            [
                "x/src/a/b.rs:1: siblings of `a` form a cycle: `b` uses `c` at x/src/a/b.rs:1, \
              which uses `d` at x/src/a/c.rs:1, which uses `b` at x/src/a/d/e.rs:1"
            ]
        );
    }

    #[test]
    fn top_level_modules_are_siblings_too() {
        let files = [
            ("tests/src/a.rs", "use crate::b::B;"),
            ("tests/src/b.rs", "use crate::a::A;"),
        ];
        assert_eq!(told(&files).len(), 1);
    }

    #[test]
    fn a_diamond_is_no_cycle() {
        let files = [
            ("x/src/a.rs", "use crate::{b::B, c::C};"),
            ("x/src/b.rs", "use crate::d::D;"),
            ("x/src/c.rs", "use crate::d::D;"),
            ("x/src/d.rs", ""),
        ];
        assert_eq!(told(&files), [""; 0]);
    }
}
