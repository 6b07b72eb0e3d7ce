//! Where in a text its secrets stand: passwords in URLs, private keys, headers, `name = value`.
//!
//! A *face*: each kind is a child that adds spans; overlapping ones are joined here. Every search
//! looks at each byte a bounded number of times. When the end of a secret cannot be told, the rest of
//! the line goes with it.

mod assignment;
mod form;
mod naming;
mod option;
mod pem;
mod quote;
mod token;
mod url;

use std::ops::Range;

pub(super) use assignment::names_secret;
pub(super) use form::Form;
pub(super) use naming::sets_secret;
pub(super) use option::{is_short_password, is_user};
pub(super) use pem::{begins_key, ends_key};

use super::rules::Rules;

/// A text of letters and digits that is shorter than this holds no secret that could be told from a
/// word.
const WORD_BYTES_MAX: usize = 12;

/// The secrets of a text as ranges of bytes, in order, apart from each other and not empty.
pub(super) fn secrets(text: &str, rules: &Rules, form: Form) -> Vec<Range<usize>> {
    // Most texts are a word, and a word is no place for a secret.
    if text.len() < WORD_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Vec::new();
    }
    let mut spans = Vec::new();
    pem::find(text, &mut spans);
    url::find(text, &mut spans);
    token::find(text, &mut spans);
    assignment::find(text, rules, form, &mut spans);
    joined(spans)
}

fn joined(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hidden(text: &str, form: Form) -> String {
        let mut shown = String::new();
        let mut at = 0;
        for span in secrets(text, &Rules::default(), form) {
            shown.push_str(&text[at..span.start]);
            shown.push('•');
            at = span.end;
        }
        shown + &text[at..]
    }

    #[test]
    fn secrets_of_every_kind_are_found_in_one_text() {
        assert_eq!(
            hidden(
                "ffmpeg -i rtsp://a:b@h/x -headers 'Cookie: s=1'",
                Form::Value
            ),
            "ffmpeg -i rtsp://a:•@h/x -headers 'Cookie: •"
        );
    }

    #[test]
    fn spans_that_touch_are_one() {
        assert_eq!(joined(vec![5..7, 0..2, 2..4, 1..3, 6..6]), [0..4, 5..7]);
    }

    proptest! {
        #[test]
        fn any_text_is_searched_without_a_fall(text in r#"[a:/@$é =>'"\\\-&;password\n]{0,40}"#) {
            for form in [Form::Value, Form::Line] {
                let spans = secrets(&text, &Rules::default(), form);
                prop_assert!(spans.iter().all(|span| text.get(span.clone()).is_some()));
                prop_assert!(spans.windows(2).all(|two| two[0].end < two[1].start));
            }
        }
    }
}
