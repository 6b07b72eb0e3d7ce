//! What a source says of the health of what is under a volume, in the reader's language.
//!
//! The reason and the figures come from the branch as codes; the words stand in the message files,
//! one message a reason. A code that this version does not know is shown as it is.

use std::collections::BTreeMap;

use keepwatch_common::model::health::{Measure, Reason, Source, Word};

use super::text::{Key, Text};
use super::verdict::Verdict;

/// Why a word is what it is, with its figures by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ailment {
    reason: String,
    figures: BTreeMap<String, i64>,
}

impl Ailment {
    /// Of a reason's word and the figures that were told with it.
    pub fn new(reason: String, figures: BTreeMap<String, i64>) -> Self {
        Self { reason, figures }
    }

    /// Whether there is nothing to complain of.
    pub fn is_none(&self) -> bool {
        self.reason == Reason::Sound.word()
    }

    /// What it is, with the figures that matter for it.
    pub fn text(&self, text: &Text) -> String {
        let Some(reason) = Reason::from_word(&self.reason) else {
            return self.reason.clone();
        };
        let (key, n, of) = message(reason);
        let phrase = text.say(key);
        let phrase = phrase.n("n", n.map_or(0, |measure| self.figure(measure)));
        phrase
            .n("of", of.map_or(0, |measure| self.figure(measure)))
            .n("errors", self.errors())
            .to_string()
    }

    /// The figures that a person asks for however a disk is.
    pub fn standing(&self, text: &Text) -> Vec<String> {
        let shown = [
            (Measure::TemperatureC, Key("health-figure-temperature")),
            (Measure::PowerOnHours, Key("health-figure-hours")),
            (Measure::UsedPercent, Key("health-figure-used")),
        ];
        let told = shown.into_iter().filter_map(|(measure, key)| {
            let value = self.figures.get(measure.word())?;
            Some(text.say(key).n("n", *value).to_string())
        });
        told.collect()
    }

    fn figure(&self, measure: Measure) -> i64 {
        self.figures.get(measure.word()).copied().unwrap_or(0)
    }

    fn errors(&self) -> i64 {
        [
            Measure::FileSystemErrors,
            Measure::ReadErrors,
            Measure::WriteErrors,
            Measure::ChecksumErrors,
        ]
        .into_iter()
        .fold(0, |sum, measure| sum.saturating_add(self.figure(measure)))
    }
}

/// The message of a reason, and the figures that fill it.
fn message(reason: Reason) -> (Key, Option<Measure>, Option<Measure>) {
    use Measure as M;
    let plain = |key| (key, None, None);
    let one = |key, measure| (key, Some(measure), None);
    match reason {
        Reason::Sound => plain(Key("health-sound")),
        Reason::ReadOnlyConfigured => plain(Key("health-read-only-configured")),
        Reason::ReadOnlyRemounted => plain(Key("health-read-only-remounted")),
        Reason::OtherVolume => plain(Key("health-other-volume")),
        Reason::IdAbsent => plain(Key("health-id-absent")),
        Reason::IdElsewhere => plain(Key("health-id-elsewhere")),
        Reason::IdUnresolved => plain(Key("health-id-unresolved")),
        Reason::NotMounted => plain(Key("health-not-mounted")),
        Reason::NoDisk => plain(Key("health-no-disk")),
        Reason::TooMany => plain(Key("health-too-many")),
        Reason::ToolMissing => plain(Key("health-tool-missing")),
        Reason::NoRight => plain(Key("health-no-right")),
        Reason::TimedOut => plain(Key("health-timed-out")),
        Reason::Garbled => plain(Key("health-garbled")),
        Reason::NotSupported => plain(Key("health-not-supported")),
        Reason::NoAnswer => plain(Key("health-no-answer")),
        Reason::SelfAssessment => plain(Key("health-self-assessment")),
        Reason::BelowThreshold => plain(Key("health-below-threshold")),
        Reason::CriticalWarning => plain(Key("health-critical-warning")),
        Reason::Uncorrectable => one(Key("health-uncorrectable"), M::UncorrectableSectors),
        Reason::Pending => one(Key("health-pending"), M::PendingSectors),
        Reason::Reallocated => one(Key("health-reallocated"), M::ReallocatedSectors),
        Reason::MediaErrors => one(Key("health-media-errors"), M::MediaErrors),
        Reason::Endurance => one(Key("health-endurance"), M::UsedPercent),
        Reason::Hot => one(Key("health-hot"), M::TemperatureC),
        Reason::RequestErrors => one(Key("health-request-errors"), M::RequestErrors),
        Reason::RequestTimeouts => one(Key("health-request-timeouts"), M::RequestTimeouts),
        Reason::FileSystemErrors => plain(Key("health-file-system-errors")),
        Reason::DeviceMissing | Reason::Degraded => (
            Key("health-degraded"),
            Some(M::MembersWorking),
            Some(M::Members),
        ),
        Reason::Rebuilding => one(Key("health-rebuilding"), M::RebuiltPercent),
        Reason::Stopped => plain(Key("health-stopped")),
        Reason::MemberErrors => plain(Key("health-member-errors")),
        Reason::Mismatch => one(Key("health-mismatch"), M::Mismatches),
        Reason::SlowWrites => one(Key("health-slow-writes"), M::WriteMs),
        Reason::StuckWrites => one(Key("health-stuck-writes"), M::InFlight),
    }
}

/// What a kind of source is called; nothing for one that this version does not know.
pub fn source_word(source: &str) -> Option<Key> {
    Some(match Source::from_word(source)? {
        Source::Mount => Key("health-of-mount"),
        Source::Smart => Key("health-of-disk"),
        Source::Device => Key("health-of-device"),
        Source::FileSystem => Key("health-of-file-system"),
        Source::Array => Key("health-of-array"),
        Source::Pool => Key("health-of-pool"),
        Source::Latency => Key("health-of-latency"),
    })
}

/// How a word of health is drawn; one that this version does not know is unknown.
pub fn verdict(word: &str) -> Verdict {
    match Word::from_word(word) {
        Some(Word::Good) => Verdict::Pass,
        Some(Word::Worn) => Verdict::Partial,
        Some(Word::Failing) => Verdict::Fail,
        Some(Word::Unknown) | None => Verdict::Unknown,
    }
}

/// What a word of health is called.
pub fn verdict_word(verdict: Verdict) -> Key {
    match verdict {
        Verdict::Pass => Key("health-good"),
        Verdict::Partial => Key("health-worn"),
        Verdict::Fail => Key("health-failing"),
        _ => Key("health-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::text::{Locale, Texts};

    fn told(reason: Reason, figures: &[(Measure, i64)]) -> (String, String) {
        let texts = Texts::load().unwrap();
        let figures = figures.iter();
        let figures = figures.map(|(measure, n)| (measure.word().to_owned(), *n));
        let ailment = Ailment::new(reason.word().to_owned(), figures.collect());
        (
            ailment.text(texts.of(Locale::Chinese)),
            ailment.text(texts.of(Locale::English)),
        )
    }

    #[test]
    fn figures_are_said_as_a_person_says_them() {
        let (zh, en) = told(Reason::Reallocated, &[(Measure::ReallocatedSectors, 3)]);
        assert_eq!(
            (zh.as_str(), en.as_str()),
            ("已替换 3 个扇区", "3 sectors reallocated")
        );
        let members = [(Measure::Members, 2), (Measure::MembersWorking, 1)];
        assert_eq!(told(Reason::Degraded, &members).1, "runs with 1 of 2 disks");
        assert_eq!(
            told(Reason::ToolMissing, &[]).1,
            "smartctl is not installed; install smartmontools at the branch"
        );
    }

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for reason in Reason::ALL {
            let (zh, en) = told(*reason, &[]);
            assert!(!zh.contains('⟦') && !en.contains('⟦'), "{zh} {en}");
        }
        for source in Source::ALL {
            assert!(source_word(source.word()).is_some());
        }
    }

    #[test]
    fn what_another_version_says_is_neither_good_nor_lost() {
        let texts = Texts::load().unwrap();
        let novel = Ailment::new("novel".to_owned(), BTreeMap::new());
        assert_eq!(novel.text(texts.of(Locale::English)), "novel");
        assert_eq!(verdict("novel"), Verdict::Unknown);
    }
}
