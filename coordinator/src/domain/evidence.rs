//! The numbers behind a finding, as typed JSON: pages and notifications make sentences of them.
//!
//! Lengths are in milliseconds (`_ms`), instants in milliseconds since 1970 (`_at_ms`). Nothing here
//! grows by the mere passing of time: evidence that has not changed is not written again. It must
//! not know any language.

use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

/// The numbers of one finding. The tag is a word of its own, finer than the alert's kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Evidence {
    /// One stretch without footage.
    Gap {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// First instant missing.
        start_at_ms: Instant,
        /// First instant after, or the last one measured while it goes on.
        end_at_ms: Instant,
        /// Whether recording had not resumed when last measured.
        ongoing: bool,
    },
    /// A day in UTC with too many gaps to tell one by one, or with too many short ones.
    GapDay {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// The day, `yyyy-mm-dd`.
        day: String,
        /// How many gaps, short ones included.
        gaps: usize,
        /// All of them together.
        missing_ms: i64,
        /// The longest.
        longest_ms: i64,
        /// What was expected that day.
        expected_ms: i64,
    },
    /// Footage that does not reach back far enough. Days are rounded down to a tenth.
    Retention {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// What is asked for.
        required_days: u32,
        /// How far the unbroken run reaches.
        continuous_days: f64,
        /// How old the oldest footage is; none when there is no footage.
        oldest_days: Option<f64>,
        /// Which of the two is short: the run only, or the oldest footage too.
        broken_only: bool,
    },
    /// Footage that was deleted before its time.
    Vanished {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// First instant gone.
        start_at_ms: Instant,
        /// Last instant gone.
        end_at_ms: Instant,
        /// Footage gone that should still be there.
        gone_ms: i64,
        /// In how many stretches.
        spans: usize,
        /// How many files.
        files: u64,
        /// When the agent noticed.
        noticed_at_ms: Instant,
        /// The camera's oldest footage right after, needed to judge again.
        oldest_at_ms: Option<Instant>,
    },
    /// A damaged file.
    Fault {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// Relative to the recorder's root.
        path: String,
        /// `empty`, `truncated`, `corrupt`, `clock`.
        fault: String,
        /// When the segment starts.
        start_at_ms: Instant,
        /// What the agent found, in its words.
        detail: String,
    },
    /// Too many damaged files of one camera to tell one by one.
    Faults {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// How many files of each fault's word.
        counts: std::collections::BTreeMap<String, usize>,
        /// One of them, the newest.
        newest_path: String,
    },
    /// A volume that is not as it should be.
    Volume {
        /// Its name.
        volume: String,
        /// Where it should be mounted.
        path: String,
        /// `missing`, `swapped`, `read_only`.
        presence: String,
    },
    /// Something under a volume that fails or wears out.
    Health {
        /// The volume's name.
        volume: String,
        /// Which kind of source says so.
        source: String,
        /// What it speaks of: a disk, an array, a pool.
        subject: String,
        /// Why.
        reason: String,
        /// The figures by their names, which have the unit in them.
        figures: std::collections::BTreeMap<String, i64>,
        /// What else the machine says, in its words.
        detail: String,
    },
    /// A watched file that differs from its baseline.
    Drift {
        /// Its name.
        name: String,
        /// Its path at the branch.
        path: String,
        /// Whether the file is gone altogether.
        removed: bool,
        /// How many places differ.
        changes: usize,
        /// The first of them.
        shown: Vec<Change>,
        /// The file's owner as last read.
        owner: Option<String>,
    },
    /// Footage that is held and is not as it should be.
    Hold {
        /// Of which recorder.
        recorder: String,
        /// Of which camera.
        camera: String,
        /// The hold's number.
        hold: i64,
        /// `broken`, `in_vault`, `no_room`, `refused`.
        standing: String,
        /// First instant that is to be held.
        start_at_ms: Instant,
        /// First instant after.
        end_at_ms: Instant,
        /// Segments that are held.
        segments: i64,
        /// Segments that are gone.
        gone: i64,
        /// Segments that are not what they were.
        changed: i64,
        /// Where what is gone or changed begins.
        first_at_ms: Option<Instant>,
    },
    /// An agent that is not heard.
    Silence {
        /// The agent's id.
        agent: String,
        /// The host it runs on.
        host: String,
        /// When it was heard last, by the coordinator's clock; none when it never was.
        heard_at_ms: Option<Instant>,
    },
}

/// One place in a watched file that differs. A side is empty when the place is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where in the tree.
    pub path: String,
    /// As approved.
    pub before: Option<String>,
    /// As read.
    pub after: Option<String>,
}

impl Evidence {
    /// As JSON text for the store.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// From the store; another version's evidence may not be readable.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_survives_the_store() {
        let retention = Evidence::Retention {
            recorder: "nvr".to_owned(),
            camera: "3 号机".to_owned(),
            required_days: 30,
            continuous_days: 12.3,
            oldest_days: None,
            broken_only: false,
        };
        let json = retention.to_json().unwrap();
        assert!(json.contains(r#""what":"retention""#), "{json}");
        assert_eq!(Evidence::from_json(&json).unwrap(), retention);
    }

    #[test]
    fn instants_are_milliseconds() {
        let silence = Evidence::Silence {
            agent: "a".to_owned(),
            host: "h".to_owned(),
            heard_at_ms: Some(Instant::from_s(5)),
        };
        let json = silence.to_json().unwrap();
        assert!(json.contains(r#""heard_at_ms":5000"#), "{json}");
    }
}
