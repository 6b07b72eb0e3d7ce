//! Private keys in PEM: everything between the lines that begin and end one.
//!
//! Certificates and public keys stay readable.

use std::ops::Range;

const BEGIN: &str = "-----BEGIN";
const END: &str = "-----END";
const DASHES: &str = "-----";

/// Longest label with the dashes after it: RFC 7468 has none of half the length.
const LABEL_BYTES_MAX: usize = 80;

/// Adds the body of every private key; of one that does not end, the rest of the text.
pub(super) fn find(text: &str, spans: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(begin) = text[at..].find(BEGIN).map(|found| at + found) {
        let label = begin + BEGIN.len();
        // A label is short and stands on one line.
        let near = text.floor_char_boundary(label + LABEL_BYTES_MAX);
        let line = text[label..near].split('\n').next().unwrap_or("");
        let Some(length) = line
            .find(DASHES)
            .filter(|end| line[..*end].contains("PRIVATE"))
        else {
            at = label;
            continue;
        };
        let body = label + length + DASHES.len();
        let end = text[body..]
            .find(END)
            .map_or(text.len(), |found| body + found);
        spans.push(body..end);
        at = end;
    }
}

/// Whether a private key begins on this line and does not end on it.
pub(in super::super) fn begins_key(line: &str) -> bool {
    let mut spans = Vec::new();
    find(line, &mut spans);
    spans.last().is_some_and(|span| span.end == line.len())
}

/// Whether a key ends on this line.
pub(in super::super) fn ends_key(line: &str) -> bool {
    line.contains(END)
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
    fn the_body_of_a_private_key_is_found_and_a_certificate_is_not() {
        let text = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n\
                    -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(found(text), ["\nMIIE\n"]);
    }

    #[test]
    fn a_key_that_does_not_end_goes_to_the_end() {
        let text = "x -----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl";
        assert_eq!(found(text), ["\\nb3Bl"]);
        assert!(begins_key(text) && !begins_key("-----BEGIN CERTIFICATE-----"));
    }
}
