//! Carries a whole difference out on the tree it starts from.
//!
//! What the difference says of the values before is checked on the way, so a difference between
//! other trees is refused instead of making a third one. It must not be lenient: a baseline that is
//! moved forward by a change has to be the tree that was approved.

use thiserror::Error;

use super::change::{Change, ChangeKind, Diff};
use super::identity::{self, Places};
use super::path::{Path, Segment};
use crate::model::tree::{Node, Tree, TreeError};

/// Why a difference cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// Some of its changes are only counted.
    #[error("the difference lists only some of its changes; compare the trees again")]
    Cut,
    /// The tree is not the one it starts from.
    #[error("the difference does not fit the tree at {at}; compare the trees again")]
    Misfit {
        /// The change that does not fit.
        at: Path,
    },
    /// The result would not be a tree.
    #[error("the difference leads to a tree beyond the limits")]
    Limit(#[from] TreeError),
}

/// The tree that a whole difference leads to.
pub fn apply(before: &Tree, diff: &Diff) -> Result<Tree, ApplyError> {
    if !diff.is_whole() {
        return Err(ApplyError::Cut);
    }
    let mut changes: Vec<&Change> = diff.changes.iter().chain(&diff.unknown).collect();
    changes.sort_by_key(|change| &change.path);
    Ok(Tree::new(value(before.root(), &changes, 0)?)?)
}

type Applied<T> = Result<T, ApplyError>;

/// What becomes of a value under the changes at its place and below: their paths agree up to `depth`.
/// As deep as the value, which is part of a tree.
fn value(node: &Node, changes: &[&Change], depth: usize) -> Applied<Node> {
    let Some(first) = changes.first() else {
        return Ok(node.clone());
    };
    if first.path.segments().len() == depth {
        return match &first.kind {
            ChangeKind::Changed { before, after } | ChangeKind::Unknown { before, after }
                if before == node && changes.len() == 1 =>
            {
                Ok(after.clone())
            }
            _ => Err(misfit(first)),
        };
    }
    match node {
        Node::Map(_) => map(node, changes, depth),
        Node::List(items) => list(items, changes, depth),
        _ => Err(misfit(first)),
    }
}

fn map(node: &Node, changes: &[&Change], depth: usize) -> Applied<Node> {
    let Node::Map(mut members) = node.clone() else {
        return Ok(node.clone());
    };
    for group in by_segment(changes, depth) {
        let (change, Segment::Key(key)) = (group[0], &group[0].path.segments()[depth]) else {
            return Err(misfit(group[0]));
        };
        let ends_here = change.path.segments().len() == depth + 1;
        match (&change.kind, members.get(key)) {
            (ChangeKind::Added { after, .. }, None) if ends_here && group.len() == 1 => {
                members.insert(key.clone(), after.clone());
            }
            (ChangeKind::Removed { before }, Some(found))
                if ends_here && group.len() == 1 && before == found =>
            {
                members.remove(key);
            }
            (_, Some(found)) => {
                let inside = value(found, group, depth + 1)?;
                members.insert(key.clone(), inside);
            }
            _ => return Err(misfit(change)),
        }
    }
    Ok(Node::Map(members))
}

fn list(items: &[Node], changes: &[&Change], depth: usize) -> Applied<Node> {
    // Elements that stay in their order, and elements with a place of their own.
    let mut staying: Vec<Option<Node>> = items.iter().cloned().map(Some).collect();
    let mut placed: Vec<(usize, Node)> = Vec::new();
    let names = names(items, &changes[0].path.segments()[depth]);
    for group in by_segment(changes, depth) {
        let place = match &group[0].path.segments()[depth] {
            Segment::Key(_) => return Err(misfit(group[0])),
            Segment::Index(place) => Some(*place),
            Segment::Element { name, .. } => names.get(name).copied(),
        };
        let (here, below): (Vec<&Change>, Vec<&Change>) = group
            .iter()
            .partition(|change| is_of_list(change, depth + 1));
        if let Some(first) = below.first() {
            let place = place.ok_or_else(|| misfit(first))?;
            let found = items.get(place).ok_or_else(|| misfit(first))?;
            staying[place] = Some(value(found, &below, depth + 1)?);
        }
        for change in here {
            match (&change.kind, place) {
                (ChangeKind::Added { after, place: at }, _) => {
                    let at = match &change.path.segments()[depth] {
                        Segment::Index(at) => Some(*at),
                        _ => at.filter(|_| place.is_none()),
                    };
                    placed.push((at.ok_or_else(|| misfit(change))?, after.clone()));
                }
                (ChangeKind::Removed { before }, Some(place))
                    if staying.get(place).and_then(Option::as_ref) == Some(before) =>
                {
                    staying[place] = None;
                }
                (ChangeKind::Moved { from, to }, Some(place)) if *from == place => {
                    let moved = staying[place].take().ok_or_else(|| misfit(change))?;
                    placed.push((*to, moved));
                }
                _ => return Err(misfit(change)),
            }
        }
    }
    interleave(staying, placed).ok_or_else(|| misfit(changes[0]))
}

/// The places of named elements; the changes of one list name its elements by one member.
fn names(items: &[Node], segment: &Segment) -> Places {
    match segment {
        Segment::Element { member, .. } => identity::places(items, member).unwrap_or_default(),
        Segment::Key(_) | Segment::Index(_) => Places::new(),
    }
}

/// Whether a change adds, removes or moves an element at this depth, rather than changing one.
fn is_of_list(change: &Change, depth: usize) -> bool {
    let of_list = match change.kind {
        ChangeKind::Added { .. } | ChangeKind::Removed { .. } | ChangeKind::Moved { .. } => true,
        ChangeKind::Changed { .. } | ChangeKind::Unknown { .. } => false,
    };
    of_list && change.path.segments().len() == depth
}

/// Puts each placed element where it belongs and the staying ones, in order, between them.
fn interleave(staying: Vec<Option<Node>>, mut placed: Vec<(usize, Node)>) -> Option<Node> {
    placed.sort_by_key(|(at, _)| *at);
    let mut result = Vec::with_capacity(staying.len() + placed.len());
    let mut placed = placed.into_iter().peekable();
    for node in staying.into_iter().flatten() {
        while let Some((_, node)) = placed.next_if(|(at, _)| *at == result.len()) {
            result.push(node);
        }
        result.push(node);
    }
    for (at, node) in placed {
        if at != result.len() {
            return None;
        }
        result.push(node);
    }
    Some(Node::List(result))
}

/// Runs of changes that share their step at a depth; the changes are sorted.
fn by_segment<'a, 'c>(
    changes: &'a [&'c Change],
    depth: usize,
) -> impl Iterator<Item = &'a [&'c Change]> {
    changes.chunk_by(move |left, right| {
        left.path.segments().get(depth) == right.path.segments().get(depth)
    })
}

fn misfit(change: &Change) -> ApplyError {
    ApplyError::Misfit {
        at: change.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::compare::diff;
    use super::*;
    use crate::model::tree::samples::{any_tree, any_tree_of_named};

    fn tree(json: &str) -> Tree {
        Tree::from_canonical_json(json).unwrap()
    }

    #[test]
    fn a_difference_of_other_trees_is_refused() {
        let found = diff(&tree(r#"{"a":1}"#), &tree(r#"{"a":2}"#));
        let refused = apply(&tree(r#"{"a":3}"#), &found);
        let at = "a".parse().unwrap();
        assert_eq!(refused, Err(ApplyError::Misfit { at }));
    }

    #[test]
    fn a_difference_that_was_cut_is_refused() {
        let list = |value| Tree::new(Node::List(vec![value; 5_000])).unwrap();
        let (before, after) = (list(Node::Null), list(Node::Bool(true)));
        assert_eq!(apply(&before, &diff(&before, &after)), Err(ApplyError::Cut));
    }

    #[test]
    fn lists_too_different_to_align_are_matched_by_place() {
        let list = |from: i64| {
            let items = (from..from + 600).map(|n| Node::Number(n.into()));
            Tree::new(Node::List(items.collect())).unwrap()
        };
        let (before, after) = (list(0), list(1_000));
        let found = diff(&before, &after);
        assert_eq!(found.changes.len(), 600);
        assert_eq!(apply(&before, &found), Ok(after));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn a_difference_leads_from_one_tree_to_the_other(
            before in any_tree(), after in any_tree(),
        ) {
            prop_assert_eq!(apply(&before, &diff(&before, &after)), Ok(after));
        }

        #[test]
        fn elements_that_move_and_change_at_once_arrive(
            before in any_tree_of_named(), after in any_tree_of_named(),
        ) {
            prop_assert_eq!(apply(&before, &diff(&before, &after)), Ok(after));
        }
    }
}
