//! Addresses of pages. Every link is built here, so a name can hold any character and a page can
//! move without its links being hunted.

use std::fmt::Write as _;

use super::verdict::Verdict;

/// The fleet.
pub const FLEET: &str = "/";
/// All branches.
pub const BRANCHES: &str = "/branches";
/// All alerts.
pub const ALERTS: &str = "/alerts";
/// All drift.
pub const DRIFT: &str = "/drift";
/// All holds.
pub const HOLDS: &str = "/holds";
/// Where a name and a password are asked for.
pub const SIGN_IN: &str = "/sign-in";
/// Where a session ends, by POST.
pub const SIGN_OUT: &str = "/sign-out";
/// Where language and theme are chosen, by POST.
pub const PREFERENCES: &str = "/preferences";

/// One branch.
pub fn branch(code: &str) -> String {
    format!("{BRANCHES}/{}", encoded(code))
}

/// One camera, on a day (`2026-11-23`) or on its newest.
pub fn camera(branch_code: &str, recorder: &str, camera: &str, day: Option<&str>) -> String {
    let mut address = format!(
        "{}/cameras/{}/{}",
        branch(branch_code),
        encoded(recorder),
        encoded(camera)
    );
    if let Some(day) = day {
        address.push_str("?day=");
        address.push_str(&encoded(day));
    }
    address
}

/// One watched file of a branch.
pub fn drift(branch_code: &str, name: &str) -> String {
    format!("{}/drift/{}", branch(branch_code), encoded(name))
}

/// One hold.
pub fn hold(id: i64) -> String {
    format!("{HOLDS}/{id}")
}

/// All holds, also those that were released.
pub fn holds(released: bool) -> String {
    query(HOLDS, &[("released", if released { "true" } else { "" })])
}

/// The holds of one camera.
pub fn camera_holds(branch_code: &str, recorder: &str, name: &str) -> String {
    format!("{}/holds", camera(branch_code, recorder, name, None))
}

/// Where an alert is acknowledged, by POST.
pub fn acknowledge(id: &str) -> String {
    format!("{ALERTS}/{}/acknowledge", encoded(id))
}

/// The branches of a region (or of all) with a verdict (or any).
pub fn branches(region: Option<&str>, verdict: Option<Verdict>) -> String {
    query(
        BRANCHES,
        &[
            ("region", region.unwrap_or_default()),
            ("verdict", verdict.map_or("", Verdict::slug)),
        ],
    )
}

/// `path` with the pairs that have a value.
pub fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut separator = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        address.push_str(&encoded(value));
        separator = '&';
    }
    address
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_any_character_stays_inside_its_segment() {
        assert_eq!(
            camera("0123", "NVR/1", "收银 3?", Some("2026-11-23")),
            "/branches/0123/cameras/NVR%2F1/%E6%94%B6%E9%93%B6%203%3F?day=2026-11-23"
        );
    }

    #[test]
    fn a_query_names_only_what_is_chosen() {
        assert_eq!(branches(None, None), "/branches");
        assert_eq!(
            branches(Some("a&b"), Some(Verdict::Fail)),
            "/branches?region=a%26b&verdict=fail"
        );
    }
}
