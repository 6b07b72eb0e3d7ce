//! From bytes to text, whatever the machine that wrote them.
//!
//! UTF-8 with or without a mark, and UTF-16 with one. Bytes that are neither are kept as a
//! replacement character and their value, so that two files with different broken bytes stay
//! different; they are not guessed to be some code page, because a wrong guess would hide a change.

use std::borrow::Cow;

use super::error::{NormaliseError, Position};
use super::format::Format;

/// The text of these bytes, without its byte order mark. A text has no NUL.
pub(super) fn decode(format: Format, bytes: &[u8]) -> Result<Cow<'_, str>, NormaliseError> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(from_utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(from_utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => from_utf8(rest),
        _ => from_utf8(bytes),
    };
    match text.find('\0') {
        Some(byte) => Err(NormaliseError::Nul {
            format,
            at: Position::of(&text, byte),
        }),
        None => Ok(text),
    }
}

fn from_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let invalid = chunk.invalid().iter();
        text.extend(invalid.map(|byte| marked(format_args!("{byte:02x}"))));
    }
    Cow::Owned(text)
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let pairs = bytes.chunks_exact(2);
    let odd = pairs.remainder().iter().map(|byte| u16::from(*byte));
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    for sign in char::decode_utf16(units) {
        match sign {
            Ok(sign) => text.push(sign),
            Err(alone) => text.push_str(&marked_unit(alone.unpaired_surrogate())),
        }
    }
    text.extend(odd.map(marked_unit));
    text
}

fn marked_unit(unit: u16) -> String {
    marked(format_args!("{unit:04x}"))
}

fn marked(value: std::fmt::Arguments<'_>) -> String {
    format!("{}{value}", char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        decode(Format::Lines, bytes).unwrap().into_owned()
    }

    #[test]
    fn a_mark_and_an_encoding_do_not_change_the_text() {
        let utf16: Vec<u8> = "日=1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded("日=1\n".as_bytes()), "日=1\n");
        assert_eq!(decoded("\u{feff}日=1\n".as_bytes()), "日=1\n");
        assert_eq!(decoded(&[&[0xff, 0xfe][..], &utf16[..]].concat()), "日=1\n");
    }

    #[test]
    fn different_broken_bytes_stay_different() {
        assert_eq!(decoded(b"a\xc4b"), "a\u{fffd}c4b");
        assert_ne!(decoded(b"a\xc4b"), decoded(b"a\xc5b"));
        assert_eq!(
            decoded(b"\xfe\xff\xd8\x00\x00a\x07"),
            "\u{fffd}d800a\u{fffd}0007"
        );
    }

    #[test]
    fn a_nul_is_no_text() {
        let refused = decode(Format::Ini, b"a=1\nb=\0");
        let at = Position { line: 2, column: 3 };
        let format = Format::Ini;
        assert_eq!(refused, Err(NormaliseError::Nul { format, at }));
    }
}
