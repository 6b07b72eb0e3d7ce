//! What is secret by its name, as data. This is the file to read and to extend.
//!
//! An entry may be too broad: then a harmless value is hashed. It must not be too narrow. All are in
//! lower case. Long because the tables are read together.

use super::name::Name;

/// Parts of a name, without its spelling, that make everything below it a secret.
pub(super) const PARTS: [&str; 42] = [
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "credential",
    "apikey",
    "privatekey",
    "secretkey",
    "accesskey",
    "sharedkey",
    "presharedkey",
    "encryptionkey",
    "encryptkey",
    "cipherkey",
    "cryptokey",
    "streamkey",
    "signingkey",
    "sessionkey",
    "masterkey",
    "authkey",
    "hmackey",
    "aeskey",
    "jwtkey",
    "sshkey",
    "wepkey",
    "wpakey",
    "srtpkey",
    "bearer",
    // A document type may define entities, and those may hold anything.
    "doctype",
    "密码",
    "口令",
    "密钥",
    "令牌",
    // The same four in Latin letters: 密码, 口令, 密钥 (read in two ways), 令牌. Tones are dropped before.
    "mima",
    "kouling",
    "miyao",
    "miyue",
    "lingpai",
];

/// Last words of a name that make everything below it a secret.
pub(super) const LAST_WORDS: [&str; 8] =
    ["pass", "psk", "pw", "pword", "cred", "creds", "psw", "wpa"];

/// Last words of a name that make its own value a secret and leave a map below it readable:
/// `auth: "Basic …"`, but `auth: { enabled: true }`.
pub(super) const LAST_WORDS_OF_VALUES: [&str; 12] = [
    "auth",
    "authorization",
    "digest",
    "cookie",
    "cookies",
    "otp",
    "totp",
    "pin",
    "community",
    "salt",
    "nonce",
    "sessionid",
];

/// Words after the one that counts: `pass_hash`, `psk_hex`.
pub(super) const TAILS: [&str; 18] = [
    "hash",
    "hashed",
    "enc",
    "encrypted",
    "encoded",
    "md5",
    "sha1",
    "sha256",
    "base64",
    "b64",
    "hex",
    "plain",
    "text",
    "value",
    "raw",
    "old",
    "new",
    "default",
];

/// Last words that make a number beside a secret harmless: `token_ttl`, `password_length`.
const MEASURES: [&str; 22] = [
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "lifetime",
    "length",
    "len",
    "timeout",
    "interval",
    "seconds",
    "minutes",
    "hours",
    "days",
    "ms",
    "count",
    "limit",
    "attempts",
    "retries",
    "size",
    "age",
    "max",
    "min",
];

/// Members whose value is the name of what stands beside them: `<Param Name="Password" Value="…"/>`.
const NAMING: [&str; 12] = [
    "name",
    "@name",
    "key",
    "@key",
    "id",
    "@id",
    "param",
    "parameter",
    "option",
    "field",
    "property",
    "setting",
];

/// Members that hold what another member names.
const NAMED: [&str; 12] = [
    "value",
    "@value",
    "#text",
    "val",
    "data",
    "content",
    "text",
    "default",
    "defaultvalue",
    "current",
    "string",
    "simpleitem",
];

/// Last words of the names of members that say who logs in.
const ACCOUNTS: [&str; 10] = [
    "user",
    "username",
    "users",
    "login",
    "account",
    "name",
    "uid",
    "client",
    "yonghu",
    "用户名",
];

/// Words that a map under a secret may use for its keys. Any other key there may be the secret.
const STRUCTURE: [&str; 40] = [
    "access",
    "client",
    "description",
    "domain",
    "email",
    "enabled",
    "env",
    "environment",
    "expires",
    "file",
    "group",
    "host",
    "id",
    "key",
    "level",
    "login",
    "method",
    "mode",
    "name",
    "path",
    "permission",
    "permissions",
    "private",
    "provider",
    "public",
    "publish",
    "read",
    "realm",
    "role",
    "scope",
    "source",
    "type",
    "url",
    "user",
    "username",
    "value",
    "version",
    "write",
    "admin",
    "api",
];

/// Changes of themselves in what Hikvision devices answer under `/ISAPI/System`.
pub const VOLATILE_ISAPI: [&str; 7] = [
    "DeviceStatus.currentDeviceTime",
    "DeviceStatus.deviceUpTime",
    "DeviceStatus.CPUList",
    "DeviceStatus.MemoryList",
    "Time.localTime",
    "**.freeSpace",
    "**.uptime",
];

/// Lines that change of themselves in what switches and matrices print.
pub const VOLATILE_LINES: [&str; 5] = [
    "! Last configuration change",
    "! NVRAM config last updated",
    "ntp clock-period",
    "Current configuration :",
    "!Time:",
];

/// Whether a value under a secret name is only a measure of one: a number, or one with a unit.
pub(super) fn is_measure(name: &str, value: &str) -> bool {
    let digits = value.len()
        - value
            .trim_start_matches(|sign: char| sign.is_ascii_digit())
            .len();
    let unit = &value[digits..];
    digits > 0
        && unit.len() <= 3
        && unit.chars().all(|sign| sign.is_ascii_alphabetic())
        && Name::of(name)
            .words
            .last()
            .is_some_and(|word| MEASURES.contains(&word.as_str()))
}

/// Shortest value of a plain `key` that is taken for key material: half an AES key in digits.
const KEY_MATERIAL_BYTES_MIN: usize = 16;

/// Whether the value of a plain `key` is key material and neither a name nor a path.
pub(super) fn is_key_material(key: &str, value: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| value.as_bytes().iter().any(kind);
    let encoded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    value.len() >= KEY_MATERIAL_BYTES_MIN
        && key.len() >= "key".len()
        && key.as_bytes()[key.len() - "key".len()..].eq_ignore_ascii_case(b"key")
        && !value.starts_with('/')
        && value.bytes().all(encoded)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
}

/// Shortest value of a plain `key` that may be a secret though nothing beside it says so: shorter ones
/// are keys of a keyboard and numbered names.
const PLAIN_KEY_BYTES_MIN: usize = 8;

/// Endings of files that hold keys; the name of a file is no secret.
const KEY_FILES: [&str; 4] = [".key", ".pem", ".crt", ".der"];

/// Whether a name is a plain `key` or `keys`.
pub(super) fn is_plain_key(name: &str) -> bool {
    matches!(Name::of(name).words.as_slice(), [word] if word == "key" || word == "keys")
}

/// Whether a member says who logs in, so that a plain `key` beside it is what lets them in.
pub(super) fn is_account(name: &str) -> bool {
    Name::of(name)
        .words
        .last()
        .is_some_and(|word| ACCOUNTS.contains(&word.as_str()))
}

/// Whether the value of a plain `key` may be a secret: all but paths, files and words in small letters.
pub(super) fn may_be_key(value: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    value.len() >= PLAIN_KEY_BYTES_MIN
        && !is_file(value)
        && !value.contains(char::is_whitespace)
        && !value.bytes().all(word)
}

/// Whether a value is a path or the name of a file that holds a key.
pub(super) fn is_file(value: &str) -> bool {
    value.starts_with('/') || KEY_FILES.iter().any(|ending| value.ends_with(ending))
}

/// Whether a member's value names what stands beside it.
pub(super) fn is_naming(key: &str) -> bool {
    NAMING.iter().any(|naming| key.eq_ignore_ascii_case(naming))
}

/// Whether a member holds what another one names.
pub(super) fn is_named(key: &str) -> bool {
    NAMED.iter().any(|named| key.eq_ignore_ascii_case(named))
}

/// Whether a key under a secret is made of words that are no secrets.
pub(super) fn is_structure(key: &str) -> bool {
    let known = |word: &String| {
        let word = word.as_str();
        STRUCTURE.contains(&word) || PARTS.contains(&word) || LAST_WORDS.contains(&word)
    };
    let name = Name::of(key);
    let plain = |sign: char| sign.is_alphabetic() || matches!(sign, '_' | '-' | '.' | '@' | '#');
    !name.words.is_empty() && key.chars().all(plain) && name.words.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_is_a_measure() {
        assert!(is_measure("token_ttl", "3600"));
        assert!(is_measure("sessionTokenTimeout", "24h"));
        assert!(!is_measure("token_ttl", "hunter2"));
        assert!(!is_measure("token", "3600"));
        assert!(!is_measure("password_length", "12 monkeys"));
    }

    #[test]
    fn only_what_looks_like_key_material_is_taken_for_it() {
        assert!(is_key_material("key", "00112233445566778899aabbccddeeff"));
        assert!(is_key_material("srtKey", "q83vEjRWeJCrze8SNFZ4kA=="));
        assert!(!is_key_material("key", "front-door-camera-01"));
        assert!(!is_key_material("serverKey", "/etc/ssl/private01/server"));
        assert!(!is_key_material("key", "front1"));
        assert!(!is_key_material(
            "image",
            "00112233445566778899aabbccddeeff"
        ));
    }

    #[test]
    fn a_plain_key_may_be_a_secret_unless_it_is_a_word_or_a_file() {
        assert!(may_be_key("KEYVAL77") && may_be_key("hunter2hunter2") && may_be_key("Tr0ub4dor&"));
        for harmless in [
            "F1",
            "ArrowUp",
            "front-door",
            "/etc/ssl/Server1.key",
            "Server01.pem",
            "Volume Up",
        ] {
            assert!(!may_be_key(harmless), "{harmless}");
        }
        assert!(is_plain_key("key") && is_plain_key("@Key") && is_plain_key("keys"));
        assert!(!is_plain_key("monkey") && !is_plain_key("keyboard"));
    }

    #[test]
    fn keys_under_a_secret_are_read_only_when_they_are_structure() {
        for key in ["user", "userName", "private_key", "@id", "password"] {
            assert!(is_structure(key), "{key}");
        }
        for key in ["hunter", "user1", "s3cr3t", "", "secretagent"] {
            assert!(!is_structure(key), "{key}");
        }
    }
}
