//! Holds: the list of them, those of one camera with the form that asks for another, and one of them
//! with the form that releases it.

use askama::Template;
use keepwatch_common::model::hold::HoldStanding;

use crate::domain::hold::{Outcome, REASON_CHARS};
use crate::web::address;
use crate::web::frame::{Frame, Tab};
use crate::web::moment::Moment;
use crate::web::text::{Key, Text, figure};
use crate::web::verdict::Verdict;

/// Fewest characters of a reason, for the form.
pub const REASON_CHARS_MIN: usize = REASON_CHARS.0;

/// Most characters of a reason, for the form.
pub const REASON_CHARS_MAX: usize = REASON_CHARS.1;

/// A hold as a list shows it.
#[derive(Debug, Clone)]
pub struct HoldRow {
    /// Its number.
    pub id: i64,
    /// The branch's code.
    pub branch_code: String,
    /// The branch's name.
    pub branch_name: String,
    /// The recorder's key.
    pub recorder: String,
    /// The camera's key.
    pub camera: String,
    /// From here, by the branch's wall clock.
    pub from: Moment,
    /// To here.
    pub to: Moment,
    /// Why.
    pub reason: String,
    /// What its agent told last; none while it told nothing.
    pub standing: Option<HoldStanding>,
    /// Whether a person released it.
    pub released: bool,
    /// Whether its agent is heard.
    pub known: bool,
    /// Segments that are held.
    pub segments: u64,
    /// Of which the vault has a copy.
    pub copied: u64,
}

impl HoldRow {
    /// Its own page.
    pub fn address(&self) -> String {
        address::hold(self.id)
    }

    /// Its branch's page.
    pub fn branch(&self) -> String {
        address::branch(&self.branch_code)
    }

    /// Its camera's page.
    pub fn camera_page(&self) -> String {
        address::camera(&self.branch_code, &self.recorder, &self.camera, None)
    }

    /// How it is drawn: only what is wholly kept, as far as is known now, is a pass.
    pub fn verdict(&self) -> Verdict {
        let word = self.standing.map(HoldStanding::word);
        match Outcome::of(word, self.released) {
            Outcome::Released => Verdict::NotApplicable,
            _ if !self.known => Verdict::Unknown,
            Outcome::Success => Verdict::Pass,
            Outcome::Waiting => Verdict::Unknown,
            Outcome::Failure => match self.standing {
                Some(HoldStanding::Partly | HoldStanding::NoRoom) => Verdict::Partial,
                _ => Verdict::Fail,
            },
        }
    }

    /// What is said of it.
    pub fn word(&self) -> Key {
        match self.standing {
            _ if self.released => Key("hold-released"),
            None => Key("hold-not-told"),
            Some(_) if !self.known => Key("hold-agent-silent"),
            Some(HoldStanding::Making | HoldStanding::Released) => Key("hold-making"),
            Some(HoldStanding::Kept) => Key("hold-kept"),
            Some(HoldStanding::Copied) => Key("hold-copied"),
            Some(HoldStanding::Partly) => Key("hold-partly"),
            Some(HoldStanding::Broken) => Key("hold-broken"),
            Some(HoldStanding::InVault) => Key("hold-in-vault"),
            Some(HoldStanding::NoRoom) => Key("hold-no-room"),
            Some(HoldStanding::Refused) => Key("hold-refused"),
        }
    }
}

/// All holds in sight.
#[derive(Debug, Clone, Default)]
pub struct HoldsView {
    /// Newest first.
    pub rows: Vec<HoldRow>,
    /// Whether released ones are listed, too.
    pub released: bool,
    /// The next page.
    pub next: Option<String>,
}

/// The holds of one camera.
#[derive(Debug, Clone)]
pub struct CameraHoldsView {
    /// The branch's code.
    pub branch_code: String,
    /// The branch's name.
    pub branch_name: String,
    /// The recorder's key.
    pub recorder: String,
    /// The camera's key.
    pub camera: String,
    /// The IANA name of the branch's zone.
    pub zone: String,
    /// Newest first.
    pub rows: Vec<HoldRow>,
    /// The form, for whoever may hold footage here.
    pub form: Option<HoldForm>,
}

/// The form that asks for a hold.
#[derive(Debug, Clone, Default)]
pub struct HoldForm {
    /// Makes a form that is sent twice count once.
    pub idempotency_key: String,
    /// As typed: `2026-11-23T10:30`, by the branch's wall clock.
    pub from: String,
    /// As typed.
    pub to: String,
    /// As typed.
    pub reason: String,
    /// Why it was refused.
    pub refused: Option<Key>,
}

impl CameraHoldsView {
    fn branch(&self) -> String {
        address::branch(&self.branch_code)
    }

    fn camera_page(&self) -> String {
        address::camera(&self.branch_code, &self.recorder, &self.camera, None)
    }

    fn address(&self) -> String {
        address::camera_holds(&self.branch_code, &self.recorder, &self.camera)
    }
}

/// One hold.
#[derive(Debug, Clone)]
pub struct HoldView {
    /// What a list shows of it.
    pub row: HoldRow,
    /// The IANA name of the branch's zone.
    pub zone: String,
    /// Who wants it.
    pub placed_by: String,
    /// Since when.
    pub placed_at: Moment,
    /// Since when it stands as it does.
    pub since: Option<Moment>,
    /// The size of its segments, in bytes.
    pub bytes: u64,
    /// What they cover of the stretch, in milliseconds.
    pub covered_ms: i64,
    /// The stretch's length, in milliseconds.
    pub wanted_ms: i64,
    /// Segments that are gone.
    pub gone: u64,
    /// Segments that are not what they were.
    pub changed: u64,
    /// Where what is gone or changed begins.
    pub first: Option<Moment>,
    /// When all digests were compared last.
    pub verified: Option<Moment>,
    /// Who released it, when and why.
    pub release: Option<(String, Moment, String)>,
    /// The form that releases it, for whoever may.
    pub form: Option<HoldForm>,
}

impl HoldView {
    fn size(&self) -> String {
        figure::bytes(self.bytes)
    }

    fn address(&self) -> String {
        address::hold(self.row.id)
    }
}

#[derive(Template)]
#[template(path = "holds.html")]
struct ListPage<'a> {
    view: &'a HoldsView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

#[derive(Template)]
#[template(path = "camera_holds.html")]
struct CameraPage<'a> {
    view: &'a CameraHoldsView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

#[derive(Template)]
#[template(path = "hold.html")]
struct Page<'a> {
    view: &'a HoldView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the list.
pub fn render_list(view: &HoldsView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    ListPage {
        view,
        frame,
        t: text,
        tab: Some(Tab::Holds),
    }
    .render()
}

/// Draws the holds of one camera.
pub fn render_camera(
    view: &CameraHoldsView,
    frame: &Frame,
    text: &Text,
) -> Result<String, askama::Error> {
    CameraPage {
        view,
        frame,
        t: text,
        tab: Some(Tab::Holds),
    }
    .render()
}

/// Draws one hold.
pub fn render(view: &HoldView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Holds),
    }
    .render()
}
