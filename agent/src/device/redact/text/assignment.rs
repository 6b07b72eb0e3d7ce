//! Secrets that are set inside a text: `password=…`, `"token": "…"`, `Authorization: …`.
//!
//! A quoted value ends at its quote. Any other ends at `&` or `;` when it stands within a text, and
//! otherwise with its line.

use std::ops::Range;

use super::super::rules::Rules;
use super::super::tables::is_measure;
use super::form::Form;
use super::naming::sets_secret;
use super::option;
use super::quote::closing_quote;

/// Adds the value of every name that says it is a secret.
pub(super) fn find(text: &str, rules: &Rules, form: Form, spans: &mut Vec<Range<usize>>) {
    if form == Form::Value && !text.contains(['=', ':', '>', '-']) {
        return;
    }
    let mut start = 0;
    // The indentation of a name whose value stands in the lines below it.
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        block = block.filter(|name| content.is_empty() || indent > *name);
        if block.is_some() {
            spans.push(start..start + content.len());
        } else {
            find_in_line(content, rules, form, |span| {
                spans.push(start + span.start..start + span.end);
            });
            block = (line.len() > content.len() && names_secret(content, rules)).then_some(indent);
        }
        start += line.len();
    }
}

/// Whether a line ends with a name that says it is a secret, and sets nothing: its value may follow.
pub(in super::super) fn names_secret(line: &str, rules: &Rules) -> bool {
    let name = line.trim_end().trim_end_matches([
        '=', ':', '|', '>', '{', '[', '-', '+', ' ', '\t', '"', '\'', '\\',
    ]);
    let start = name
        .rfind(|sign: char| !is_name_sign(sign))
        .map_or(0, |at| {
            at + name[at..].chars().next().map_or(1, char::len_utf8)
        });
    sets_secret(&name[start..], rules)
}

fn find_in_line(line: &str, rules: &Rules, form: Form, mut add: impl FnMut(Range<usize>)) {
    let first = line.find(is_name_sign).unwrap_or(line.len());
    let mut at = first;
    while let Some(name) = next_name(line, at) {
        at = name.end;
        let value =
            value_start(line, name.end, form).filter(|_| sets_secret(&line[name.clone()], rules));
        let Some(value) = value else {
            if let Some(span) = option::value(line, &name, rules) {
                // What looks like an option may be one, and set a secret of its own.
                if !line[span.clone()].starts_with('-') {
                    at = at.max(span.end);
                }
                add(span);
            }
            continue;
        };
        // In a line, and after a name that begins one, a password may hold any sign.
        let to_end = form == Form::Line || name.start == first;
        let span = value_span(line, value, to_end);
        at = at.max(span.end);
        if !is_measure(&line[name], &line[span.clone()]) {
            add(span);
        }
    }
}

fn is_name_sign(sign: char) -> bool {
    // A tone may be a sign of its own.
    sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.' | '\u{300}'..='\u{36f}')
}

fn next_name(line: &str, at: usize) -> Option<Range<usize>> {
    let start = at + line[at..].find(is_name_sign)?;
    let rest = &line[start..];
    let length = rest.find(|sign| !is_name_sign(sign)).unwrap_or(rest.len());
    Some(start..start + length)
}

/// Where the value of a name begins, when one is set.
fn value_start(line: &str, name_end: usize, form: Form) -> Option<usize> {
    let rest = &line[name_end..];
    let closing = ['"', '\'', '\\', ']', ')', ' ', '\t'];
    let sign = rest.trim_start_matches(closing);
    let value = sign.trim_start_matches(['=', ':', '>']);
    let assigned = value.len() < sign.len() && !value.starts_with("//");
    let spaced = form == Form::Line && rest.starts_with([' ', '\t']);
    (assigned || spaced)
        .then(|| line.len() - value.trim_start().len())
        .filter(|start| *start < line.len())
}

fn value_span(line: &str, start: usize, to_end: bool) -> Range<usize> {
    let rest = &line[start..];
    let quote = rest
        .chars()
        .next()
        .filter(|sign| matches!(sign, '"' | '\''));
    if let Some(quote) = quote {
        return match closing_quote(&rest[1..], quote) {
            Some(length) => start + 1..start + 1 + length,
            None => start..line.len(),
        };
    }
    let end = match rest.find(['&', ';']) {
        Some(end) if !to_end => end,
        _ => rest.len(),
    };
    start..start + rest[..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, form: Form) -> Vec<&str> {
        let mut spans = Vec::new();
        find(text, &Rules::default(), form, &mut spans);
        spans.into_iter().map(|span| &text[span]).collect()
    }

    fn in_value(text: &str) -> Vec<&str> {
        found(text, Form::Value)
    }

    #[test]
    fn a_value_within_a_text_ends_at_its_sign() {
        assert_eq!(in_value("http://h/x?user=a&password=b c&z=1"), ["b c"]);
        assert_eq!(in_value("Server=h;Password=a=b;Timeout=3"), ["a=b"]);
        assert_eq!(
            in_value("{\"user\":\"a\",\"token\": \"b\\\"c\", \"d\":1}"),
            ["b\\\"c"]
        );
        assert_eq!(in_value("http://h/x?key=AIza&z=1"), ["AIza"]);
        assert_eq!(in_value("<password>abc</password>"), ["abc</password>"]);
    }

    #[test]
    fn a_value_whose_end_is_doubtful_goes_to_the_end_of_the_line() {
        assert_eq!(in_value("password: a & b; c\nuser: x"), ["a & b; c"]);
        assert_eq!(in_value("x='1' password='it''s' y=2"), ["'it''s' y=2"]);
        assert_eq!(
            in_value("say {\\\"token\\\":\\\"abc\\\"}"),
            ["\\\"abc\\\"}"]
        );
        assert_eq!(
            in_value("'Authorization: Bearer abc' -o x"),
            ["Bearer abc' -o x"]
        );
    }

    #[test]
    fn a_value_in_the_lines_below_its_name_is_found() {
        let text = "password:\n  abc\n  def\nhost: x";
        assert_eq!(in_value(text), ["  abc", "  def"]);
    }

    #[test]
    fn what_sets_no_secret_is_left_alone() {
        for text in [
            "the password is elsewhere",
            "token_ttl=3600",
            "token://x",
            "a:b=c",
            "password=",
        ] {
            assert_eq!(in_value(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_line_may_set_a_secret_after_a_blank() {
        let line = |text| found(text, Form::Line);
        assert_eq!(line("enable secret 5 $1$abc"), ["5 $1$abc"]);
        assert_eq!(line("snmp-server community public RO"), ["public RO"]);
        assert_eq!(line("  password : x y"), ["x y"]);
        assert_eq!(line("tacacs-server key 7 0A1B"), ["7 0A1B"]);
        assert_eq!(line("service password-encryption"), Vec::<&str>::new());
    }

    #[test]
    fn an_option_sets_a_secret_after_a_blank() {
        assert_eq!(
            in_value("ffmpeg -u admin:X --password CMDPASS2 -f rtsp"),
            ["CMDPASS2"]
        );
        assert_eq!(in_value("a=b run --api-key K1 --token T2"), ["K1", "T2"]);
        assert_eq!(in_value("x --token --password P1"), ["--password", "P1"]);
        assert_eq!(in_value("the password of someone"), Vec::<&str>::new());
        assert_eq!(in_value("run --verbose yes"), Vec::<&str>::new());
    }

    #[test]
    fn a_secret_may_be_named_on_one_line_and_set_on_the_next() {
        let names = |line| names_secret(line, &Rules::default());
        assert!(names("password:") && names("\"apiKey\" : |") && names("  token = {"));
        assert!(!names("password: x") && !names("host:") && !names(""));
    }
}
