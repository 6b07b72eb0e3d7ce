//! Secrets of one show: drawn anew each time, typed easily, never written anywhere but where they
//! belong.

use keepwatch_common::ids::random_bytes;
use keepwatch_common::secret::Secret;
use keepwatch_coordinator::authority::SystemRandomness;

/// Letters of secrets: none that looks like another, and as many as five bits tell.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Letters between two dashes.
const GROUP: usize = 5;

/// A password of a hundred bits.
pub(super) fn password() -> Secret {
    let bytes: [u8; 20] = random_bytes(&SystemRandomness);
    written(&bytes)
}

/// A key for signatures of two hundred bits.
pub(super) fn key() -> Secret {
    let bytes: [u8; 40] = random_bytes(&SystemRandomness);
    written(&bytes)
}

/// Five bits of each byte as a letter.
fn written(bytes: &[u8]) -> Secret {
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    let groups = bytes.chunks(GROUP);
    let groups: Vec<_> = groups
        .map(|group| group.iter().map(letter).collect::<String>())
        .collect();
    Secret::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_four_groups_of_letters_and_another_each_time() {
        let one = password();
        assert_eq!(
            one.expose().split('-').map(str::len).collect::<Vec<_>>(),
            [5; 4]
        );
        assert_ne!(one.expose(), password().expose());
    }
}
