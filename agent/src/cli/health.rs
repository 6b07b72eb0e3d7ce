//! What a source says of a volume's health, for a person at the branch: one line with its figures,
//! and what to do.

use keepwatch_common::model::health::{Measure, Reason, Word};

use crate::status::SourceStanding;

/// Figures that are told whatever they are; the others only when there is something to count.
const ALWAYS: [Measure; 4] = [
    Measure::TemperatureC,
    Measure::PowerOnHours,
    Measure::Members,
    Measure::MembersWorking,
];

/// One line: what it speaks of, its word, why, and the figures.
pub(super) fn line(source: &SourceStanding) -> String {
    let reason = Reason::from_word(&source.reason).filter(|reason| *reason != Reason::Sound);
    let mut words = format!("{} {}: {}", source.source, source.subject, source.word);
    if let Some(reason) = reason {
        words.push_str(": ");
        words.push_str(meaning(reason));
    }
    let figures: Vec<_> = source
        .figures
        .iter()
        .filter_map(|(word, value)| figure(Measure::from_word(word)?, *value))
        .collect();
    if !figures.is_empty() {
        words.push_str(", ");
        words.push_str(&figures.join(", "));
    }
    if !source.detail.is_empty() {
        words.extend([" (", &source.detail, ")"]);
    }
    words
}

/// Whether a person should look at it or do something.
pub(super) fn needs_a_look(source: &SourceStanding) -> bool {
    source.word != Word::Good.word()
}

fn figure(measure: Measure, value: i64) -> Option<String> {
    if value == 0 && !ALWAYS.contains(&measure) {
        return None;
    }
    Some(match measure {
        Measure::ReallocatedSectors => format!("{value} sectors reallocated"),
        Measure::PendingSectors => format!("{value} sectors pending"),
        Measure::UncorrectableSectors => format!("{value} sectors uncorrectable"),
        Measure::MediaErrors => format!("{value} media errors"),
        Measure::UsedPercent => format!("{value} % of its endurance used"),
        Measure::SparePercent => format!("{value} % spare left"),
        Measure::TemperatureC => format!("{value} °C"),
        Measure::PowerOnHours => format!("{value} h under power"),
        Measure::RequestErrors => format!("{value} requests failed"),
        Measure::RequestTimeouts => format!("{value} requests given up"),
        Measure::FileSystemErrors => format!("{value} errors"),
        Measure::ReadErrors => format!("{value} read errors"),
        Measure::WriteErrors => format!("{value} write errors"),
        Measure::ChecksumErrors => format!("{value} wrong checksums"),
        Measure::Members => format!("{value} members"),
        Measure::MembersWorking => format!("{value} working"),
        Measure::Mismatches => format!("{value} sectors differ"),
        Measure::RebuiltPercent => format!("{value} % rebuilt"),
        Measure::WriteMs => format!("{value} ms a write"),
        Measure::InFlight => format!("{value} requests wait"),
    })
}

/// What a reason means, and what to do about it.
fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::Sound => "sound",
        Reason::ReadOnlyConfigured => "mounted read-only; mount it writable for the recorder",
        Reason::ReadOnlyRemounted => {
            "it was turned read-only, mostly after errors; back up, then check the file system"
        }
        Reason::OtherVolume => {
            "another volume than the configured one; mount the right one, or correct the id"
        }
        Reason::IdAbsent => "no disk here has the configured id; plug it in, or correct the id",
        Reason::IdElsewhere => "its volume is mounted elsewhere; mount it here",
        Reason::IdUnresolved => {
            "its id cannot be found out; let udev keep /dev/disk, or leave the id out"
        }
        Reason::NotMounted => "nothing is mounted there; mount the volume",
        Reason::NoDisk => "it lies on no disk of this machine; watch it where its disks are",
        Reason::TooMany => "more disks than are looked at",
        Reason::ToolMissing => "the tool is not installed; install smartmontools",
        Reason::NoRight => {
            "no right to ask; give the agent CAP_SYS_RAWIO and CAP_SYS_ADMIN, and the group disk"
        }
        Reason::TimedOut => "no answer in time; look at cable and controller",
        Reason::Garbled => "the answer could not be understood; is the tool up to date?",
        Reason::NotSupported => {
            "it tells nothing of its health: a virtual disk, or an enclosure that hides it"
        }
        Reason::NoAnswer => "it did not answer; it may be asleep",
        Reason::SelfAssessment => "the disk itself says that it fails; replace it now",
        Reason::BelowThreshold => "a figure is below its maker's limit; replace the disk now",
        Reason::CriticalWarning => "the disk raises a critical warning; replace it now",
        Reason::Uncorrectable => "sectors cannot be read; replace the disk",
        Reason::Pending => "sectors wait to be replaced; watch it, and replace the disk soon",
        Reason::Reallocated => "sectors were replaced; watch whether they become more",
        Reason::MediaErrors => "the medium has errors; replace the disk",
        Reason::Endurance => "its endurance is used up; replace it",
        Reason::Hot => "too hot; look at fans and dust",
        Reason::RequestErrors => "requests fail; look at cable and disk",
        Reason::RequestTimeouts => "requests are given up; look at cable and disk",
        Reason::FileSystemErrors => "the file system met errors; back up, then check it",
        Reason::DeviceMissing => "a device is missing; find out which and replace it",
        Reason::Degraded => "members are missing; replace the disk now",
        Reason::Rebuilding => "it is being rebuilt; leave it running",
        Reason::Stopped => "it does not run; look at its disks",
        Reason::MemberErrors => "a member counts errors; watch it, and replace it soon",
        Reason::Mismatch => "copies differ; let the array check and repair itself",
        Reason::SlowWrites => "writes take very long; look at the disk and what else uses it",
        Reason::StuckWrites => "requests wait and none is finished; the disk hangs",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn source(word: Word, reason: Reason, figures: &[(Measure, i64)]) -> SourceStanding {
        let figures = figures.iter();
        SourceStanding {
            source: "smart".to_owned(),
            subject: "sda".to_owned(),
            word: word.word().to_owned(),
            reason: reason.word().to_owned(),
            figures: figures
                .map(|(measure, value)| (measure.word().to_owned(), *value))
                .collect::<BTreeMap<_, _>>(),
            detail: "EXAMPLE HD".to_owned(),
        }
    }

    #[test]
    fn a_person_reads_figures_and_what_to_do() {
        let figures = [
            (Measure::ReallocatedSectors, 3),
            (Measure::PendingSectors, 0),
            (Measure::TemperatureC, 41),
        ];
        assert_eq!(
            line(&source(Word::Worn, Reason::Reallocated, &figures)),
            "smart sda: worn: sectors were replaced; watch whether they become more, \
             3 sectors reallocated, 41 °C (EXAMPLE HD)"
        );
        assert_eq!(
            line(&source(Word::Good, Reason::Sound, &figures[1..])),
            "smart sda: good, 41 °C (EXAMPLE HD)"
        );
    }

    #[test]
    fn a_tool_that_is_missing_is_named() {
        let said = line(&source(Word::Unknown, Reason::ToolMissing, &[]));
        assert!(said.contains("install smartmontools"), "{said}");
    }

    #[test]
    fn words_of_another_version_are_told_as_they_are() {
        let mut other = source(Word::Good, Reason::Sound, &[]);
        other.reason = "novel".to_owned();
        other.figures.insert("novel_c".to_owned(), 3);
        assert_eq!(line(&other), "smart sda: good (EXAMPLE HD)");
    }
}
