//! The style sheet and the icon, compiled in and addressed by their content.
//!
//! An address holds a hash of what it names, so an answer may be cached for ever and a new version
//! of the program is seen at once.

use std::fmt::Write as _;
use std::sync::LazyLock;

use ring::digest;

/// The header that goes with every asset found by [`find`].
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Bytes of the hash in an address: 64 bits are plenty to tell a handful of versions apart.
const HASH_BYTES: usize = 8;

/// The style sheet of every page.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../../assets/app.css");
    Asset::new("app", "css", "text/css; charset=utf-8", bytes)
});

/// The icon in the browser's tab.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../../assets/icon.svg");
    Asset::new("icon", "svg", "image/svg+xml", bytes)
});

/// One file of the pages.
#[derive(Debug)]
pub struct Asset {
    /// Where it is served: `/assets/app.0123456789abcdef.css`.
    pub address: String,
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, bytes);
        let mut address = format!("/assets/{stem}.");
        for byte in hash.as_ref().iter().take(HASH_BYTES) {
            // Writing to a string cannot fail.
            let _infallible = write!(address, "{byte:02x}");
        }
        address.push('.');
        address.push_str(extension);
        Self {
            address,
            content_type,
            bytes,
        }
    }
}

/// The asset served at `path`, if that is one's present address.
pub fn find(path: &str) -> Option<&'static Asset> {
    [&*STYLE, &*ICON]
        .into_iter()
        .find(|asset| asset.address == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_its_present_address_only() {
        assert!(find(&STYLE.address).is_some());
        assert!(find("/assets/app.css").is_none());
        assert_eq!(find(&ICON.address).unwrap().content_type, "image/svg+xml");
    }

    #[test]
    fn the_address_changes_with_the_content() {
        let address = |bytes| Asset::new("a", "css", "text/css", bytes).address;
        assert_eq!(address(b"a"), address(b"a"));
        assert_ne!(address(b"a"), address(b"b"));
        assert_eq!(address(b"a").len(), "/assets/a..css".len() + 2 * HASH_BYTES);
    }

    #[test]
    fn the_style_sheet_fetches_nothing_and_stays_small() {
        let css = std::str::from_utf8(STYLE.bytes).unwrap();
        assert!(!css.contains("url(") && !css.contains("@import"));
        // 21 kB with its comments travel as 5 kB compressed.
        assert!(css.len() < 22_000, "{} bytes", css.len());
    }
}
