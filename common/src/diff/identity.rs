//! How the elements of a list are told apart when they have a name of their own.
//!
//! Devices keep users, channels and profiles as lists of maps, each with an id or a name. Matching
//! them by that name shows what changed in one of them; matching by place would show every element
//! after an insertion as changed.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::tree::{Node, Number};

/// Members that name an element, the most reliable first. With `@` as XML attributes.
const MEMBERS: [&str; 9] = [
    "id", "@id", "uuid", "key", "@key", "token", "@token", "name", "@name",
];

/// The value of the member that names an element.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A text.
    Text(String),
    /// A number.
    Number(Number),
}

impl Identity {
    /// What an element calls itself under a member; `None` when it has no plain name there.
    pub(super) fn of(element: &Node, member: &str) -> Option<Self> {
        let Node::Map(members) = element else {
            return None;
        };
        match members.get(member)? {
            Node::Text(text) => Some(Self::Text(text.clone())),
            Node::Number(number) => Some(Self::Number(number.clone())),
            _ => None,
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// The places of the elements of a list by their names.
pub(super) type Places = BTreeMap<Identity, usize>;

/// The first member under which every element of both lists has a name of its own within its list.
pub(super) fn shared(before: &[Node], after: &[Node]) -> Option<(&'static str, Places, Places)> {
    if before.is_empty() && after.is_empty() {
        return None;
    }
    MEMBERS
        .into_iter()
        .find_map(|member| Some((member, places(before, member)?, places(after, member)?)))
}

/// The places of all elements by their names; `None` when one has none or shares it.
pub(super) fn places(list: &[Node], member: &str) -> Option<Places> {
    let mut places = Places::new();
    for (place, element) in list.iter().enumerate() {
        let taken = places.insert(Identity::of(element, member)?, place);
        if taken.is_some() {
            return None;
        }
    }
    Some(places)
}

/// Which of the shared elements keep their order: the longest run that rises in both lists. The
/// others count as moved.
pub(super) fn steady(before: &Places, after: &Places) -> Vec<bool> {
    let mut pairs: Vec<(usize, usize)> = before
        .iter()
        .filter_map(|(name, from)| Some((*from, *after.get(name)?)))
        .collect();
    pairs.sort_unstable();
    // tails[n]: the pair that ends a rising run of n + 1 pairs at the lowest place.
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (_, to)) in pairs.iter().enumerate() {
        let length = tails.partition_point(|tail| pairs[*tail].1 < *to);
        previous.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        match tails.get_mut(length) {
            Some(tail) => *tail = index,
            None => tails.push(index),
        }
    }
    let mut steady = vec![false; before.len()];
    let mut next = tails.last().copied();
    while let Some(index) = next {
        steady[pairs[index].0] = true;
        next = previous[index];
    }
    steady
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: &str) -> Vec<Node> {
        let tree = crate::model::tree::Tree::from_canonical_json(json).unwrap();
        match tree.into_root() {
            Node::List(items) => items,
            other => panic!("not a list: {other:?}"),
        }
    }

    #[test]
    fn elements_are_named_by_the_first_member_that_tells_them_apart() {
        let before = list(r#"[{"id":1,"name":"a"},{"id":1,"name":"b"}]"#);
        let after = list(r#"[{"id":1,"name":"b"}]"#);
        assert_eq!(
            shared(&before, &after).map(|(member, ..)| member),
            Some("name")
        );
    }

    #[test]
    fn elements_without_a_name_of_their_own_are_not_matched_by_name() {
        let named = list(r#"[{"name":"a"}]"#);
        for other in [
            r#"[{"name":"a"},{"name":"a"}]"#,
            r#"["a"]"#,
            r#"[{"name":null}]"#,
        ] {
            assert_eq!(shared(&named, &list(other)), None, "{other}");
        }
    }

    #[test]
    fn one_element_carried_to_the_front_is_the_only_one_that_moved() {
        let before = list(r#"[{"id":1},{"id":2},{"id":3},{"id":4}]"#);
        let after = list(r#"[{"id":4},{"id":1},{"id":2},{"id":3}]"#);
        let (_, before, after) = shared(&before, &after).unwrap();
        assert_eq!(steady(&before, &after), [true, true, true, false]);
    }
}
