//! How well a disk is, by what it says of itself.
//!
//! The exit status is a set of bits: what went wrong with asking, and what the disk fears. A failed
//! self-assessment or a figure below its maker's limit means failing; sectors that were replaced or
//! wait to be, used up endurance and heat mean worn.

use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};

use super::super::{detail, figure, says, unknown};
use super::answer::Said;

/// Bits of the exit status.
const NOT_ASKED: i32 = 0b0000_0001;
const NOT_OPENED: i32 = 0b0000_0010;
const FAILING: i32 = 0b0000_1000;
const BELOW_THRESHOLD: i32 = 0b0001_0000;

/// ATA attributes by their numbers, the same on all disks that keep them.
const REALLOCATED: u64 = 5;
const REPORTED_UNCORRECT: u64 = 187;
const PENDING: u64 = 197;
const OFFLINE_UNCORRECTABLE: u64 = 198;

/// From here on a disk is hot, in degrees Celsius: where makers of surveillance disks end what they
/// allow for years.
const HOT_C: i64 = 60;

/// Below this it is not hot any more.
const HOT_OVER_C: i64 = 55;

/// What an `NVMe` disk may be hotter, in degrees Celsius: it is built for more.
const NVME_HOTTER_C: i64 = 15;

/// Endurance used, in percent, from which on a disk is worn: its maker promises no more.
const USED_PERCENT_MAX: i64 = 100;

/// Judges an answer. `was_hot` is whether the disk was hot before, so that a temperature at the
/// limit does not change the word with every question.
pub(super) fn judge(disk: &str, status: i32, said: &Said, was_hot: bool) -> SourceHealth {
    if let Some(reason) = unanswered(status, said) {
        let mut health = unknown(Source::Smart, disk, reason);
        detail(&mut health, said.message().unwrap_or_default());
        return health;
    }
    let figures = figures(said);
    let (word, reason) = word(status, said, &figures, was_hot);
    let mut health = says(Source::Smart, disk, word, reason);
    for (measure, value) in figures {
        figure(&mut health, measure, value);
    }
    let words = [said.model_name.as_str(), said.serial_number.as_str()];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    detail(&mut health, &words.join(", "));
    health
}

/// Why there is no answer, if so.
fn unanswered(status: i32, said: &Said) -> Option<Reason> {
    if said.complains(&["Permission denied", "Operation not permitted"]) {
        return Some(Reason::NoRight);
    }
    if said.complains(&["STANDBY", "SLEEP"]) {
        return Some(Reason::NoAnswer);
    }
    let cannot = [
        "Unable to detect device type",
        "Unknown USB bridge",
        "Unsupported USB bridge",
        "lacks SMART capability",
        "Device type '",
    ];
    let unavailable = said
        .smart_support
        .as_ref()
        .is_some_and(|support| !support.available);
    if unavailable || said.complains(&cannot) {
        return Some(Reason::NotSupported);
    }
    if status & (NOT_ASKED | NOT_OPENED) != 0 {
        return Some(Reason::NoAnswer);
    }
    let says_something = said
        .smart_status
        .as_ref()
        .is_some_and(|s| s.passed.is_some())
        || said.nvme_smart_health_information_log.is_some()
        || said.attribute(REALLOCATED).is_some();
    (!says_something).then_some(Reason::NotSupported)
}

fn figures(said: &Said) -> Vec<(Measure, i64)> {
    let nvme = said.nvme_smart_health_information_log.as_ref();
    let uncorrectable = [OFFLINE_UNCORRECTABLE, REPORTED_UNCORRECT];
    let uncorrectable = uncorrectable
        .iter()
        .filter_map(|id| said.attribute(*id))
        .max();
    let found = [
        (
            Measure::ReallocatedSectors,
            said.attribute(REALLOCATED).or(said.scsi_grown_defect_list),
        ),
        (Measure::PendingSectors, said.attribute(PENDING)),
        (Measure::UncorrectableSectors, uncorrectable),
        (Measure::MediaErrors, nvme.map(|log| log.media_errors)),
        (
            Measure::UsedPercent,
            nvme.and_then(|log| log.percentage_used),
        ),
        (
            Measure::SparePercent,
            nvme.and_then(|log| log.available_spare),
        ),
        (Measure::TemperatureC, said.temperature.current),
        (Measure::PowerOnHours, said.power_on_time.hours),
    ];
    found
        .into_iter()
        .filter_map(|(measure, value)| Some((measure, value?.max(0))))
        .collect()
}

fn word(status: i32, said: &Said, figures: &[(Measure, i64)], was_hot: bool) -> (Word, Reason) {
    let value = |wanted| {
        let found = figures.iter().find(|(measure, _)| *measure == wanted);
        found.map_or(0, |(_, value)| *value)
    };
    let nvme = said.nvme_smart_health_information_log.as_ref();
    let passed = said.smart_status.as_ref().and_then(|status| status.passed);
    if passed == Some(false) || status & FAILING != 0 {
        return (Word::Failing, Reason::SelfAssessment);
    }
    if nvme.is_some_and(|log| log.critical_warning != 0) {
        return (Word::Failing, Reason::CriticalWarning);
    }
    let short_of_spare = nvme.is_some_and(|log| {
        let spare = log.available_spare;
        spare.is_some_and(|spare| spare < log.available_spare_threshold)
    });
    if short_of_spare || status & BELOW_THRESHOLD != 0 {
        return (Word::Failing, Reason::BelowThreshold);
    }
    let counted = [
        (Measure::UncorrectableSectors, Reason::Uncorrectable),
        (Measure::PendingSectors, Reason::Pending),
        (Measure::MediaErrors, Reason::MediaErrors),
        (Measure::ReallocatedSectors, Reason::Reallocated),
    ];
    for (measure, reason) in counted {
        if value(measure) > 0 {
            return (Word::Worn, reason);
        }
    }
    if value(Measure::UsedPercent) >= USED_PERCENT_MAX {
        return (Word::Worn, Reason::Endurance);
    }
    let limit = if was_hot { HOT_OVER_C } else { HOT_C };
    let more = if nvme.is_some() { NVME_HOTTER_C } else { 0 };
    if value(Measure::TemperatureC) >= limit + more {
        return (Word::Worn, Reason::Hot);
    }
    (Word::Good, Reason::Sound)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ATA: &str = include_str!("../../../../testdata/storage/smartctl_ata_shape.json");
    const NVME: &str = include_str!("../../../../testdata/storage/smartctl_nvme_shape.json");
    const NO_RIGHT: &str =
        include_str!("../../../../testdata/storage/smartctl_no_right_shape.json");
    const VIRTUAL: &str =
        include_str!("../../../../testdata/storage/smartctl_virtio_captured.json");

    fn seen(status: i32, text: &str) -> SourceHealth {
        judge("sda", status, &Said::read(text.as_bytes()).unwrap(), false)
    }

    fn changed(text: &str, from: &str, to: &str) -> String {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    }

    #[test]
    fn a_sound_hard_disk_tells_its_figures() {
        let said = seen(0, ATA);
        assert_eq!((said.word, said.reason), (Word::Good, Reason::Sound));
        assert_eq!(said.figure(Measure::TemperatureC), Some(41));
        assert_eq!(said.figure(Measure::PowerOnHours), Some(26_304));
        assert_eq!(said.figure(Measure::ReallocatedSectors), Some(0));
        assert_eq!(said.detail, "EXAMPLE HD-6000, EX-0001");
    }

    #[test]
    fn replaced_sectors_are_counted_as_the_tool_prints_them() {
        let packed = r#""raw": {"value": 8590065667, "string": "3 (0 2)"}"#;
        let worn = changed(ATA, r#""raw": {"value": 0, "string": "0"}"#, packed);
        let said = seen(0, &worn);
        assert_eq!((said.word, said.reason), (Word::Worn, Reason::Reallocated));
        assert_eq!(said.figure(Measure::ReallocatedSectors), Some(3));
    }

    #[test]
    fn a_failed_self_assessment_is_failing_by_word_or_by_bit() {
        let failed = changed(ATA, "\"passed\": true", "\"passed\": false");
        assert_eq!(seen(8, &failed).reason, Reason::SelfAssessment);
        assert_eq!(seen(FAILING, ATA).word, Word::Failing);
        assert_eq!(seen(BELOW_THRESHOLD, ATA).reason, Reason::BelowThreshold);
        // Old entries in the disk's logs are no fault of today.
        assert_eq!(seen(0b1110_0100, ATA).word, Word::Good);
    }

    #[test]
    fn a_solid_state_disk_is_judged_by_its_log() {
        let said = seen(0, NVME);
        assert_eq!(said.word, Word::Good);
        assert_eq!(said.figure(Measure::UsedPercent), Some(3));
        let of = |from: &str, to: &str| seen(0, &changed(NVME, from, to)).reason;
        assert_eq!(
            of("\"critical_warning\": 0", "\"critical_warning\": 4"),
            Reason::CriticalWarning
        );
        assert_eq!(
            of("\"available_spare\": 100", "\"available_spare\": 9"),
            Reason::BelowThreshold
        );
        assert_eq!(
            of("\"media_errors\": 0", "\"media_errors\": 2"),
            Reason::MediaErrors
        );
        assert_eq!(
            of("\"percentage_used\": 3", "\"percentage_used\": 104"),
            Reason::Endurance
        );
    }

    #[test]
    fn heat_changes_the_word_only_well_beyond_the_limit() {
        let at = |celsius: i64, was_hot| {
            let text = changed(ATA, "\"current\": 41", &format!("\"current\": {celsius}"));
            judge("sda", 0, &Said::read(text.as_bytes()).unwrap(), was_hot).reason
        };
        assert_eq!([at(59, false), at(60, false)], [Reason::Sound, Reason::Hot]);
        assert_eq!([at(55, true), at(54, true)], [Reason::Hot, Reason::Sound]);
    }

    #[test]
    fn what_cannot_be_asked_is_unknown_and_says_why() {
        let of = |status, text| (seen(status, text).word, seen(status, text).reason);
        assert_eq!(of(2, NO_RIGHT), (Word::Unknown, Reason::NoRight));
        assert_eq!(of(1, VIRTUAL), (Word::Unknown, Reason::NotSupported));
        assert_eq!(of(2, "{}"), (Word::Unknown, Reason::NoAnswer));
        assert_eq!(of(0, "{}"), (Word::Unknown, Reason::NotSupported));
        let hidden = changed(ATA, "\"available\": true", "\"available\": false");
        assert_eq!(of(0, &hidden).1, Reason::NotSupported);
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(at in 0..ATA.len(), byte in any::<u8>(), status in any::<i32>()) {
            let mut bytes = if status % 2 == 0 { ATA } else { NVME }.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Some(said) = Said::read(&bytes) {
                judge("sda", status, &said, false);
            }
            bytes.truncate(at);
            if let Some(said) = Said::read(&bytes) {
                judge("sda", status, &said, true);
            }
        }
    }
}
