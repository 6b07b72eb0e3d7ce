//! The fleet: how compliant it is, where it is worst, whether it gets better.
//!
//! A sentence with numbers, five tiles, regions worst first, the worst branches. A coordinator
//! without branches shows how the first one joins.

use askama::Template;

use super::branches::BranchRow;
use crate::web::address;
use crate::web::frame::{Frame, Tab};
use crate::web::moment::Moment;
use crate::web::text::{Key, Text, figure};
use crate::web::verdict::{Counts, Verdict};

/// The fleet on one page.
#[derive(Debug, Clone)]
pub struct FleetView {
    /// What all numbers are as of.
    pub as_of: Moment,
    /// The policy pack's version, e.g. `v12`.
    pub policy_pack: Option<String>,
    /// Branches by their worst verdict; closed ones are not among them.
    pub branches: Counts,
    /// What the five tiles count.
    pub tiles: Tiles,
    /// Regions, worst first.
    pub regions: Vec<RegionRow>,
    /// The worst branches, worst first; at most ten.
    pub worst: Vec<BranchRow>,
    /// Branches that are closed.
    pub left_out_closed: u64,
}

/// The five tiles.
#[derive(Debug, Clone, Default)]
pub struct Tiles {
    /// Branches: a pass reports, unknown is silent.
    pub reporting: Tile,
    /// Cameras: a pass was recorded completely yesterday.
    pub recorded: Tile,
    /// Cameras: a pass has the continuous depth the rules ask for.
    pub retained: Tile,
    /// The days the rules ask for.
    pub required_days: u32,
    /// Branches: a pass has no unauthorised change.
    pub drift_free: Tile,
    /// Alerts that are open.
    pub alerts: AlertTile,
}

/// What one tile counts.
#[derive(Debug, Clone, Default)]
pub struct Tile {
    /// Subjects by verdict.
    pub counts: Counts,
    /// Passes now less passes seven days ago; none where nothing is kept of that time.
    pub change_7d: Option<i64>,
}

/// Open alerts in one tile.
#[derive(Debug, Clone, Default)]
pub struct AlertTile {
    /// All open ones.
    pub open: u64,
    /// Of these, critical.
    pub critical: u64,
    /// Of these, taken on by nobody.
    pub unclaimed: u64,
    /// Open now less open seven days ago.
    pub change_7d: Option<i64>,
}

/// One region.
#[derive(Debug, Clone)]
pub struct RegionRow {
    /// Its code in addresses.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its branches by their worst verdict.
    pub branches: Counts,
    /// Branches that report, of how many.
    pub reporting: Share,
    /// Cameras recorded completely, of how many.
    pub recorded: Share,
    /// Cameras with the depth asked for, of how many.
    pub retained: Share,
    /// Branches without drift, of how many.
    pub drift_free: Share,
}

impl RegionRow {
    fn address(&self, verdict: Option<Verdict>) -> String {
        address::branches(Some(&self.code), verdict)
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Those that are.
    pub n: u64,
    /// All.
    pub of: u64,
}

impl Share {
    fn percent(self) -> String {
        figure::share(self.n, self.of)
    }
}

/// A tile as the template draws it.
struct DrawnTile<'a> {
    name: Key,
    unit: Key,
    explained: String,
    tile: &'a Tile,
    address: String,
}

impl FleetView {
    fn drawn<'a>(&'a self, text: &Text) -> [DrawnTile<'a>; 4] {
        let tiles = &self.tiles;
        let new = tiles.retained.counts.not_applicable;
        let days = tiles.required_days;
        let say = |key: Key| text.say(key).n("days", days).n("new", new).to_string();
        let tile = |name, unit, explained, tile, address| DrawnTile {
            name,
            unit,
            explained: say(explained),
            tile,
            address,
        };
        [
            tile(
                Key("tile-reporting"),
                Key("of-branches"),
                Key("tile-reporting-explained"),
                &tiles.reporting,
                address::branches(None, Some(Verdict::Unknown)),
            ),
            tile(
                Key("tile-recorded"),
                Key("of-cameras"),
                Key("tile-recorded-explained"),
                &tiles.recorded,
                address::branches(None, Some(Verdict::Partial)),
            ),
            tile(
                Key("tile-retained"),
                Key("of-cameras"),
                Key("tile-retained-explained"),
                &tiles.retained,
                address::branches(None, Some(Verdict::Fail)),
            ),
            tile(
                Key("tile-drift-free"),
                Key("of-branches"),
                Key("tile-drift-free-explained"),
                &tiles.drift_free,
                address::DRIFT.to_owned(),
            ),
        ]
    }

    fn address(&self, verdict: Verdict) -> String {
        // A fleet of one region is that region: its counts lead to the same rows.
        match self.regions.as_slice() {
            [only] => only.address(Some(verdict)),
            _ => address::branches(None, Some(verdict)),
        }
    }
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct Page<'a> {
    view: &'a FleetView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page.
pub fn render(view: &FleetView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Fleet),
    }
    .render()
}
