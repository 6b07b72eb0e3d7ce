//! Whether two values are equal as far as can be known.
//!
//! Secrets hashed under different keys cannot be compared, so two values that differ in nothing else
//! are alike: no drift, and not known to be equal. Alike is not transitive, so it sorts nothing.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::tree::{KeyedHash, Node, Piece};

/// Equal, or different only in secrets that cannot be compared.
pub(super) fn alike(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Secret(l), Node::Secret(r)) => secrets_alike(l, r),
        (Node::Mixed(l), Node::Mixed(r)) => {
            let (l, r) = (l.pieces(), r.pieces());
            l.len() == r.len() && l.iter().zip(r).all(|(l, r)| pieces_alike(l, r))
        }
        (Node::List(l), Node::List(r)) => {
            l.len() == r.len() && l.iter().zip(r).all(|(l, r)| alike(l, r))
        }
        (Node::Map(l), Node::Map(r)) => {
            let pairs = || l.iter().zip(r);
            l.len() == r.len() && pairs().all(|((lk, lv), (rk, rv))| lk == rk && alike(lv, rv))
        }
        _ => left == right,
    }
}

fn secrets_alike(left: &KeyedHash, right: &KeyedHash) -> bool {
    left == right || !left.comparable(right)
}

fn pieces_alike(left: &Piece, right: &Piece) -> bool {
    match (left, right) {
        (Piece::Secret(l), Piece::Secret(r)) => secrets_alike(l, r),
        _ => left == right,
    }
}

/// A number that alike values share: it is blind to secrets. Comparing it first keeps the alignment
/// of long lists from reading long values again and again.
pub(super) fn fingerprint(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(node, &mut hasher);
    hasher.finish()
}

fn feed(node: &Node, hasher: &mut DefaultHasher) {
    std::mem::discriminant(node).hash(hasher);
    match node {
        Node::Null | Node::Secret(_) => {}
        Node::Bool(value) => value.hash(hasher),
        Node::Number(number) => number.as_str().hash(hasher),
        Node::Text(text) => text.hash(hasher),
        Node::Mixed(mixed) => mixed.pieces().iter().for_each(|piece| match piece {
            Piece::Text(text) => text.hash(hasher),
            Piece::Secret(_) => 0_u8.hash(hasher),
        }),
        Node::List(items) => items.iter().for_each(|item| feed(item, hasher)),
        Node::Map(members) => members.iter().for_each(|(key, value)| {
            key.hash(hasher);
            feed(value, hasher);
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::tree::KeyId;
    use crate::model::tree::samples::any_node;

    fn secret(key: u8, hash: u8) -> Node {
        Node::Secret(KeyedHash::new(KeyId::from_bytes([key; 8]), [hash; 16]))
    }

    #[test]
    fn only_secrets_under_one_key_can_differ() {
        assert!(alike(&secret(1, 1), &secret(1, 1)));
        assert!(!alike(&secret(1, 1), &secret(1, 2)));
        assert!(alike(&secret(1, 1), &secret(2, 2)));
        assert!(!alike(&secret(1, 1), &Node::Null));
    }

    proptest! {
        #[test]
        fn alike_values_share_a_fingerprint(left in any_node(), right in any_node()) {
            prop_assert!(alike(&left, &left));
            if alike(&left, &right) {
                prop_assert_eq!(fingerprint(&left), fingerprint(&right));
            }
        }
    }
}
