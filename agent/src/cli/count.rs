//! A number with its noun, as a person says it.

/// `1 volume`, `2 volumes`: for nouns that take an `s`.
pub(super) fn counted<N: Copy + PartialEq + From<u8> + std::fmt::Display>(
    count: N,
    noun: &str,
) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_said_in_the_singular() {
        assert_eq!(counted(1_usize, "volume"), "1 volume");
        assert_eq!(counted(0_usize, "volume"), "0 volumes");
        assert_eq!(counted(2_u64, "watched file"), "2 watched files");
    }
}
