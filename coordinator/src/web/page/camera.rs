//! One camera: was it recorded on a day, where are the gaps, how far back does its footage reach.

use askama::Template;
use keepwatch_common::model::segment::FaultKind;

use crate::domain::cause::Cause;
use crate::web::address;
use crate::web::drawing::heatmap::Cell;
use crate::web::drawing::lane::{Lane, Span, Stretch};
use crate::web::drawing::retention::Retention;
use crate::web::frame::{Frame, Tab};
use crate::web::given::Given;
use crate::web::moment::Moment;
use crate::web::page::alerts::Severity;
use crate::web::page::hold::HoldRow;
use crate::web::sentence::Sentence;
use crate::web::text::{Key, Text, figure};
use crate::web::verdict::Verdict;

/// One camera and one of its days.
#[derive(Debug, Clone)]
pub struct CameraView {
    /// The branch's code.
    pub branch_code: String,
    /// The branch's name.
    pub branch_name: String,
    /// The IANA name of the branch's zone.
    pub zone: String,
    /// The recorder's key, in the branch's words.
    pub recorder: String,
    /// The camera's key, in the branch's words.
    pub camera: String,
    /// What people call it.
    pub name: String,
    /// Its worst verdict.
    pub verdict: Verdict,
    /// What is wrong with it, gravest first.
    pub open: Vec<Open>,
    /// How far back its footage reaches.
    pub retention: Retention,
    /// What cuts the continuous depth short.
    pub cut: Option<Cut>,
    /// The civil day on which the duty is met if nothing more is lost: `2026-12-08`.
    pub met_on: Option<String>,
    /// The last days, oldest first, to choose from; at most 31.
    pub days: Vec<CameraDay>,
    /// The day shown; none if nothing was ever measured.
    pub day: Option<DayView>,
    /// What of it is held beyond its time, newest first.
    pub holds: Vec<HoldRow>,
}

/// One thing that is wrong and not closed.
#[derive(Debug, Clone)]
pub struct Open {
    /// How grave.
    pub severity: Severity,
    /// What is wrong.
    pub sentence: Sentence,
    /// The page that shows it; begins with `/`.
    pub page: String,
}

/// What cuts the continuous depth short.
#[derive(Debug, Clone)]
pub enum Cut {
    /// A gap that ended.
    Until(Moment),
    /// It still lasts: nothing was recorded since then.
    Since(Moment),
}

/// One day to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraDay {
    /// `2026-11-23`.
    pub iso: String,
    /// What is known of it.
    pub cell: Cell,
}

impl CameraDay {
    /// The day of the month, with the month where it helps.
    fn label(&self, first: impl Given<bool>) -> &str {
        let whole = self.iso.get(5..).unwrap_or(&self.iso);
        let day = self.iso.get(8..).unwrap_or(&self.iso);
        if first.given() || day == "01" {
            whole
        } else {
            day
        }
    }
}

/// The day shown.
#[derive(Debug, Clone)]
pub struct DayView {
    /// `2026-11-08`.
    pub iso: String,
    /// Which day of the week: 1 is Monday.
    pub weekday: u32,
    /// Recorded of the expected, in parts per million; none if nothing was expected or measured.
    pub covered_ppm: Option<u32>,
    /// Missing in all, in milliseconds.
    pub missing_ms: i64,
    /// Not measured in all, in milliseconds.
    pub unknown_ms: i64,
    /// The day on a line.
    pub lane: Lane,
    /// Its gaps and what was not measured, in order of time.
    pub gaps: Vec<GapRow>,
    /// How many more there are, drawn and not listed.
    pub gaps_more: usize,
    /// Gaps in all, stretches not measured left aside.
    pub gap_count: usize,
    /// Segments that cannot be played.
    pub faults: Vec<FaultRow>,
    /// How many more there are, not listed.
    pub faults_more: usize,
    /// The day before, `2026-11-07`; none at the end of what is kept.
    pub previous: Option<String>,
    /// The day after; none today.
    pub next: Option<String>,
}

impl DayView {
    /// How many gaps and stretches not measured there are.
    fn stretches(&self) -> usize {
        self.gaps.len() + self.gaps_more
    }

    /// How many segments cannot be played.
    fn fault_count(&self) -> usize {
        self.faults.len() + self.faults_more
    }

    /// The lane with the words that stand under its gaps.
    fn labelled(&self, text: &Text) -> Lane {
        let mut lane = self.lane.clone();
        let spans = lane.spans.iter_mut().filter(|span| missing(span));
        for (span, gap) in spans.zip(&self.gaps) {
            let what = text.say(gap.cause_word()).to_string();
            let when = format!("{}–{} · {}", gap.start, gap.end, text.span(gap.lasting_ms));
            span.label = Some((what, when));
        }
        lane
    }

    fn weekday(&self) -> Key {
        const WEEK: [Key; 7] = [
            Key("monday"),
            Key("tuesday"),
            Key("wednesday"),
            Key("thursday"),
            Key("friday"),
            Key("saturday"),
            Key("sunday"),
        ];
        let nth = usize::try_from(self.weekday.saturating_sub(1)).unwrap_or(0);
        WEEK[nth % WEEK.len()]
    }

    fn covered(&self) -> Option<String> {
        self.covered_ppm.map(figure::percent)
    }
}

fn missing(span: &Span) -> bool {
    matches!(span.stretch, Stretch::Gap | Stretch::Unknown)
}

/// One gap, or one stretch that was not measured. Rows stand in the order of the lane's stretches of
/// these two kinds, one to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRow {
    /// Not measured, so it is no gap.
    pub unknown: bool,
    /// Begins: `09:47`.
    pub start: String,
    /// Ends: `12:58`, `24:00`.
    pub end: String,
    /// How long, in milliseconds.
    pub lasting_ms: i64,
    /// Why.
    pub cause: Cause,
}

/// The words of a cause.
fn cause_word(cause: Cause) -> Key {
    match cause {
        Cause::NotKnown => Key("cause-not-known"),
        Cause::Camera => Key("cause-camera"),
        Cause::Recorder => Key("cause-recorder"),
        Cause::CameraAway => Key("cause-camera-away"),
        Cause::RecorderAway => Key("cause-recorder-away"),
        Cause::NoRoom => Key("cause-no-room"),
        Cause::AgentAway => Key("cause-agent-away"),
        Cause::Vanished => Key("cause-vanished"),
        Cause::VolumeAbsent => Key("cause-volume-absent"),
        Cause::Silent => Key("cause-silent"),
    }
}

impl GapRow {
    /// Why, in words.
    fn cause_word(&self) -> Key {
        cause_word(self.cause)
    }
}

/// One segment that cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRow {
    /// What is wrong.
    pub kind: FaultKind,
    /// Begins: `05:00`.
    pub start: String,
    /// The file, relative to the recorder's root.
    pub path: String,
    /// What was found, in the agent's words.
    pub detail: String,
}

impl FaultRow {
    fn word(&self) -> Key {
        match self.kind {
            FaultKind::Empty => Key("fault-empty"),
            FaultKind::Truncated => Key("fault-truncated"),
            FaultKind::Corrupt => Key("fault-corrupt"),
            FaultKind::Clock => Key("fault-clock"),
        }
    }
}

impl CameraView {
    fn branch(&self) -> String {
        address::branch(&self.branch_code)
    }

    fn alerts(&self) -> String {
        address::query(address::ALERTS, &[("branch", self.branch_code.as_str())])
    }

    fn all_holds(&self) -> String {
        address::camera_holds(&self.branch_code, &self.recorder, &self.camera)
    }

    fn on(&self, day: Option<&str>) -> String {
        address::camera(&self.branch_code, &self.recorder, &self.camera, day)
    }

    /// The verdict's name; of a camera that is not judged yet, why.
    fn word(&self) -> Key {
        match self.verdict {
            Verdict::NotApplicable => Key("new-camera"),
            verdict => verdict.word(),
        }
    }

    fn shows(&self, day: &CameraDay) -> bool {
        let shown = self.day.as_ref();
        shown.is_some_and(|shown| shown.iso == day.iso)
    }

    /// What the page says first: how far back footage reaches, and why no further.
    fn lead(&self) -> Key {
        let retention = &self.retention;
        match (retention.verdict, retention.continuous_tenths) {
            (Verdict::Pass | Verdict::Waived, Some(_)) => Key("camera-lead-pass"),
            (Verdict::NotApplicable, Some(_)) => Key("camera-lead-new"),
            (Verdict::Partial | Verdict::Fail, Some(_)) if self.met_on.is_some() => {
                Key("camera-lead-short-until")
            }
            (Verdict::Partial | Verdict::Fail, Some(_)) => Key("camera-lead-short"),
            _ => Key("camera-lead-unknown"),
        }
    }

    fn continuous(&self) -> u32 {
        self.retention.continuous_tenths.unwrap_or(0)
    }
}

#[derive(Template)]
#[template(path = "camera.html")]
struct Page<'a> {
    view: &'a CameraView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page.
pub fn render(view: &CameraView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Branches),
    }
    .render()
}
