//! The settings of a watched file, for people: what differs, section by section, and what a first
//! baseline would hold. Pure.
//!
//! A secret is never told: what stands for it holds nothing.

use std::collections::BTreeMap;

use keepwatch_common::diff::{Change as Differs, ChangeKind, Diff, Path, Segment, Shown};
use keepwatch_common::model::tree::{KeyedHash, Node, Piece, Tree};

use crate::web::page::drift::{Change, Section, Value};

/// Settings listed of one file: more than anybody reads; the rest is counted.
const LISTED_MAX: usize = 500;

/// What is listed of a file's settings.
#[derive(Debug, Default)]
pub struct Listed {
    /// By section.
    pub sections: Vec<Section>,
    /// How many more there are.
    pub more: usize,
    /// How many settings are as approved.
    pub unchanged: u64,
}

/// What differs from what was approved.
pub fn differing(approved: &Tree, found: &Diff) -> Listed {
    let touched: u64 = found
        .changes
        .iter()
        .filter_map(Differs::before)
        .map(leaves)
        .sum();
    let all = found.changes.iter().chain(&found.unknown);
    let listed = all.clone().take(LISTED_MAX).map(change);
    let more = all.count().saturating_sub(LISTED_MAX);
    Listed {
        sections: sections(listed),
        more: more + found.changes_more + found.unknown_more,
        unchanged: leaves(approved.root()).saturating_sub(touched),
    }
}

/// How many settings a file has.
pub fn count(tree: &Tree) -> u64 {
    leaves(tree.root())
}

/// All settings of a file, as if each had been added.
pub fn proposed(tree: &Tree) -> Listed {
    let mut all = Vec::new();
    walk(tree.root(), &mut Vec::new(), &mut all);
    let count = usize::try_from(leaves(tree.root())).unwrap_or(usize::MAX);
    let more = count.saturating_sub(all.len());
    Listed {
        sections: sections(all.into_iter()),
        more,
        unchanged: 0,
    }
}

/// Collects settings in order until there are enough; as deep as a tree may be.
fn walk(node: &Node, way: &mut Vec<Segment>, into: &mut Vec<(String, Change)>) {
    let inside: Vec<(Segment, &Node)> = match node {
        Node::Map(members) if !members.is_empty() => {
            let step = |(key, node): (&String, _)| (Segment::Key(key.clone()), node);
            members.iter().map(step).collect()
        }
        Node::List(items) if !items.is_empty() => {
            let steps = items.iter().enumerate();
            steps.map(|(at, node)| (Segment::Index(at), node)).collect()
        }
        _ => {
            let path = Path::new(way.clone());
            let setting = Change {
                path: path.to_string(),
                before: Value::Absent,
                after: value(node),
                consequence: None,
            };
            into.push((section_of(&path), setting));
            return;
        }
    };
    for (step, node) in inside {
        if into.len() >= LISTED_MAX {
            return;
        }
        way.push(step);
        walk(node, way, into);
        way.pop();
    }
}

/// Settings in a value: itself, unless it holds others.
fn leaves(node: &Node) -> u64 {
    match node {
        Node::Map(members) if !members.is_empty() => members.values().map(leaves).sum(),
        Node::List(items) if !items.is_empty() => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

fn change(found: &Differs) -> (String, Change) {
    let (before, after) = match &found.kind {
        ChangeKind::Moved { from, to } => (place(*from), place(*to)),
        ChangeKind::Changed { before, after } if secrets(before) != secrets(after) => {
            (value(before), with_other_secret(before, after))
        }
        ChangeKind::Unknown { before, .. } => (value(before), Value::SecretUnderOtherKey),
        _ => (
            found.before().map_or(Value::Absent, value),
            found.after().map_or(Value::Absent, value),
        ),
    };
    let setting = Change {
        path: found.path.to_string(),
        before,
        after,
        consequence: None,
    };
    (section_of(&found.path), setting)
}

/// A place in a list as people count.
fn place(index: usize) -> Value {
    Value::Text(format!("#{}", index + 1))
}

/// What never left the branch of one value, in order.
fn secrets(node: &Node) -> Vec<&KeyedHash> {
    match node {
        Node::Secret(hash) => vec![hash],
        Node::Mixed(mixed) => {
            let pieces = mixed.pieces().iter();
            let hashes = pieces.filter_map(|piece| match piece {
                Piece::Secret(hash) => Some(hash),
                Piece::Text(_) => None,
            });
            hashes.collect()
        }
        _ => Vec::new(),
    }
}

/// A value whose secret is another one: the dots alone would look as before. Where only one side
/// has a secret the two look different.
fn with_other_secret(before: &Node, after: &Node) -> Value {
    if secrets(before).is_empty() || secrets(after).is_empty() {
        value(after)
    } else {
        Value::SecretChanged(Shown(after).to_string())
    }
}

fn value(node: &Node) -> Value {
    match node {
        Node::Secret(_) => Value::Secret,
        other => Value::Text(Shown(other).to_string()),
    }
}

/// The first step of a path: what configuration files call a section.
fn section_of(path: &Path) -> String {
    let first = path.segments().iter().take(1).cloned();
    Path::new(first.collect()).to_string()
}

fn sections(changes: impl Iterator<Item = (String, Change)>) -> Vec<Section> {
    let mut by_name: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for (name, change) in changes {
        by_name.entry(name).or_default().push(change);
    }
    let section = |(name, changes)| Section { name, changes };
    by_name.into_iter().map(section).collect()
}

#[cfg(test)]
mod tests {
    use keepwatch_common::diff::diff;
    use keepwatch_common::model::tree::{KeyId, Mixed};

    use super::*;

    fn tree(json: &str) -> Tree {
        Tree::from_canonical_json(json).unwrap()
    }

    #[test]
    fn differences_stand_in_their_sections_and_the_rest_is_counted() {
        let approved = tree(r#"{"mqtt":{"host":"a"},"record":{"days":30,"mode":"all"}}"#);
        let latest = tree(r#"{"mqtt":{"host":"a","port":1},"record":{"days":7,"mode":"all"}}"#);
        let listed = differing(&approved, &diff(&approved, &latest));
        let told: Vec<_> = listed
            .sections
            .iter()
            .map(|section| (section.name.as_str(), section.changes[0].path.as_str()))
            .collect();
        assert_eq!(told, [("mqtt", "mqtt.port"), ("record", "record.days")]);
        assert_eq!(listed.unchanged, 2);
        assert_eq!(listed.sections[0].changes[0].before, Value::Absent);
    }

    #[test]
    fn a_secret_inside_a_text_that_is_another_one_is_told() {
        let (key, other) = (KeyId::from_bytes([1; 8]), [3; 16]);
        let address = |hash| {
            let secret = Piece::Secret(KeyedHash::new(key, hash));
            let text = |text: &str| Piece::Text(text.to_owned());
            let mixed = Mixed::new([text("rtsp://viewer:"), secret, text("@10.0.0.5/1")]);
            let source = ("source".to_owned(), Node::Mixed(mixed.unwrap()));
            Tree::new(Node::Map(BTreeMap::from([source]))).unwrap()
        };
        let (approved, latest) = (address([2; 16]), address(other));
        let listed = differing(&approved, &diff(&approved, &latest));
        let told = "rtsp://viewer:••••@10.0.0.5/1".to_owned();
        let change = &listed.sections[0].changes[0];
        assert_eq!(change.before, Value::Text(told.clone()));
        assert_eq!(change.after, Value::SecretChanged(told));
    }

    #[test]
    fn a_first_baseline_lists_every_setting_and_counts_what_is_too_much() {
        let items: Vec<_> = (0..LISTED_MAX + 3).map(|n| n.to_string()).collect();
        let listed = proposed(&tree(&format!(r#"{{"a":[{}],"b":{{}}}}"#, items.join(","))));
        let shown: usize = listed.sections.iter().map(|one| one.changes.len()).sum();
        assert_eq!((shown, listed.more), (LISTED_MAX, 4));
    }
}
