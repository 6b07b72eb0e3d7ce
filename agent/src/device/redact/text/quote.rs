//! Where a quoted value ends.
//!
//! It knows no names: whether the value is a secret is decided elsewhere.

/// The length up to the quote that closes, when what follows shows that it does.
pub(super) fn closing_quote(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, sign) in rest.char_indices() {
        if sign == '\'' && sign == quote && escaped {
            // Some dialects escape here and some end.
            return None;
        }
        if sign == quote && !escaped {
            let after = rest[at + 1..].chars().next();
            let closes = after.is_none_or(|sign| {
                sign.is_whitespace()
                    || matches!(sign, ',' | ';' | '&' | ')' | ']' | '}' | '>' | '"' | '\'')
            });
            // `''` inside single quotes is one quote in YAML.
            return (closes && after != Some(quote)).then_some(at);
        }
        escaped = sign == '\\' && !escaped;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_closes_only_where_what_follows_shows_it() {
        assert_eq!(closing_quote("abc\" x", '"'), Some(3));
        assert_eq!(closing_quote("a\\\"c\",", '"'), Some(4));
        assert_eq!(closing_quote("a\"c", '"'), None);
        assert_eq!(closing_quote("it''s'", '\''), None);
    }
}
