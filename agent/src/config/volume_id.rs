//! By what a volume is known wherever it is plugged in: the UUID or the label of its file system.

/// Longest UUID or label, in bytes: the longest label a file system known takes has 256 characters.
const ID_BYTES_MAX: usize = 256;

/// What a volume is to be recognised by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeId {
    /// The UUID of its file system, as `blkid` prints it.
    Uuid(String),
    /// The label of its file system; of a ZFS pool, its name.
    Label(String),
}

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VolumeIdError {
    /// It does not say which of both it is.
    #[error("“{shown}” is no id; write \"uuid:…\" or \"label:…\", as `lsblk -f` shows them")]
    Kind {
        /// The text, escaped.
        shown: String,
    },
    /// What follows cannot be one.
    #[error(
        "“{shown}” is not possible; a UUID has letters, digits and dashes, a label no slash and no \
         control character"
    )]
    Value {
        /// The text, escaped.
        shown: String,
    },
}

impl VolumeId {
    /// Reads `uuid:…` or `label:…`.
    pub fn parse(text: &str) -> Result<Self, VolumeIdError> {
        let shown = || text.escape_debug().take(ID_BYTES_MAX).collect::<String>();
        let (kind, value) = text
            .split_once(':')
            .ok_or_else(|| VolumeIdError::Kind { shown: shown() })?;
        let short = !value.is_empty() && value.len() <= ID_BYTES_MAX;
        match kind {
            "uuid" if short && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
                Ok(Self::Uuid(value.to_owned()))
            }
            "label" if short && !value.chars().any(|c| c.is_control() || c == '/') => {
                Ok(Self::Label(value.to_owned()))
            }
            "uuid" | "label" => Err(VolumeIdError::Value { shown: shown() }),
            _ => Err(VolumeIdError::Kind { shown: shown() }),
        }
    }
}

impl std::fmt::Display for VolumeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uuid(uuid) => write!(f, "uuid:{uuid}"),
            Self::Label(label) => write!(f, "label:{label}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_a_person_copies_are_read() {
        for text in [
            "uuid:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
            "uuid:41B6-8F4A",
            "label:foot age",
            "label:录像:1",
        ] {
            assert_eq!(VolumeId::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for text in [
            "",
            "uuid:",
            "0f1e2d3c",
            "UUID=0f1e",
            "uuid:../../sda",
            "label:a/b",
            "label:a\nb",
        ] {
            assert!(VolumeId::parse(text).is_err(), "{text}");
        }
    }
}
