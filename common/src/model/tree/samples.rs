//! Random trees for property tests: small alphabets, so that two of them have much in common, and
//! the odd names that a spelling may trip over.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::keyed_hash::{KeyId, KeyedHash};
use super::node::{Mixed, Node, Piece, Tree};
use super::number::Number;

pub(crate) fn any_hash() -> impl Strategy<Value = KeyedHash> {
    (0_u8..2, 0_u8..3)
        .prop_map(|(key, hash)| KeyedHash::new(KeyId::from_bytes([key; 8]), [hash; 16]))
}

fn any_piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        prop::sample::select(vec!["rtsp://a:", "@h/", ""])
            .prop_map(|text| Piece::Text(text.to_owned())),
        any_hash().prop_map(Piece::Secret),
    ]
}

fn any_mixed() -> impl Strategy<Value = Node> {
    prop::collection::vec(any_piece(), 0..4)
        // Without both kinds of pieces there is no mixed text.
        .prop_map(|pieces| Mixed::new(pieces).map_or(Node::Null, Node::Mixed))
}

fn any_scalar() -> impl Strategy<Value = Node> {
    prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        (-2_i64..3).prop_map(|value| Node::Number(Number::from(value))),
        prop::sample::select(vec!["", "a", "b", "1", "é\"\\\n\u{1}", "x = 1", "x = 2"])
            .prop_map(|text| Node::Text(text.to_owned())),
        any_hash().prop_map(Node::Secret),
        any_mixed(),
    ]
}

pub(crate) fn any_key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "b", "id", "name", "", "$secret", "$$secret", "$text", "$", "a.b", "[0]", "日志",
        "x\"y",
    ])
    .prop_map(str::to_owned)
}

/// A list of maps that have names, as most devices keep their users and channels.
fn any_named_list(inner: impl Strategy<Value = Node> + Clone) -> impl Strategy<Value = Node> {
    let items = prop::collection::btree_map(0_i64..5, inner, 0..5);
    (items, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(items, turn, as_text)| {
        let mut list: Vec<Node> = items
            .into_iter()
            .map(|(id, value)| {
                let id = if as_text {
                    Node::Text(id.to_string())
                } else {
                    Node::Number(Number::from(id))
                };
                Node::Map(BTreeMap::from([
                    ("id".to_owned(), id),
                    ("v".to_owned(), value),
                ]))
            })
            .collect();
        if !list.is_empty() {
            let turn = turn.index(list.len());
            list.rotate_left(turn);
        }
        Node::List(list)
    })
}

pub(crate) fn any_node() -> impl Strategy<Value = Node> {
    any_scalar().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Node::List),
            prop::collection::btree_map(any_key(), inner.clone(), 0..6).prop_map(Node::Map),
            any_named_list(inner),
        ]
    })
}

pub(crate) fn any_tree() -> impl Strategy<Value = Tree> {
    any_node().prop_map(|root| Tree::new(root).expect("samples are small"))
}

/// Lists of named elements alone, so that elements move, come, go and change at once.
pub(crate) fn any_tree_of_named() -> impl Strategy<Value = Tree> {
    any_named_list(any_scalar().boxed())
        .prop_map(|root| Tree::new(root).expect("samples are small"))
}
