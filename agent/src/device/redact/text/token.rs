//! Values that look like secrets whatever they are called: hashed passwords, tokens of well-known
//! services, credentials in headers and on command lines.

use std::ops::Range;

/// Beginnings of hashed passwords, as `crypt(3)` and media servers write them.
const HASHED: [&str; 17] = [
    "$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$7$", "$8$", "$9$", "$y$", "$apr1$", "$argon2",
    "argon2:", "sha256:", "{SHA}", "{SSHA}", "pbkdf2",
];

/// Beginnings of tokens that services give out: JSON web tokens, GitHub, Slack, Stripe, AWS.
const TOKENS: [&str; 9] = [
    "eyJ",
    "ghp_",
    "gho_",
    "github_pat_",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "sk-",
    "AKIA",
];

/// Shortest word that is taken for a token or for credentials; shorter ones are words.
const TOKEN_BYTES_MIN: usize = 12;

/// Schemes of an `Authorization` header.
const SCHEMES: [&str; 3] = ["basic", "bearer", "digest"];

/// Options of command lines whose value is `user:password`.
const FLAGS: [&str; 3] = ["-u", "--user", "--proxy-user"];

/// Adds every word that looks like a secret, to the next blank or quote.
pub(super) fn find(text: &str, spans: &mut Vec<Range<usize>>) {
    let mut before = "";
    for word in words(text) {
        let value = &text[word.clone()];
        if let Some(span) = secret_in(value, before) {
            spans.push(word.start + span.start..word.start + span.end);
        }
        before = value;
    }
}

/// The part of a word that is secret, knowing the word before it.
fn secret_in(word: &str, before: &str) -> Option<Range<usize>> {
    if FLAGS.contains(&before) {
        return word.find(':').map(|colon| colon + 1..word.len());
    }
    let scheme = SCHEMES
        .iter()
        .any(|scheme| before.eq_ignore_ascii_case(scheme));
    if scheme && word.len() >= TOKEN_BYTES_MIN {
        return Some(0..word.len());
    }
    // A value after a sign: `user=$6$…`, `(eyJ…`.
    let starts = word
        .char_indices()
        .filter(|(_, sign)| matches!(sign, '=' | ':' | ',' | ';' | '('))
        .map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).find_map(|start| {
        let rest = &word[start..];
        let hashed = HASHED.iter().any(|beginning| rest.starts_with(beginning));
        let token = TOKENS.iter().any(|beginning| rest.starts_with(beginning));
        (hashed || token && rest.len() >= TOKEN_BYTES_MIN).then_some(start..word.len())
    })
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let apart = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`');
    let mut at = 0;
    text.split(apart).filter_map(move |word| {
        // Every separator is found where the last word ended.
        let start = at;
        at += word.len()
            + text[start + word.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        (!word.is_empty()).then_some(start..start + word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut spans = Vec::new();
        find(text, &mut spans);
        spans.into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn hashed_passwords_and_tokens_are_found_under_any_name() {
        assert_eq!(found("guard:$6$salt$abc:19000"), ["$6$salt$abc:19000"]);
        assert_eq!(found("user=sha256:j1tsRqDEw9xvq"), ["sha256:j1tsRqDEw9xvq"]);
        assert_eq!(
            found("-H 'X: eyJhbGciOiJIUzI1NiJ9.e30.x'"),
            ["eyJhbGciOiJIUzI1NiJ9.e30.x"]
        );
        assert_eq!(found("sk-8 eyJ mask-12345678901"), Vec::<&str>::new());
    }

    #[test]
    fn credentials_after_their_scheme_or_option_are_found() {
        assert_eq!(found("Basic YWRtaW46MTIzNDU="), ["YWRtaW46MTIzNDU="]);
        assert_eq!(found("basic settings"), Vec::<&str>::new());
        assert_eq!(found("curl -u admin:12345 http://h"), ["12345"]);
    }
}
