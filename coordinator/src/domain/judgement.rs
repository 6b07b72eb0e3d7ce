//! What one check says of one part of a branch: a verdict, what fails, and how far it looked.
//!
//! How far it looked matters as much as what it found: a finding is closed only by a judgement that
//! looked at it. A judgement whose verdict is *unknown* looked at nothing; the findings in its scope
//! stay as they are and their alerts become unknown.

use keepwatch_common::interval::IntervalSet;
use serde::{Deserialize, Serialize};

use super::code::Code;
use super::failing::Failing;
use super::subject::{Moment, Subject};

/// Whether a control holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It holds as far as was measured, and not all was.
    Partial,
    /// It does not apply here, or not yet.
    NotApplicable,
    /// Nobody knows. Never green.
    Unknown,
    /// It could not be judged: the observation or the check is broken.
    Error,
}

impl Verdict {
    /// The word in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Partial => "partial",
            Self::NotApplicable => "not_applicable",
            Self::Unknown => "unknown",
            Self::Error => "error",
        }
    }
}

/// Why a verdict is neither pass nor fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Time that should have been measured was not.
    NotMeasured,
    /// The branch's agent is not heard.
    AgentSilent,
    /// The coordinator started a moment ago; agents are on their way back.
    JustStarted,
    /// The volume of the footage is away, so nothing about the footage is known.
    VolumeMissing,
    /// The system at the branch did not say, or the file could not be understood.
    Unreadable,
    /// The camera is too new for its footage to reach back far enough.
    AgeingIn,
    /// A baseline is proposed and nobody approved it yet.
    BaselineProposed,
    /// Secrets are hashed with another key than the baseline's, so they cannot be compared.
    OtherKey,
    /// Nothing was expected.
    NothingExpected,
    /// It is further back than footage has to be kept, so nothing can be done about it any more.
    Outlived,
}

impl Why {
    /// The word in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotMeasured => "not_measured",
            Self::AgentSilent => "agent_silent",
            Self::JustStarted => "just_started",
            Self::VolumeMissing => "volume_missing",
            Self::Unreadable => "unreadable",
            Self::AgeingIn => "ageing_in",
            Self::BaselineProposed => "baseline_proposed",
            Self::OtherKey => "other_key",
            Self::NothingExpected => "nothing_expected",
            Self::Outlived => "outlived",
        }
    }
}

/// Whether what is judged can be seen at all at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    /// The agent is heard and the volume is there.
    #[default]
    Clear,
    /// The agent is not heard: what it told last may be over.
    AgentSilent,
    /// The volume is missing, swapped or unreadable: nothing follows from what is not there.
    VolumeAway,
}

impl Sight {
    /// Why nothing can be judged, if so.
    pub fn clouded(self) -> Option<Why> {
        match self {
            Self::Clear => None,
            Self::AgentSilent => Some(Why::AgentSilent),
            Self::VolumeAway => Some(Why::VolumeMissing),
        }
    }
}

/// Which subjects a judgement looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subjects {
    /// These.
    These(Vec<Subject>),
    /// A camera itself and all its files; a volume and all that is under it.
    Owner(Subject),
    /// The same without these.
    OwnerBut(Subject, Vec<Subject>),
    /// What of a camera is addressed by a moment inside these instants; a day counts when any of it
    /// lies inside.
    Moments(Subject, IntervalSet),
}

impl Subjects {
    /// One subject.
    pub fn one(subject: Subject) -> Self {
        Self::These(vec![subject])
    }

    /// Whether a subject is among them.
    pub fn contain(&self, subject: &Subject) -> bool {
        match self {
            Self::These(these) => these.contains(subject),
            Self::Owner(owner) => subject.owner() == *owner && subject.moment().is_none(),
            Self::OwnerBut(owner, but) => {
                Self::Owner(owner.clone()).contain(subject) && !but.contains(subject)
            }
            Self::Moments(owner, instants) => {
                subject.owner() == *owner
                    && match subject.moment() {
                        Some(Moment::At(at)) => instants.contains(at),
                        Some(Moment::On(day)) => day
                            .interval()
                            .is_some_and(|day| instants.ms_within(day) > 0),
                        None => false,
                    }
            }
        }
    }
}

/// What one check says.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Which control was judged.
    pub control: Code,
    /// For whom.
    pub scope: Subjects,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Why the verdict is neither pass nor fail.
    pub why: Option<Why>,
    /// What fails; empty unless the verdict is *fail*.
    pub failing: Vec<Failing>,
}

impl Judgement {
    /// Nobody knows.
    pub fn unknown(control: &Code, scope: Subjects, why: Why) -> Self {
        Self::without(control, scope, Verdict::Unknown, Some(why))
    }

    /// Nothing fails.
    pub fn without(control: &Code, scope: Subjects, verdict: Verdict, why: Option<Why>) -> Self {
        Self {
            control: control.clone(),
            scope,
            verdict,
            why,
            failing: Vec::new(),
        }
    }

    /// These fail; none is a pass.
    pub fn of(control: &Code, scope: Subjects, failing: Vec<Failing>) -> Self {
        let verdict = if failing.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        Self {
            failing,
            ..Self::without(control, scope, verdict, None)
        }
    }

    /// Whether it looked, so that what does not fail may be closed.
    pub fn looked(&self) -> bool {
        !matches!(self.verdict, Verdict::Unknown | Verdict::Error)
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::interval::Interval;
    use keepwatch_common::model::camera::UtcDay;
    use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

    use super::*;

    #[test]
    fn moments_contain_what_began_inside_and_the_days_they_touch() {
        let camera = Subject::stored("nvr/door");
        let day = UtcDay(20_000);
        let inside = Interval::new(day.start() + HOUR_MS, day.start() + 2 * HOUR_MS);
        let scope = Subjects::Moments(camera.clone(), IntervalSet::of(inside));
        let at = |ms| camera.at(day.start() + ms);
        assert!(scope.contain(&at(HOUR_MS)));
        assert!(!scope.contain(&at(2 * HOUR_MS)));
        assert!(scope.contain(&camera.on(day)));
        assert!(!scope.contain(&camera.on(UtcDay(20_001))));
        assert!(!scope.contain(&camera));
        assert!(!scope.contain(&Subject::stored("nvr/till").at(day.start() + HOUR_MS)));
    }

    #[test]
    fn a_camera_contains_its_files_and_no_other_cameras() {
        let scope = Subjects::Owner(Subject::stored("nvr/door"));
        assert!(scope.contain(&Subject::stored("nvr/door")));
        assert!(scope.contain(&Subject::stored("nvr/door:a.mp4")));
        assert!(!scope.contain(&Subject::stored("nvr/door2:a.mp4")));
        let gap = Subject::stored("nvr/door").at(Instant::EPOCH + DAY_MS);
        assert!(!scope.contain(&gap));
    }

    #[test]
    fn words_are_what_json_says() {
        for verdict in [Verdict::Pass, Verdict::NotApplicable, Verdict::Unknown] {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.word());
        }
        for why in [Why::NotMeasured, Why::OtherKey, Why::AgeingIn] {
            assert_eq!(serde_json::to_value(why).unwrap(), why.word());
        }
    }
}
