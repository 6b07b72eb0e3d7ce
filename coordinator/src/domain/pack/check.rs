//! The checks that a control can name, and the parameters each takes.
//!
//! One table per check says name, default and range of every parameter; reading, refusing and
//! filling in defaults follow from it. Parameters are whole numbers with their unit in the name. It
//! must not know how a check decides.

use keepwatch_common::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

use super::error::PackProblem;
use crate::domain::kind::AlertKind;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Footage is recorded whenever it should be.
    Gap(GapParameters),
    /// Footage reaches back far enough.
    Retention(RetentionParameters),
    /// Footage is not deleted before its time.
    Vanished(VanishedParameters),
    /// Recorded files are whole.
    Fault,
    /// Volumes are there and can be written.
    Volume,
    /// The disks under volumes are well.
    Disk,
    /// Arrays and pools have all their members.
    Redundancy,
    /// Watched files are as approved.
    Drift,
    /// Agents are heard.
    Silence(SilenceParameters),
    /// What is held is there and as it was.
    Hold,
}

/// Parameters of the check `gap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapParameters {
    /// A shorter gap counts in the day's coverage only.
    pub gap_ms_min: i64,
    /// From here on a gap is major.
    pub major_ms: i64,
    /// From here on a gap is critical.
    pub critical_ms: i64,
    /// What a day must be covered to, in millionths; short gaps alone can break it.
    pub day_limit_ppm: u32,
    /// A gap that ended longer ago is history: kept and never told.
    pub news_ms: i64,
    /// How far behind now the measuring may be before a judgement is partial.
    pub tail_ms: i64,
}

/// Parameters of the check `retention`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionParameters {
    /// How many days footage must reach back.
    pub days: u32,
    /// What each of them must be covered to, in millionths.
    pub limit_ppm: u32,
    /// Without any measurement for so long, nothing is known.
    pub stale_ms: i64,
    /// How much the oldest footage may fall short: recorders delete whole files.
    pub slack_ms: i64,
    /// For so many days after it was first seen, a camera with unbroken footage is ageing in.
    pub ageing_in_days: u32,
}

/// Parameters of the check `vanished`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VanishedParameters {
    /// Older footage may be deleted.
    pub days: u32,
    /// How much before that time deletion is still normal: recorders delete whole files.
    pub slack_ms: i64,
    /// How much may vanish from the oldest end at once and still be a clean-up, which is the
    /// concern of the check `retention`.
    pub tail_ms_max: i64,
}

/// Parameters of the check `silence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SilenceParameters {
    /// An agent not heard for so long is silent.
    pub after_ms: i64,
    /// From here on silence is as bad as the control can be; before, one step milder.
    pub worst_ms: i64,
    /// How long after the coordinator's start silence says nothing.
    pub grace_ms: i64,
}

/// One parameter: its name, what it is when not written, and its range.
#[derive(Debug)]
pub(super) struct Spec {
    name: &'static str,
    default: i64,
    low: i64,
    high: i64,
}

const fn spec(name: &'static str, default: i64, low: i64, high: i64) -> Spec {
    Spec {
        name,
        default,
        low,
        high,
    }
}

/// Ten years: no rule known asks for more.
const DAYS_MAX: i64 = 3_660;
/// Half of the whole; a lower limit would be no limit.
const HALF_PPM: i64 = 500_000;
const WHOLE_PPM: i64 = 1_000_000;

static GAP: [Spec; 6] = [
    spec("gap_ms_min", MINUTE_MS, SECOND_MS, DAY_MS),
    spec("major_ms", 5 * MINUTE_MS, SECOND_MS, DAY_MS),
    spec("critical_ms", 30 * MINUTE_MS, SECOND_MS, 7 * DAY_MS),
    spec("day_limit_ppm", 990_000, HALF_PPM, WHOLE_PPM),
    spec("news_ms", DAY_MS, 0, 30 * DAY_MS),
    spec("tail_ms", HOUR_MS, 0, 7 * DAY_MS),
];
static RETENTION: [Spec; 5] = [
    spec("days", 30, 1, DAYS_MAX),
    spec("limit_ppm", 990_000, HALF_PPM, WHOLE_PPM),
    spec("stale_ms", DAY_MS, HOUR_MS, 30 * DAY_MS),
    spec("slack_ms", HOUR_MS, 0, DAY_MS),
    spec("ageing_in_days", 0, 0, DAYS_MAX),
];
static VANISHED: [Spec; 3] = [
    spec("days", 30, 1, DAYS_MAX),
    spec("slack_ms", HOUR_MS, 0, DAY_MS),
    // A recorder that keeps one folder a day deletes 25 hours when the clock is set back.
    spec("tail_ms_max", 25 * HOUR_MS, 0, 7 * DAY_MS),
];
static SILENCE: [Spec; 3] = [
    spec("after_ms", 5 * MINUTE_MS, MINUTE_MS, 7 * DAY_MS),
    spec("worst_ms", 4 * HOUR_MS, MINUTE_MS, 30 * DAY_MS),
    spec("grace_ms", 5 * MINUTE_MS, 0, DAY_MS),
];

/// Every check by its word, the alert it raises and its parameters.
static CHECKS: [(&str, AlertKind, &[Spec]); 10] = [
    ("gap", AlertKind::Gap, &GAP),
    ("retention", AlertKind::RetentionShort, &RETENTION),
    ("vanished", AlertKind::FootageVanished, &VANISHED),
    ("fault", AlertKind::SegmentFault, &[]),
    ("volume", AlertKind::VolumeMissing, &[]),
    ("disk", AlertKind::DiskFailing, &[]),
    ("redundancy", AlertKind::RedundancyLost, &[]),
    ("drift", AlertKind::ConfigDrift, &[]),
    ("silence", AlertKind::AgentSilent, &SILENCE),
    ("hold", AlertKind::HoldBroken, &[]),
];

/// A check by its word, before its parameters are read.
#[derive(Debug)]
pub(super) struct CheckWord {
    word: &'static str,
    /// What it raises.
    pub(super) raises: AlertKind,
    specs: &'static [Spec],
    values: Vec<i64>,
}

impl CheckWord {
    /// The check of a word, all parameters at their defaults.
    pub(super) fn find(word: &str) -> Result<Self, PackProblem> {
        CHECKS
            .iter()
            .find(|(known, ..)| *known == word)
            .map(|(word, raises, specs)| Self {
                word,
                raises: *raises,
                specs,
                values: specs.iter().map(|spec| spec.default).collect(),
            })
            .ok_or_else(|| PackProblem::UnknownWord {
                word: word.to_owned(),
                known: CHECKS.map(|(known, ..)| known).join(", "),
            })
    }

    /// Sets one parameter.
    pub(super) fn set(&mut self, name: &str, value: i64) -> Result<(), PackProblem> {
        let Some(index) = self.specs.iter().position(|spec| spec.name == name) else {
            let known: Vec<_> = self.specs.iter().map(|spec| spec.name).collect();
            return Err(PackProblem::UnknownWord {
                word: name.to_owned(),
                known: if known.is_empty() {
                    format!("nothing, the check “{}” takes no parameters", self.word)
                } else {
                    known.join(", ")
                },
            });
        };
        let Spec { low, high, .. } = self.specs[index];
        if !(low..=high).contains(&value) {
            return Err(PackProblem::OutOfRange { value, low, high });
        }
        self.values[index] = value;
        Ok(())
    }

    /// The finished check.
    pub(super) fn check(&self) -> Result<Check, PackProblem> {
        let check = match self.raises {
            AlertKind::Gap => Check::Gap(GapParameters {
                gap_ms_min: self.value("gap_ms_min"),
                major_ms: self.value("major_ms"),
                critical_ms: self.value("critical_ms"),
                day_limit_ppm: self.small("day_limit_ppm"),
                news_ms: self.value("news_ms"),
                tail_ms: self.value("tail_ms"),
            }),
            AlertKind::RetentionShort => Check::Retention(RetentionParameters {
                days: self.small("days"),
                limit_ppm: self.small("limit_ppm"),
                stale_ms: self.value("stale_ms"),
                slack_ms: self.value("slack_ms"),
                ageing_in_days: self.small("ageing_in_days"),
            }),
            AlertKind::FootageVanished => Check::Vanished(VanishedParameters {
                days: self.small("days"),
                slack_ms: self.value("slack_ms"),
                tail_ms_max: self.value("tail_ms_max"),
            }),
            AlertKind::AgentSilent => Check::Silence(SilenceParameters {
                after_ms: self.value("after_ms"),
                worst_ms: self.value("worst_ms"),
                grace_ms: self.value("grace_ms"),
            }),
            AlertKind::SegmentFault => Check::Fault,
            AlertKind::VolumeMissing => Check::Volume,
            AlertKind::DiskFailing => Check::Disk,
            AlertKind::RedundancyLost => Check::Redundancy,
            AlertKind::ConfigDrift => Check::Drift,
            AlertKind::HoldBroken => Check::Hold,
        };
        check.rising()?;
        Ok(check)
    }

    /// A parameter that is in the check's table; the test below reads every one of them.
    fn value(&self, name: &str) -> i64 {
        let index = self.specs.iter().position(|spec| spec.name == name);
        index.map_or(0, |index| self.values[index])
    }

    fn small(&self, name: &str) -> u32 {
        u32::try_from(self.value(name)).unwrap_or(u32::MAX)
    }
}

impl Check {
    fn rising(&self) -> Result<(), PackProblem> {
        let (rises, order) = match self {
            Self::Gap(p) => (
                p.gap_ms_min <= p.major_ms && p.major_ms <= p.critical_ms,
                "gap_ms_min, major_ms, critical_ms",
            ),
            Self::Silence(p) => (p.after_ms <= p.worst_ms, "after_ms, worst_ms"),
            Self::Retention(_)
            | Self::Vanished(_)
            | Self::Fault
            | Self::Volume
            | Self::Disk
            | Self::Redundancy
            | Self::Drift
            | Self::Hold => (true, ""),
        };
        if rises {
            Ok(())
        } else {
            Err(PackProblem::NotRising { order })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_reaches_its_check() {
        for (word, _, specs) in CHECKS {
            for spec in specs {
                let plain = CheckWord::find(word).unwrap().check().unwrap();
                let mut changed = CheckWord::find(word).unwrap();
                // One off the default keeps all thresholds rising.
                let value = if spec.default == spec.high {
                    spec.default - 1
                } else {
                    spec.default + 1
                };
                changed.set(spec.name, value).unwrap();
                assert_ne!(plain, changed.check().unwrap(), "{word}.{}", spec.name);
            }
        }
    }

    #[test]
    fn every_default_is_in_its_range() {
        for (word, _, specs) in CHECKS {
            for spec in specs {
                let mut check = CheckWord::find(word).unwrap();
                assert_eq!(check.set(spec.name, spec.default), Ok(()), "{}", spec.name);
                assert!(check.set(spec.name, spec.low - 1).is_err());
                assert!(check.set(spec.name, spec.high + 1).is_err());
            }
        }
    }

    #[test]
    fn thresholds_that_fall_are_refused() {
        let mut gap = CheckWord::find("gap").unwrap();
        gap.set("major_ms", DAY_MS).unwrap();
        assert!(matches!(gap.check(), Err(PackProblem::NotRising { .. })));
    }
}
