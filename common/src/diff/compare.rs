//! Walks two trees side by side, in the order of paths, and records what differs.
//!
//! Because the walk is in order, a difference that is cut short has its first changes, and what is
//! left out is counted without being copied.

use std::collections::BTreeMap;
use std::iter::Peekable;

use super::align::{Step, align};
use super::alike::alike;
use super::change::{CHANGES_MAX, Change, ChangeKind, Diff};
use super::identity::{self, Places};
use super::path::{Path, Segment};
use crate::model::tree::{Node, Tree};

/// What leads from one tree to the other.
pub fn diff(before: &Tree, after: &Tree) -> Diff {
    let mut walk = Walk::default();
    walk.values(before.root(), after.root());
    walk.diff
}

#[derive(Default)]
struct Walk {
    path: Vec<Segment>,
    diff: Diff,
}

impl Walk {
    /// As deep as the shallower of two trees, which have a limit.
    fn values(&mut self, before: &Node, after: &Node) {
        match (before, after) {
            (Node::Map(before), Node::Map(after)) => self.maps(before, after),
            (Node::List(before), Node::List(after)) => match identity::shared(before, after) {
                Some((member, from, to)) => self.named(member, (before, &from), (after, &to)),
                None => self.unnamed(before, after),
            },
            _ if before == after => {}
            _ if alike(before, after) => self.unknown(before, after),
            _ => self.record(|| ChangeKind::Changed {
                before: before.clone(),
                after: after.clone(),
            }),
        }
    }

    fn maps(&mut self, before: &BTreeMap<String, Node>, after: &BTreeMap<String, Node>) {
        for (key, before, after) in side_by_side(before, after) {
            self.within(Segment::Key(key.clone()), |walk| {
                walk.maybe(before, after.map(|after| (after, None)));
            });
        }
    }

    fn named(
        &mut self,
        member: &str,
        (before, before_places): (&[Node], &Places),
        (after, after_places): (&[Node], &Places),
    ) {
        let steady = identity::steady(before_places, after_places);
        for (name, from, to) in side_by_side(before_places, after_places) {
            let segment = Segment::Element {
                member: member.to_owned(),
                name: name.clone(),
            };
            self.within(segment, |walk| {
                if let (Some(&from), Some(&to)) = (from, to)
                    && !steady[from]
                {
                    walk.record(|| ChangeKind::Moved { from, to });
                }
                let before = from.map(|from| &before[*from]);
                walk.maybe(before, to.map(|to| (&after[*to], Some(*to))));
            });
        }
    }

    fn unnamed(&mut self, before: &[Node], after: &[Node]) {
        let steps = align(before, after);
        let mut added = steps
            .iter()
            .filter_map(|step| match step {
                Step::Added(place) => Some(*place),
                Step::Both(..) | Step::Removed(_) => None,
            })
            .peekable();
        for step in &steps {
            match *step {
                Step::Removed(from) => {
                    self.added_up_to(from, &mut added, after);
                    self.within(Segment::Index(from), |walk| {
                        walk.maybe(Some(&before[from]), None);
                    });
                }
                Step::Both(from, to) => {
                    let (before, found) = (&before[from], &after[to]);
                    // What changed inside an element comes after what changed at its place.
                    let inside = matches!(before, Node::Map(_) | Node::List(_));
                    self.added_up_to(from + usize::from(inside), &mut added, after);
                    self.within(Segment::Index(from), |walk| walk.values(before, found));
                }
                Step::Added(_) => {}
            }
        }
        self.added_up_to(usize::MAX, &mut added, after);
    }

    /// Records the additions at places below `limit`.
    fn added_up_to(
        &mut self,
        limit: usize,
        added: &mut Peekable<impl Iterator<Item = usize>>,
        after: &[Node],
    ) {
        while let Some(place) = added.next_if(|place| *place < limit) {
            self.within(Segment::Index(place), |walk| {
                walk.maybe(None, Some((&after[place], None)));
            });
        }
    }

    fn maybe(&mut self, before: Option<&Node>, after: Option<(&Node, Option<usize>)>) {
        match (before, after) {
            (Some(before), Some((after, _))) => self.values(before, after),
            (Some(before), None) => self.record(|| ChangeKind::Removed {
                before: before.clone(),
            }),
            (None, Some((after, place))) => self.record(|| ChangeKind::Added {
                after: after.clone(),
                place,
            }),
            (None, None) => {}
        }
    }

    fn within(&mut self, segment: Segment, inside: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        inside(self);
        self.path.pop();
    }

    fn record(&mut self, kind: impl FnOnce() -> ChangeKind) {
        if self.diff.changes.len() == CHANGES_MAX {
            self.diff.changes_more += 1;
            return;
        }
        self.diff.changes.push(Change {
            path: Path::new(self.path.clone()),
            kind: kind(),
        });
    }

    fn unknown(&mut self, before: &Node, after: &Node) {
        if self.diff.unknown.len() == CHANGES_MAX {
            self.diff.unknown_more += 1;
            return;
        }
        self.diff.unknown.push(Change {
            path: Path::new(self.path.clone()),
            kind: ChangeKind::Unknown {
                before: before.clone(),
                after: after.clone(),
            },
        });
    }
}

/// The keys of both maps in order, each with what either has there.
fn side_by_side<'a, K: Ord, V>(
    left: &'a BTreeMap<K, V>,
    right: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>, Option<&'a V>)> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some((l, _)), Some((r, _))) => l.cmp(r),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, _) => std::cmp::Ordering::Greater,
        };
        let l = if order.is_le() { left.next() } else { None };
        let r = if order.is_ge() { right.next() } else { None };
        let key = l.or(r)?.0;
        Some((key, l.map(|(_, value)| value), r.map(|(_, value)| value)))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::tree::samples::any_tree;

    fn tree(json: &str) -> Tree {
        Tree::from_canonical_json(json).unwrap()
    }

    /// What a person reads.
    fn shown(before: &str, after: &str) -> Vec<String> {
        let diff = diff(&tree(before), &tree(after));
        diff.changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_shorter_retention_shows_as_one_line() {
        let config = |days| format!(r#"{{"cameras":{{"front":{{"record":{{"days":{days}}}}}}}}}"#);
        assert_eq!(
            shown(&config(30), &config(7)),
            ["cameras.front.record.days: 30 → 7"]
        );
    }

    #[test]
    fn a_user_who_appears_shifts_nobody_else() {
        let before = r#"[{"level":1,"name":"admin"},{"level":2,"name":"guard"}]"#;
        let after =
            r#"[{"level":3,"name":"eve"},{"level":1,"name":"admin"},{"level":1,"name":"guard"}]"#;
        assert_eq!(
            shown(before, after),
            [
                r#"[name=eve]: added {"level":3,"name":"eve"}"#,
                "[name=guard].level: 2 → 1",
            ]
        );
    }

    #[test]
    fn a_rule_that_moved_up_shows_as_moved() {
        let before = r#"[{"id":1},{"id":2},{"id":3}]"#;
        let after = r#"[{"id":3},{"id":1},{"id":2}]"#;
        assert_eq!(shown(before, after), ["[id=3]: moved from place 2 to 0"]);
    }

    #[test]
    fn a_line_that_was_inserted_shows_as_that_line_alone() {
        let before = r#"["hostname a","ntp 10.0.0.1","end"]"#;
        let after = r#"["hostname a","no logging","ntp 10.0.0.2","end"]"#;
        assert_eq!(
            shown(before, after),
            [
                r#"[1]: "ntp 10.0.0.1" → "ntp 10.0.0.2""#,
                r#"[1]: added "no logging""#,
            ]
        );
    }

    #[test]
    fn a_change_inside_an_element_without_a_name_shows_as_just_that() {
        let before = r#"[{"a":1,"b":1},{"a":2,"b":2}]"#;
        let after = r#"[{"a":1,"b":1},{"a":2,"b":5}]"#;
        assert_eq!(shown(before, after), ["[1].b: 2 → 5"]);
    }

    fn secret(key: &str, hash: char) -> String {
        let hash = hash.to_string().repeat(32);
        format!(r#"{{"$secret":{{"hash":"{hash}","key":"{key}"}}}}"#)
    }

    const KEY: &str = "0011223344556677";

    #[test]
    fn a_changed_secret_is_drift_and_shows_nothing_of_itself() {
        assert_eq!(
            shown(&secret(KEY, 'a'), &secret(KEY, 'b')),
            ["$: •••• → ••••"]
        );
    }

    #[test]
    fn a_secret_under_another_key_is_unknown_and_no_drift() {
        let text = |secret: &str| format!(r#"{{"url":{{"$text":["rtsp://a:",{secret},"@h"]}}}}"#);
        let before = tree(&text(&secret(KEY, 'a')));
        let after = tree(&text(&secret("ffeeddccbbaa9988", 'b')));
        let found = diff(&before, &after);
        assert!(found.is_empty() && !found.is_certain() && found.is_whole());
        assert_eq!(found.unknown[0].path.to_string(), "url");
    }

    #[test]
    fn a_new_key_does_not_hide_a_change_beside_the_secret() {
        let text = |secret: &str, host| format!(r#"{{"$text":["rtsp://a:",{secret},"@{host}"]}}"#);
        let before = tree(&text(&secret(KEY, 'a'), "h"));
        let after = tree(&text(&secret("ffeeddccbbaa9988", 'a'), "evil"));
        assert_eq!(diff(&before, &after).changes.len(), 1);
    }

    #[test]
    fn a_difference_without_end_is_cut_and_counted() {
        let list = |value| Tree::new(Node::List(vec![value; 5_000])).unwrap();
        let found = diff(&list(Node::Null), &list(Node::Bool(true)));
        assert_eq!(found.changes.len(), CHANGES_MAX);
        assert_eq!(found.changes_more, 5_000 - CHANGES_MAX);
        assert!(!found.is_whole());
    }

    proptest! {
        #[test]
        fn a_difference_is_empty_when_nothing_can_differ_and_only_then(
            before in any_tree(), after in any_tree(),
        ) {
            prop_assert_eq!(diff(&before, &before), Diff::default());
            let found = diff(&before, &after);
            prop_assert_eq!(found.is_empty(), alike(before.root(), after.root()));
            prop_assert_eq!(found.is_empty() && found.is_certain(), before == after);
        }

        #[test]
        fn changes_stand_in_the_order_of_their_paths(before in any_tree(), after in any_tree()) {
            let found = diff(&before, &after);
            prop_assert!(found.changes.is_sorted_by_key(|change| &change.path));
            prop_assert!(found.unknown.is_sorted_by_key(|change| &change.path));
        }
    }
}
