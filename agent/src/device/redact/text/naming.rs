//! Whether a name that stands in a text says that a secret is set under it.
//!
//! It must not know how the value is set.

use super::super::rules::Rules;

/// The end of a run of letters that is taken for a name; what stands before it is data.
const NAME_BYTES_MAX: usize = 128;

/// Whether a name says that what is set under it is a secret. Where a text sets a plain `key`, as in
/// `?key=…` and `tacacs-server key …`, it is seldom the name of something.
pub(in super::super) fn sets_secret(name: &str, rules: &Rules) -> bool {
    let start = name.ceil_char_boundary(name.len().saturating_sub(NAME_BYTES_MAX));
    let name = &name[start..];
    let lower = name.to_ascii_lowercase();
    lower.ends_with("key") || lower.ends_with("key-string") || rules.secret_name(name).is_some()
}
