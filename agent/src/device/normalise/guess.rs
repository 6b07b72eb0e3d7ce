//! Which format a file is in, by its name and, where names tell little, by how it begins.
//!
//! A guess is a proposal: the branch's own configuration may name the format. It must never be
//! worse than lines, which can hold any text.

use std::path::Path;

use super::decode::decode;
use super::format::Format;

/// Extensions that say what they are. `conf`, `cfg` and the like say nothing.
const BY_EXTENSION: [(&str, Format); 8] = [
    ("yaml", Format::Yaml),
    ("yml", Format::Yaml),
    ("toml", Format::Toml),
    ("json", Format::Json),
    ("ini", Format::Ini),
    ("xml", Format::Xml),
    ("txt", Format::Lines),
    ("pem", Format::Lines),
];

impl Format {
    /// The format of a file, by its name and its first bytes (a few hundred are plenty).
    pub fn guess(path: &Path, first: &[u8]) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension
            .and_then(|extension| {
                let known = |(name, _): &&(&str, Self)| extension.eq_ignore_ascii_case(name);
                BY_EXTENSION.iter().find(known)
            })
            .map_or_else(|| by_content(first), |(_, format)| *format)
    }
}

fn by_content(first: &[u8]) -> Format {
    let Ok(text) = decode(Format::Lines, first) else {
        return Format::Lines;
    };
    let start = text.trim_start();
    if start.starts_with("<?xml") || is_element(start) {
        Format::Xml
    } else if is_json(start) {
        Format::Json
    } else if start.starts_with("---\n") || start.starts_with("---\r") || start.starts_with("%YAML")
    {
        Format::Yaml
    } else if is_ini(&text) {
        Format::Ini
    } else {
        Format::Lines
    }
}

fn is_element(start: &str) -> bool {
    start
        .strip_prefix('<')
        .and_then(|rest| rest.chars().next())
        .is_some_and(|sign| sign.is_alphabetic() || sign == '!')
}

/// `[` alone would also start a section of an INI file.
fn is_json(start: &str) -> bool {
    let mut signs = start.chars().filter(|sign| !sign.is_whitespace());
    match (signs.next(), signs.next()) {
        (Some('{'), Some('"' | '}')) => true,
        (Some('['), Some(second)) => matches!(second, '{' | '[' | '"' | '0'..='9' | '-'),
        _ => false,
    }
}

/// Every whole line is blank, a comment, a section or a setting, and one is a setting.
fn is_ini(text: &str) -> bool {
    let mut settings = 0_usize;
    // The last line may be cut.
    let end = text.rfind('\n').map_or(text.len(), |end| end + 1);
    for line in text[..end].lines().map(str::trim) {
        let section = line.starts_with('[') && line.ends_with(']');
        if line.is_empty() || line.starts_with(['#', ';']) || section {
            continue;
        }
        match line.split_once('=') {
            Some((key, _)) if is_ini_key(key.trim()) => settings += 1,
            _ => return false,
        }
    }
    settings > 0
}

fn is_ini_key(key: &str) -> bool {
    let plain = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.' | ' ' | '/');
    !key.is_empty() && key.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telling_extension_decides() {
        let guess = |name: &str| Format::guess(Path::new(name), b"[a]\nb=1\n");
        assert_eq!(guess("/config/config.yml"), Format::Yaml);
        assert_eq!(guess("/config/CONFIG.JSON"), Format::Json);
        assert_eq!(guess("/etc/zm/zm.conf"), Format::Ini);
    }

    #[test]
    fn otherwise_the_beginning_decides() {
        for (first, format) in [
            ("# comment\nZM_DB_HOST=localhost\nZM_DB_US", Format::Ini),
            ("\u{feff}<DeviceInfo version=\"2.0\">", Format::Xml),
            ("<?xml version=\"1.0\"?>", Format::Xml),
            ("{\n  \"cameras\"", Format::Json),
            ("[[1]]", Format::Json),
            ("---\npaths:\n", Format::Yaml),
            ("server {\n  listen 80;\n}\n", Format::Lines),
            ("hostname matrix-1\n!\ninterface 1\n", Format::Lines),
            ("", Format::Lines),
        ] {
            assert_eq!(
                Format::guess(Path::new("x.conf"), first.as_bytes()),
                format,
                "{first}"
            );
        }
        assert_eq!(
            Format::guess(Path::new("x"), b"\x1f\x8b\x00\x00"),
            Format::Lines
        );
    }
}
