//! What is under a volume is well: its disks and file system, and its redundancy.
//!
//! What fails or wears out is a finding of its own for each source, so that a second disk that dies
//! is heard of. What a source cannot say is unknown: never a pass, and nothing to call anybody for.
//! When the volume itself is away, nothing is known of what is under it.

use std::collections::BTreeMap;

use keepwatch_common::model::health::{Measure, Reason, Source, Word};
use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects, Why};
use crate::domain::kind::Severity;
use crate::domain::pack::Control;
use crate::domain::subject::Subject;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Disks and the file system on them.
    Disks,
    /// Arrays and pools.
    Redundancy,
}

/// What is known of one volume.
#[derive(Debug, Clone, Copy)]
pub struct HealthFacts<'a> {
    /// Its name in the agent's configuration.
    pub volume: &'a Name,
    /// What its sources say.
    pub sources: &'a [SourceFacts],
    /// Whether the branch can be seen, and the volume is there.
    pub sight: Sight,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts {
    /// Which kind of source.
    pub source: Source,
    /// What it speaks of.
    pub subject: String,
    /// The word.
    pub word: Word,
    /// Why.
    pub reason: Reason,
    /// The figures.
    pub figures: BTreeMap<Measure, i64>,
    /// For a person.
    pub detail: String,
    /// Since when the word is what it is.
    pub since: Instant,
}

impl Concern {
    fn is_about(self, source: Source) -> bool {
        match source {
            Source::Smart | Source::Device | Source::FileSystem | Source::Latency => {
                self == Self::Disks
            }
            Source::Array | Source::Pool => self == Self::Redundancy,
            // Whether a volume is there and can be written is another control's concern.
            Source::Mount => false,
        }
    }
}

/// Judges one volume: once as far as its sources speak, once for those that cannot.
pub fn judge(control: &Control, concern: Concern, facts: &HealthFacts<'_>) -> Vec<Judgement> {
    let volume = Subject::name(facts.volume);
    let sight = match facts.sight {
        Sight::Clear if is_away(facts.sources) => Sight::VolumeAway,
        sight => sight,
    };
    if let Some(why) = sight.clouded() {
        let scope = Subjects::Owner(volume);
        return vec![Judgement::unknown(&control.id, scope, why)];
    }
    let (mut failing, mut blind) = (Vec::new(), Vec::new());
    let ours = facts
        .sources
        .iter()
        .filter(|one| concern.is_about(one.source));
    for source in ours {
        let subject = volume.file(&format!("{}/{}", source.source.word(), source.subject));
        match source.word {
            Word::Good => {}
            Word::Unknown => blind.push(subject),
            Word::Worn | Word::Failing => {
                failing.push(failing_of(control, facts.volume, subject, source));
            }
        }
    }
    // A disk that was taken out is told of no more, and its finding is over.
    let seen = Subjects::OwnerBut(volume, blind.clone());
    let mut judgements = vec![Judgement::of(&control.id, seen, failing)];
    if !blind.is_empty() {
        let scope = Subjects::These(blind);
        judgements.push(Judgement::unknown(&control.id, scope, Why::Unreadable));
    }
    judgements
}

/// Whether nothing, or another volume, is mounted where these sources were asked.
fn is_away(sources: &[SourceFacts]) -> bool {
    let mounts = sources.iter().filter(|one| one.source == Source::Mount);
    mounts.into_iter().any(|mount| {
        let is_mounted = !matches!(
            mount.reason,
            Reason::NotMounted | Reason::IdAbsent | Reason::IdElsewhere | Reason::OtherVolume
        );
        !is_mounted
    })
}

fn failing_of(control: &Control, volume: &Name, subject: Subject, source: &SourceFacts) -> Failing {
    let figures = source.figures.iter();
    let figures = figures
        .filter(|(measure, _)| tells(**measure, source.reason))
        .map(|(measure, value)| (measure.word().to_owned(), *value));
    let evidence = Evidence::Health {
        volume: volume.to_string(),
        source: source.source.word().to_owned(),
        subject: source.subject.clone(),
        reason: source.reason.word().to_owned(),
        figures: figures.collect(),
        detail: source.detail.clone(),
    };
    let failing = Failing::of(control, subject, source.since, evidence);
    match (source.word, source.reason) {
        (Word::Failing, _) => failing,
        // What was replaced works again, and what is used up still does.
        (_, Reason::Reallocated | Reason::Endurance) => failing.at_most(Severity::Minor),
        _ => failing.at_most(control.severity.milder()),
    }
}

/// Whether a figure belongs to the evidence: what only passes with time does not.
fn tells(measure: Measure, reason: Reason) -> bool {
    match measure {
        Measure::PowerOnHours => false,
        Measure::TemperatureC => reason == Reason::Hot,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judgement::Verdict;
    use crate::domain::packs;

    fn source(source: Source, subject: &str, word: Word, reason: Reason) -> SourceFacts {
        SourceFacts {
            source,
            subject: subject.to_owned(),
            word,
            reason,
            figures: BTreeMap::from([(Measure::ReallocatedSectors, 3), (Measure::PowerOnHours, 9)]),
            detail: String::new(),
            since: Instant::from_s(100),
        }
    }

    fn judged(concern: Concern, sources: &[SourceFacts], sight: Sight) -> Vec<Judgement> {
        let pack = packs::monitoring_room().unwrap();
        let control = match concern {
            Concern::Disks => "F-3.4.disk",
            Concern::Redundancy => "F-3.4.redundancy",
        };
        let facts = HealthFacts {
            volume: &Name::new("D1").unwrap(),
            sources,
            sight,
        };
        judge(pack.control(control).unwrap(), concern, &facts)
    }

    #[test]
    fn a_failing_disk_is_critical_and_replaced_sectors_are_minor() {
        let sources = [
            source(Source::Smart, "sda", Word::Failing, Reason::SelfAssessment),
            source(Source::Smart, "sdb", Word::Worn, Reason::Reallocated),
            source(Source::Latency, "sdb", Word::Worn, Reason::SlowWrites),
            source(Source::Array, "md0", Word::Failing, Reason::Degraded),
        ];
        let judgements = judged(Concern::Disks, &sources, Sight::Clear);
        let failing = &judgements[0].failing;
        let told: Vec<_> = failing
            .iter()
            .map(|one| (one.subject.as_str(), one.severity))
            .collect();
        assert_eq!(
            told,
            [
                ("D1:smart/sda", Severity::Critical),
                ("D1:smart/sdb", Severity::Minor),
                ("D1:latency/sdb", Severity::Major),
            ]
        );
        assert_eq!(failing[0].since, Instant::from_s(100));
        let Evidence::Health { figures, .. } = &failing[1].evidence else {
            panic!("{:?}", failing[1].evidence);
        };
        assert_eq!(figures.len(), 1, "hours pass and are no evidence");
    }

    #[test]
    fn an_array_without_a_member_is_redundancy_lost() {
        let sources = [
            source(Source::Array, "md0", Word::Failing, Reason::Degraded),
            source(Source::Smart, "sda", Word::Good, Reason::Sound),
        ];
        let judgements = judged(Concern::Redundancy, &sources, Sight::Clear);
        assert_eq!(judgements[0].failing[0].severity, Severity::Critical);
        let disks = judged(Concern::Disks, &sources, Sight::Clear);
        assert_eq!(disks[0].verdict, Verdict::Pass);
    }

    #[test]
    fn what_a_source_cannot_say_is_unknown_and_hides_no_other() {
        let sources = [
            source(Source::Smart, "sda", Word::Unknown, Reason::ToolMissing),
            source(Source::Latency, "sda", Word::Failing, Reason::StuckWrites),
        ];
        let [seen, blind] = &judged(Concern::Disks, &sources, Sight::Clear)[..] else {
            panic!("two judgements");
        };
        assert_eq!(
            (seen.verdict, blind.verdict),
            (Verdict::Fail, Verdict::Unknown)
        );
        let sda = Subject::stored("D1:smart/sda");
        assert!(blind.scope.contain(&sda) && !seen.scope.contain(&sda));
        assert!(
            seen.scope.contain(&Subject::stored("D1:smart/sdz")),
            "taken out"
        );
        assert!(!seen.scope.contain(&Subject::stored("D2:smart/sdz")));
    }

    #[test]
    fn under_a_volume_that_is_away_nothing_is_known() {
        let sources = [source(
            Source::Mount,
            "/srv",
            Word::Unknown,
            Reason::NotMounted,
        )];
        let away = judged(Concern::Disks, &sources, Sight::Clear);
        assert_eq!(away.len(), 1);
        assert_eq!(away[0].why, Some(Why::VolumeMissing));
        let silent = judged(Concern::Redundancy, &[], Sight::AgentSilent);
        assert_eq!(silent[0].why, Some(Why::AgentSilent));
    }
}
