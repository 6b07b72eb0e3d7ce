//! Matches two lists whose elements have no names: the fewest removals and additions that lead from
//! one to the other.
//!
//! Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986): quick when
//! little changed, which is the rule, and given up when much did. Then elements are matched by
//! place, which is right too and only says more. Elements that were removed and added at one spot and
//! are of one kind are matched as well, so that a change inside them shows as just that.

use super::alike::{alike, fingerprint};
use crate::model::tree::{Node, Piece};

/// Most removals and additions before the search gives up. Its memory grows with the square: 1 MiB.
pub const ALIGN_EDITS_MAX: usize = 512;

/// Most comparisons of two elements before the search gives up: some 20 ms.
pub const ALIGN_COMPARISONS_MAX: usize = 4_000_000;

/// One step through both lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The elements at these places belong together.
    Both(usize, usize),
    /// The element at this place of the list before belongs to none.
    Removed(usize),
    /// The element at this place of the list after belongs to none.
    Added(usize),
}

/// Steps in which the places of both lists rise, each place once.
pub(super) fn align(before: &[Node], after: &[Node]) -> Vec<Step> {
    let shorter = before.len().min(after.len());
    let head = (0..shorter)
        .take_while(|at| alike(&before[*at], &after[*at]))
        .count();
    let tail = (1..=shorter - head)
        .take_while(|back| alike(&before[before.len() - back], &after[after.len() - back]))
        .count();
    let middle = |list: &[Node]| {
        list[head..list.len() - tail]
            .iter()
            .map(fingerprint)
            .collect()
    };
    let search = Search {
        before: &before[head..before.len() - tail],
        after: &after[head..after.len() - tail],
        before_prints: middle(before),
        after_prints: middle(after),
    };
    let pairs = (0..head)
        .map(|at| (at, at))
        .chain(
            search
                .pairs()
                .into_iter()
                .map(|(b, a)| (head + b, head + a)),
        )
        .chain(
            (1..=tail)
                .rev()
                .map(|back| (before.len() - back, after.len() - back)),
        );
    steps(before, after, pairs)
}

/// Fills the gaps between pairs of alike elements.
fn steps(
    before: &[Node],
    after: &[Node],
    pairs: impl Iterator<Item = (usize, usize)>,
) -> Vec<Step> {
    let mut steps = Vec::with_capacity(before.len().max(after.len()));
    let (mut from, mut to) = (0, 0);
    for (b, a) in pairs.chain([(before.len(), after.len())]) {
        for (place, element) in before.iter().enumerate().take(b).skip(from) {
            match (to..a).find(|other| kin(element, &after[*other])) {
                Some(other) => {
                    steps.extend((to..other).map(Step::Added));
                    steps.push(Step::Both(place, other));
                    to = other + 1;
                }
                None => steps.push(Step::Removed(place)),
            }
        }
        steps.extend((to..a).map(Step::Added));
        if b < before.len() {
            steps.push(Step::Both(b, a));
        }
        (from, to) = (b + 1, a + 1);
    }
    steps
}

/// Whether one value may be what became of the other.
fn kin(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Map(_), Node::Map(_))
        | (Node::List(_), Node::List(_))
        | (Node::Secret(_), Node::Secret(_)) => true,
        _ => matches!((label(left), label(right)), (Some(l), Some(r)) if l == r),
    }
}

/// What a line sets: `port = 1` and `port = 2` are about the same thing.
fn label(node: &Node) -> Option<&str> {
    let text = match node {
        Node::Text(text) => text,
        Node::Mixed(mixed) => match mixed.pieces().first() {
            Some(Piece::Text(text)) => text,
            _ => return None,
        },
        _ => return None,
    };
    let start = text.len() - text.trim_start().len();
    let length = text[start..].find(['=', ':', ' ', '\t'])?;
    Some(&text[..start + length]).filter(|_| length > 0)
}

struct Search<'a> {
    before: &'a [Node],
    after: &'a [Node],
    before_prints: Vec<u64>,
    after_prints: Vec<u64>,
}

/// A place that cannot be reached.
const OUT: usize = usize::MAX;

impl Search<'_> {
    /// Pairs of alike elements, rising in both lists.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let by_place = || {
            let shorter = self.before.len().min(self.after.len());
            (0..shorter).map(|at| (at, at)).collect()
        };
        self.reach().map_or_else(by_place, |rows| self.trace(&rows))
    }

    /// Row `d` holds, for each diagonal `j`, the furthest place `x` of the list before that `d` edits
    /// reach; its place in the list after is `x + d - 2j`. `None` when it takes too many.
    fn reach(&self) -> Option<Vec<Vec<usize>>> {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let mut left = ALIGN_COMPARISONS_MAX;
        for edits in 0..=ALIGN_EDITS_MAX {
            let mut row = Vec::with_capacity(edits + 1);
            for j in 0..=edits {
                let Some(start) = self.start(&rows, edits, j) else {
                    row.push(OUT);
                    continue;
                };
                let (mut x, mut y) = (start, start + edits - 2 * j);
                while self.alike_at(x, y) {
                    left = left.checked_sub(1)?;
                    (x, y) = (x + 1, y + 1);
                }
                left = left.checked_sub(1)?;
                row.push(x);
                if x == self.before.len() && y == self.after.len() {
                    rows.push(row);
                    return Some(rows);
                }
            }
            rows.push(row);
        }
        None
    }

    /// Where a diagonal is entered: by a removal from the one below or an addition from the one above.
    fn start(&self, rows: &[Vec<usize>], edits: usize, j: usize) -> Option<usize> {
        let Some(row) = edits.checked_sub(1).and_then(|last| rows.get(last)) else {
            return Some(0);
        };
        let removal = j
            .checked_sub(1)
            .map(|below| row[below])
            .filter(|x| *x != OUT && *x < self.before.len())
            .map(|x| x + 1);
        let addition = row
            .get(j)
            .copied()
            .filter(|x| *x != OUT && x + edits - 2 * j <= self.after.len());
        removal.max(addition)
    }

    /// Walks back from the end along the rows.
    fn trace(&self, rows: &[Vec<usize>]) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        let (mut x, mut edits) = (self.before.len(), rows.len() - 1);
        let mut j = (x + edits - self.after.len()) / 2;
        loop {
            let start = self.start(rows, edits, j).unwrap_or(0);
            pairs.extend((start..x).rev().map(|at| (at, at + edits - 2 * j)));
            if edits == 0 {
                break;
            }
            let removed = j.checked_sub(1).is_some_and(|below| {
                let from = rows[edits - 1][below];
                from != OUT && from + 1 == start
            });
            (x, j) = if removed {
                (start - 1, j - 1)
            } else {
                (start, j)
            };
            edits -= 1;
        }
        pairs.reverse();
        pairs
    }

    fn alike_at(&self, x: usize, y: usize) -> bool {
        x < self.before.len()
            && y < self.after.len()
            && self.before_prints[x] == self.after_prints[y]
            && alike(&self.before[x], &self.after[y])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(letters: &str) -> Vec<Node> {
        letters
            .chars()
            .map(|letter| Node::Text(letter.to_string()))
            .collect()
    }

    /// The simpler model: the length of the longest common subsequence, by the whole table.
    fn longest_common(before: &[Node], after: &[Node]) -> usize {
        let mut above = vec![0; after.len() + 1];
        for b in before {
            let mut row = vec![0];
            for (at, a) in after.iter().enumerate() {
                let longer = if b == a {
                    above[at] + 1
                } else {
                    above[at + 1].max(row[at])
                };
                row.push(longer);
            }
            above = row;
        }
        above[after.len()]
    }

    #[test]
    fn two_edits_far_apart_in_a_long_list_are_found() {
        let before: Vec<Node> = (0..5_000_i64).map(|n| Node::Number(n.into())).collect();
        let mut after = before.clone();
        after.remove(4_900);
        after.insert(100, Node::Null);
        let odd: Vec<Step> = align(&before, &after)
            .into_iter()
            .filter(|step| !matches!(step, Step::Both(..)))
            .collect();
        assert_eq!(odd, [Step::Added(100), Step::Removed(4_900)]);
    }

    proptest! {
        #[test]
        fn as_much_is_matched_as_can_be(before in "[abc]{0,20}", after in "[abc]{0,20}") {
            let (before, after) = (list(&before), list(&after));
            let steps = align(&before, &after);
            let matched = steps.iter().filter(|step| match step {
                Step::Both(b, a) => before[*b] == after[*a],
                _ => false,
            });
            prop_assert_eq!(matched.count(), longest_common(&before, &after));
            let (mut from, mut to) = (0, 0);
            for step in steps {
                match step {
                    Step::Both(b, a) => {
                        prop_assert_eq!((b, a), (from, to));
                        (from, to) = (from + 1, to + 1);
                    }
                    Step::Removed(b) => { prop_assert_eq!(b, from); from += 1; }
                    Step::Added(a) => { prop_assert_eq!(a, to); to += 1; }
                }
            }
            prop_assert_eq!((from, to), (before.len(), after.len()));
        }
    }
}
