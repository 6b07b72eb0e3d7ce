//! Options of command lines that take a secret as their next word: `--password x`, `-p x`.
//!
//! Options that take `user:password` are found among the tokens. It must not know which names are
//! secrets: the rules do.

use std::ops::Range;

use super::super::rules::Rules;
use super::naming::sets_secret;
use super::quote::closing_quote;

/// Short options that take a password in most programs and a port in others.
const SHORT: [&str; 2] = ["-p", "-P"];

/// Options that say who logs in: beside them, what a short option takes is a password.
const USERS: [&str; 5] = ["-u", "-U", "--user", "--username", "--login"];

/// Programs whose short option holds the password in the same word: `mysql -pSECRET`.
const ATTACHING: [&str; 4] = ["mysql", "mariadb", "sshpass", "7z"];

/// What an option that takes a secret is given; nothing when this is none.
pub(super) fn value(line: &str, name: &Range<usize>, rules: &Rules) -> Option<Range<usize>> {
    let option = &line[name.clone()];
    let before = line[..name.start].chars().next_back();
    let begins = before.is_none_or(|sign| sign.is_whitespace() || "\"'`(|;&[".contains(sign));
    if !begins || !option.starts_with('-') {
        return None;
    }
    if option.len() > SHORT[0].len() && option.starts_with(SHORT[0]) && attaches(line) {
        let start = name.start + SHORT[0].len();
        return Some(start..word_end(line, start));
    }
    let span = next_word(line, name.end)?;
    let taken = &line[span.clone()];
    let is_secret = if SHORT.contains(&option) {
        is_short_password(option, taken, line.split_whitespace().any(is_user))
    } else {
        sets_secret(option, rules)
    };
    is_secret.then_some(span)
}

/// Whether an option says who logs in.
pub(in super::super) fn is_user(option: &str) -> bool {
    USERS.contains(&option)
}

/// Whether a short option takes this value as a password. Where nobody logs in, a number may be a
/// port, and what begins with `/` is a folder.
pub(in super::super) fn is_short_password(option: &str, value: &str, user: bool) -> bool {
    let is_port = || {
        value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-' | b','))
    };
    SHORT.contains(&option) && (user || !is_port() && !value.starts_with('/'))
}

fn attaches(line: &str) -> bool {
    line.split(|sign: char| sign.is_whitespace() || sign == '/')
        .any(|word| ATTACHING.iter().any(|program| word.starts_with(program)))
}

/// The word after a blank, or what its quotes hold.
fn next_word(line: &str, at: usize) -> Option<Range<usize>> {
    let rest = &line[at..];
    let start = line.len() - rest.trim_start().len();
    if start == at || start == line.len() {
        return None;
    }
    let quote = line[start..]
        .chars()
        .next()
        .filter(|sign| matches!(sign, '"' | '\''));
    if let Some(quote) = quote {
        let end = closing_quote(&line[start + 1..], quote).map(|length| start + 1 + length);
        return Some(end.map_or(start..line.len(), |end| start + 1..end));
    }
    Some(start..word_end(line, start))
}

/// The end of a word; of one with quotes or escapes in it, the end of the line.
fn word_end(line: &str, start: usize) -> usize {
    let rest = &line[start..];
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    if rest[..end].contains(['"', '\'', '`', '\\']) {
        line.len()
    } else {
        start + end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the option that begins a line, or follows its first ` -`, is given.
    fn taken(line: &str) -> Option<&str> {
        let inside = line.find(" -").filter(|_| !line.starts_with('-'));
        let start = inside.map_or(0, |at| at + 1);
        let name = start..start + line[start..].find(' ').unwrap_or(line.len() - start);
        value(line, &name, &Rules::default()).map(|span| &line[span])
    }

    #[test]
    fn a_long_option_of_a_secret_name_takes_the_next_word() {
        assert_eq!(taken("--password CMDPASS2 -x"), Some("CMDPASS2"));
        assert_eq!(taken("--password \"a b\" -x"), Some("a b"));
        assert_eq!(taken("--pass \\\"a b\\\" -x"), Some("\\\"a b\\\" -x"));
        assert_eq!(taken("--verbose yes"), None);
        assert_eq!(taken("--password"), None);
    }

    #[test]
    fn a_short_option_takes_a_password_unless_it_is_a_port_or_a_folder() {
        assert_eq!(taken("sshpass -p SECRET ssh h"), Some("SECRET"));
        assert_eq!(taken("ssh -p 2222 h"), None);
        assert_eq!(taken("mkdir -p /srv/x"), None);
        assert_eq!(taken("login -p 2222 -u admin"), Some("2222"));
        assert_eq!(taken("mosquitto_pub -P SECRET -u bob"), Some("SECRET"));
    }

    #[test]
    fn some_programs_take_the_password_in_the_same_word() {
        assert_eq!(taken("/usr/bin/mysql -pSECRET#1 db"), Some("SECRET#1"));
        assert_eq!(taken("ffmpeg -preset fast"), None);
    }
}
