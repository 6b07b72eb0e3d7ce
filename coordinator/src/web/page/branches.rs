//! All branches, or those of a region or with a verdict: where every count of the fleet leads.

use askama::Template;

use crate::web::address;
use crate::web::frame::{Frame, Tab};
use crate::web::moment::Moment;
use crate::web::sentence::Sentence;
use crate::web::text::Text;
use crate::web::verdict::{Counts, Verdict};

/// A list of branches, worst first.
#[derive(Debug, Clone)]
pub struct BranchesView {
    /// All regions, to choose from.
    pub regions: Vec<Region>,
    /// The code of the region chosen.
    pub region: Option<String>,
    /// The verdict chosen.
    pub verdict: Option<Verdict>,
    /// Verdicts of the branches of the region chosen, before a verdict is.
    pub counts: Counts,
    /// One page of them.
    pub rows: Vec<BranchRow>,
    /// Where the next page is.
    pub next: Option<String>,
}

/// A region by code and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code in addresses.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// One branch in a list.
#[derive(Debug, Clone)]
pub struct BranchRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its region's name.
    pub region: String,
    /// Its worst verdict.
    pub verdict: Verdict,
    /// The gravest finding, if any.
    pub worst: Option<Sentence>,
    /// Since that finding began, in milliseconds.
    pub lasting_ms: Option<i64>,
    /// Who has taken it on.
    pub handled_by: Option<String>,
    /// Verdicts of its cameras.
    pub cameras: Counts,
    /// The newest report; none if it never reported.
    pub last_heard: Option<Moment>,
}

impl BranchRow {
    pub(super) fn address(&self) -> String {
        address::branch(&self.code)
    }
}

impl Region {
    pub(super) fn address(&self) -> String {
        address::branches(Some(&self.code), None)
    }
}

impl BranchesView {
    /// The choices of verdict with their counts, those that have any.
    fn verdicts(&self) -> Vec<(Verdict, u64)> {
        let mut parts = self.counts.parts();
        parts.reverse();
        parts.into_iter().filter(|(_, n)| *n > 0).collect()
    }

    fn with_verdict(&self, verdict: Option<Verdict>) -> String {
        address::branches(self.region.as_deref(), verdict)
    }

    fn chosen(&self, region: &Region) -> bool {
        self.region.as_ref() == Some(&region.code)
    }

    fn filtered(&self) -> bool {
        self.region.is_some() || self.verdict.is_some()
    }
}

#[derive(Template)]
#[template(path = "branches.html")]
struct Page<'a> {
    view: &'a BranchesView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page.
pub fn render(view: &BranchesView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Branches),
    }
    .render()
}
