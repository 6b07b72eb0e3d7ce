//! Who a file belongs to: the account's name, as far as this machine knows it.
//!
//! It is a hint at who changed something, and no proof.

use std::path::Path;

/// Where accounts of this machine stand. Accounts of a directory service keep their number.
const ACCOUNTS: &str = "/etc/passwd";

/// Longest name told, in bytes; accounts have at most thirty-two.
const NAME_BYTES_MAX: usize = 64;

/// The name of a user, or its number.
pub(super) fn name(uid: u32) -> String {
    let accounts = fs_err::read_to_string(Path::new(ACCOUNTS)).unwrap_or_default();
    name_in(&accounts, uid)
        .filter(|name| !name.is_empty() && name.len() <= NAME_BYTES_MAX)
        .map_or_else(|| format!("uid {uid}"), str::to_owned)
}

fn name_in(accounts: &str, uid: u32) -> Option<&str> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number = fields.nth(1)?;
        (number.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str =
        "root:x:0:0:root:/root:/bin/sh\n# a remark\nli:x:1000:1000::/home/li:/bin/sh\n";

    #[test]
    fn an_account_has_a_name_and_a_stranger_a_number() {
        assert_eq!(name_in(ACCOUNTS, 1_000), Some("li"));
        assert_eq!(name_in(ACCOUNTS, 7), None);
        assert_eq!(name(u32::MAX - 7), "uid 4294967288");
    }
}
