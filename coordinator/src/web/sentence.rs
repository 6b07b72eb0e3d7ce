//! The one sentence with a number that a finding or an alert says, in the reader's language.
//!
//! The facts come from whoever judged; the words come from the message files. A new kind of finding
//! is a new variant here and a message in both languages.

use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::model::segment::FaultKind;
use keepwatch_common::model::volume::Presence;

use super::ailment::Ailment;
use super::text::{Key, Text, figure};

/// What is wrong, with its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sentence {
    /// Footage is missing on some cameras.
    Gap {
        /// Cameras concerned.
        cameras: u64,
        /// Of this many.
        of: u64,
        /// The worst coverage of a day, in parts per million.
        covered_ppm: u32,
        /// Missing in all, in milliseconds.
        missing_ms: i64,
    },
    /// Footage of one camera is missing for one stretch.
    CameraGap {
        /// The camera's name.
        camera: String,
        /// When it began, by the branch's wall clock.
        start: String,
        /// For how long, as far as was measured, in milliseconds.
        missing_ms: i64,
        /// Whether recording had not resumed.
        ongoing: bool,
    },
    /// Footage of one camera is missing here and there on one day.
    CameraGapDay {
        /// The camera's name.
        camera: String,
        /// The day in UTC: `2026-11-23`.
        day: String,
        /// In so many stretches.
        gaps: u64,
        /// In all, in milliseconds.
        missing_ms: i64,
    },
    /// Footage of one camera does not reach back far enough.
    CameraRetention {
        /// The camera's name.
        camera: String,
        /// Its continuous depth, in tenths of days.
        days_tenths: u32,
        /// How old its oldest footage is, in tenths of days, where that is much more.
        oldest_tenths: Option<u32>,
        /// What the rules ask for, in days.
        required_days: u32,
    },
    /// Footage of one camera was removed before its time.
    Vanished {
        /// The camera's name.
        camera: String,
        /// Where what is gone begins, by the branch's wall clock.
        start: String,
        /// How much is gone, in milliseconds.
        gone_ms: i64,
    },
    /// One agent does not report.
    AgentSilent {
        /// The host it runs on.
        host: String,
        /// Since the last report, in milliseconds.
        for_ms: i64,
    },
    /// A volume is not as it should be.
    Volume {
        /// The volume's name.
        volume: String,
        /// What is wrong with it.
        presence: Presence,
    },
    /// Something under a volume fails or wears out.
    Health {
        /// The volume's name.
        volume: String,
        /// What of it: a disk, an array, a pool.
        subject: String,
        /// What is wrong with it.
        ailment: Ailment,
    },
    /// Footage does not reach back far enough.
    Retention {
        /// Cameras concerned.
        cameras: u64,
        /// Of this many.
        of: u64,
        /// The shortest continuous depth, in tenths of days.
        days_tenths: u32,
        /// What the rules ask for, in days.
        required_days: u32,
    },
    /// No agent of the branch reports.
    Silent {
        /// Since the last report, in milliseconds.
        for_ms: i64,
        /// Cameras of which nothing is known.
        cameras: u64,
    },
    /// A watched file differs from its baseline.
    Drift {
        /// The file's name.
        file: String,
        /// Settings that differ.
        changes: u64,
    },
    /// A watched file is gone.
    FileMissing {
        /// The file's name.
        file: String,
    },
    /// A volume is not there, so nothing is known of the footage on it.
    VolumeAbsent {
        /// The volume's name.
        volume: String,
        /// Cameras of which nothing is known.
        cameras: u64,
    },
    /// A volume fills up.
    VolumeFull {
        /// The volume's name.
        volume: String,
        /// Bytes left.
        free_bytes: u64,
    },
    /// One segment is faulty.
    SegmentFault {
        /// The camera's name.
        camera: String,
        /// Where the segment begins, by the branch's wall clock.
        start: String,
        /// What is wrong with it.
        kind: FaultKind,
    },
    /// Footage that exists cannot be played.
    Fault {
        /// The camera's name.
        camera: String,
        /// Segments concerned.
        segments: u64,
    },
    /// A hold is not as it should be.
    Hold {
        /// The camera's name.
        camera: String,
        /// The hold's number.
        hold: i64,
        /// How it stands; none when the word is another version's.
        standing: Option<HoldStanding>,
        /// Segments that are gone or changed.
        lost: u64,
    },
    /// A branch's clock is wrong.
    Clock {
        /// The agent's clock less ours, in milliseconds.
        offset_ms: i64,
    },
    /// Two processes report under one key.
    Clone,
    /// A control could not be judged.
    Broken {
        /// The control's number.
        control: String,
    },
}

impl Sentence {
    /// The sentence in the language of `text`, without a full stop.
    #[expect(
        clippy::too_many_lines,
        reason = "an arm for each sentence, and nothing else"
    )]
    pub fn text(&self, text: &Text) -> String {
        let phrase = text.say(self.key());
        let phrase = match self {
            Self::Gap {
                cameras,
                of,
                covered_ppm,
                missing_ms,
            } => phrase
                .n("cameras", cameras)
                .n("of", of)
                .s("covered", figure::percent(*covered_ppm))
                .s("missing", text.span(missing_ms)),
            Self::CameraGap {
                camera,
                start,
                missing_ms,
                ..
            } => phrase
                .s("camera", camera)
                .s("start", start)
                .s("missing", text.span(missing_ms)),
            Self::CameraGapDay {
                camera,
                day,
                gaps,
                missing_ms,
            } => phrase
                .s("camera", camera)
                .s("day", day)
                .n("gaps", gaps)
                .s("missing", text.span(missing_ms)),
            Self::CameraRetention {
                camera,
                days_tenths,
                oldest_tenths,
                required_days,
            } => phrase
                .s("camera", camera)
                .s("days", figure::tenths(*days_tenths))
                .s("oldest", figure::tenths(oldest_tenths.unwrap_or(0)))
                .n("required", required_days),
            Self::Vanished {
                camera,
                start,
                gone_ms,
            } => phrase
                .s("camera", camera)
                .s("start", start)
                .s("gone", text.span(gone_ms)),
            Self::AgentSilent { host, for_ms } => {
                phrase.s("host", host).s("for", text.span(for_ms))
            }
            Self::Volume { volume, .. } => phrase.s("volume", volume),
            Self::Health {
                volume,
                subject,
                ailment,
            } => phrase
                .s("volume", volume)
                .s("subject", subject)
                .s("what", ailment.text(text)),
            Self::Retention {
                cameras,
                of,
                days_tenths,
                required_days,
            } => phrase
                .n("cameras", cameras)
                .n("of", of)
                .s("days", figure::tenths(*days_tenths))
                .n("required", required_days),
            Self::Silent { for_ms, cameras } => {
                phrase.s("for", text.span(for_ms)).n("cameras", cameras)
            }
            Self::Drift { file, changes } => phrase.s("file", file).n("changes", changes),
            Self::FileMissing { file } => phrase.s("file", file),
            Self::VolumeAbsent { volume, cameras } => {
                phrase.s("volume", volume).n("cameras", cameras)
            }
            Self::VolumeFull { volume, free_bytes } => phrase
                .s("volume", volume)
                .s("free", figure::bytes(*free_bytes)),
            Self::SegmentFault { camera, start, .. } => {
                phrase.s("camera", camera).s("start", start)
            }
            Self::Fault { camera, segments } => phrase.s("camera", camera).n("segments", segments),
            Self::Hold {
                camera, hold, lost, ..
            } => phrase.s("camera", camera).s("hold", hold).n("lost", lost),
            Self::Clock { offset_ms } => phrase.s("offset", text.offset(offset_ms)),
            Self::Clone => phrase,
            Self::Broken { control } => phrase.s("control", control),
        };
        phrase.to_string()
    }

    fn key(&self) -> Key {
        match self {
            Self::Gap { .. } => Key("sentence-gap"),
            Self::CameraGap { ongoing: true, .. } => Key("sentence-camera-gap-ongoing"),
            Self::CameraGap { .. } => Key("sentence-camera-gap"),
            Self::CameraGapDay { .. } => Key("sentence-camera-gap-day"),
            Self::CameraRetention {
                oldest_tenths: Some(_),
                ..
            } => Key("sentence-camera-retention-broken"),
            Self::CameraRetention { .. } => Key("sentence-camera-retention"),
            Self::Vanished { .. } => Key("sentence-vanished"),
            Self::AgentSilent { .. } => Key("sentence-agent-silent"),
            Self::Volume { presence, .. } => match presence {
                Presence::Missing => Key("sentence-volume-missing"),
                Presence::Swapped => Key("sentence-volume-swapped"),
                Presence::ReadOnly => Key("sentence-volume-read-only"),
                Presence::Present | Presence::Unreadable => Key("sentence-volume-unreadable"),
            },
            Self::Health { .. } => Key("sentence-health"),
            Self::Retention { .. } => Key("sentence-retention"),
            Self::Silent { .. } => Key("sentence-silent"),
            Self::Drift { .. } => Key("sentence-drift"),
            Self::FileMissing { .. } => Key("sentence-file-missing"),
            Self::VolumeAbsent { .. } => Key("sentence-volume-absent"),
            Self::VolumeFull { .. } => Key("sentence-volume-full"),
            Self::SegmentFault { kind, .. } => match kind {
                FaultKind::Empty => Key("sentence-fault-empty"),
                FaultKind::Truncated => Key("sentence-fault-truncated"),
                FaultKind::Corrupt => Key("sentence-fault-corrupt"),
                FaultKind::Clock => Key("sentence-fault-clock"),
            },
            Self::Fault { .. } => Key("sentence-fault"),
            Self::Hold { standing, .. } => match standing {
                Some(HoldStanding::Broken) => Key("sentence-hold-broken"),
                Some(HoldStanding::InVault) => Key("sentence-hold-in-vault"),
                Some(HoldStanding::NoRoom) => Key("sentence-hold-no-room"),
                _ => Key("sentence-hold-refused"),
            },
            Self::Clock { .. } => Key("sentence-clock"),
            Self::Clone => Key("sentence-clone"),
            Self::Broken { .. } => Key("sentence-broken"),
        }
    }
}
