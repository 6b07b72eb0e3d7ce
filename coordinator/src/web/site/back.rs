//! Where a form or a sign-in leads back to: an address of ours, or the fleet.
//!
//! The text comes from whoever made the link, so it is believed only as far as no browser could read
//! it as the address of another site (OWASP: unvalidated redirects).

use crate::web::address;

/// Longest address led back to, in bytes: a list with every filter has a few hundred.
const BYTES_MAX: usize = 2_048;

/// A path and query of this coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back(String);

impl Back {
    /// Takes an address that is ours; any other is the fleet.
    pub fn to(text: &str) -> Self {
        Self(if is_ours(text) { text } else { address::FLEET }.to_owned())
    }

    /// The path and query of a page of ours that an address with scheme and host names, as a
    /// `Referer` has them.
    pub fn to_page(url: &str) -> Self {
        let path = url.split_once("://").and_then(|(_, rest)| {
            let at = rest.find('/')?;
            rest.get(at..)
        });
        Self::to(path.unwrap_or_default())
    }

    /// The path and query; begins with one slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One slash and then none that would name a host. A browser takes a backslash for a slash and drops
/// tabs and line ends, so neither may stand anywhere; our own links encode all that is not ASCII.
fn is_ours(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= BYTES_MAX
        && text.bytes().all(plain)
        // They take no visitors, and leading back to signing in would be a circle.
        && ![address::SIGN_IN, address::SIGN_OUT, address::PREFERENCES]
            .into_iter()
            .any(|form| text.split(['?', '#']).next() == Some(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_ours_is_led_back_to() {
        for ours in ["/", "/branches?region=nw&after=0344", "/branches/%E4%B8%9C"] {
            assert_eq!(Back::to(ours).as_str(), ours);
        }
    }

    #[test]
    fn whatever_a_browser_could_take_for_another_site_is_the_fleet() {
        for hostile in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\u{0}",
            "https://evil.example/",
            "javascript:alert(1)",
            "evil.example",
            " /branches",
            "/门店",
            "/sign-in?then=/sign-in",
            "/sign-out",
        ] {
            assert_eq!(Back::to(hostile).as_str(), "/", "{hostile:?}");
        }
        assert_eq!(Back::to(&"/a".repeat(BYTES_MAX)).as_str(), "/");
    }

    #[test]
    fn of_a_whole_address_only_the_path_is_kept() {
        let back = Back::to_page("https://hq.example:8443/drift?a=1");
        assert_eq!(back.as_str(), "/drift?a=1");
        for other in ["https://hq.example", "/drift", "https://evil//evil", ""] {
            assert_eq!(Back::to_page(other).as_str(), "/", "{other}");
        }
    }
}
