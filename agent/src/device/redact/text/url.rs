//! Passwords in URLs: `rtsp://user:password@host`.
//!
//! Cameras' passwords are seldom escaped as they should be, so a password may hold `/`, `#` and `@`:
//! it ends at the last `@` before a blank or a quote. What stands alone before the `@` may be a name
//! or a token, so it goes too.

use std::ops::Range;

/// Adds the password of every URL.
pub(super) fn find(text: &str, spans: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(start) = text[at..].find("://").map(|found| at + found + 3) {
        let rest = &text[start..];
        let end = rest
            .find(|sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`' | '<' | '>'))
            .unwrap_or(rest.len());
        if let Some(sign) = rest[..end].rfind('@') {
            let password = rest[..sign].find(':').map_or(0, |colon| colon + 1);
            spans.push(start + password..start + sign);
        }
        // Any other URL before `end` lies within this one's user information or has none.
        at = start + end;
    }
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
    fn only_the_password_is_found() {
        assert_eq!(found("rtsp://admin:12345@10.0.0.5:554/1"), ["12345"]);
        assert_eq!(
            found("ffmpeg:http://a:b@h/x#video=h264 http://c:d@h"),
            ["b", "d"]
        );
        assert_eq!(
            found("http://10.0.0.5/a?b=c http://[::1]:80/"),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn a_password_with_signs_of_its_own_is_found_whole() {
        assert_eq!(found("rtsp://admin:p@ss/w#rd?@10.0.0.5/1"), ["p@ss/w#rd?"]);
        assert_eq!(found("\"rtsp://admin:p:w@h\""), ["p:w"]);
    }

    #[test]
    fn what_stands_alone_may_be_a_token() {
        assert_eq!(found("tapo://cloud-pw@10.0.0.5"), ["cloud-pw"]);
    }
}
