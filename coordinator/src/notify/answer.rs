//! What a receiver answered, made fit to be kept and shown: it comes from a stranger.

/// Bytes of an answer that are read and kept: enough for a sentence of what is wrong.
pub(super) const ANSWER_BYTES_MAX: usize = 500;

/// The beginning of an answer as text without control characters.
pub(super) fn shown(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(ANSWER_BYTES_MAX)];
    let text = String::from_utf8_lossy(bytes);
    // A character cut in half at the end is left out.
    let text = text.trim_end_matches('\u{fffd}');
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().trim().to_owned()
}

/// Status and text on one line.
pub(super) fn with_status(status: u16, text: &str) -> String {
    if text.is_empty() {
        return status.to_string();
    }
    format!("{status}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_get_through() {
        assert_eq!(shown(b"\x1b[2Jno\r\nwonder\0"), "[2Jno  wonder");
    }

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let long = "好".repeat(400);
        assert_eq!(shown(long.as_bytes()), "好".repeat(166));
    }

    #[test]
    fn an_answer_without_text_is_its_status() {
        assert_eq!(with_status(204, &shown(b"")), "204");
        assert_eq!(with_status(500, "later"), "500: later");
    }
}
