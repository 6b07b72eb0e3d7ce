//! The answer of `smartctl --json`, as far as anybody here looks at it.
//!
//! Fields come and go between its versions and between kinds of disks, so each may be missing. What
//! has another type than it should spoils the answer, and then it is unknown.

use serde::Deserialize;

/// Attributes of one disk looked at: the table has room for 30.
const ATTRIBUTES_MAX: usize = 64;

/// Messages looked at.
const MESSAGES_MAX: usize = 32;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub(super) smartctl: Smartctl,
    pub(super) model_name: String,
    pub(super) serial_number: String,
    pub(super) smart_support: Option<Support>,
    pub(super) smart_status: Option<Status>,
    ata_smart_attributes: Attributes,
    pub(super) nvme_smart_health_information_log: Option<NvmeLog>,
    pub(super) scsi_grown_defect_list: Option<i64>,
    pub(super) power_on_time: Hours,
    pub(super) temperature: Temperature,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Smartctl {
    messages: Vec<Message>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Message {
    string: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Support {
    pub(super) available: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) passed: Option<bool>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Attributes {
    table: Vec<Attribute>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Attribute {
    id: u64,
    raw: Raw,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Raw {
    value: u64,
    string: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct NvmeLog {
    pub(super) critical_warning: i64,
    pub(super) available_spare: Option<i64>,
    pub(super) available_spare_threshold: i64,
    pub(super) percentage_used: Option<i64>,
    pub(super) media_errors: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Hours {
    pub(super) hours: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Temperature {
    pub(super) current: Option<i64>,
}

impl Said {
    /// Reads an answer; nothing, when it is none.
    pub(super) fn read(answer: &[u8]) -> Option<Self> {
        serde_json::from_slice(answer).ok()
    }

    /// The count of an ATA attribute. Makers pack more into the raw value than the count, so what
    /// the tool prints before the first blank goes before it.
    pub(super) fn attribute(&self, id: u64) -> Option<i64> {
        let table = self.ata_smart_attributes.table.iter().take(ATTRIBUTES_MAX);
        let attribute = table.into_iter().find(|attribute| attribute.id == id)?;
        let printed = attribute.raw.string.split(' ').next().unwrap_or_default();
        let count = printed.parse().unwrap_or(attribute.raw.value);
        Some(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Whether one of its messages has one of these pieces.
    pub(super) fn complains(&self, pieces: &[&str]) -> bool {
        let messages = self.smartctl.messages.iter().take(MESSAGES_MAX);
        messages
            .into_iter()
            .any(|message| pieces.iter().any(|piece| message.string.contains(piece)))
    }

    /// The first message.
    pub(super) fn message(&self) -> Option<&str> {
        let first = self.smartctl.messages.first();
        first.map(|message| message.string.as_str())
    }
}
