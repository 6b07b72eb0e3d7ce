//! One branch: filled from its agents, cameras, volumes, files, findings and alerts.

use axum::response::Response;
use keepwatch_common::ids::Randomness;
use keepwatch_common::time::{Instant, Zone};
use serde::Deserialize;

use super::alerts::{self, rows_of_branch};
use super::camera::{camera_verdict, judged, tenths, worst};
use super::coverage::{self, Days};
use super::visitor::Visitor;
use super::{finding, inventory};
use crate::assess::{CameraFigures, Policy, figures_of};
use crate::auth::Viewer;
use crate::domain::pack::{Check, Pack};
use crate::domain::role::{Action, RegionId, Role};
use crate::store::agents::AgentRow as AgentKept;
use crate::store::branches::BranchRow;
use crate::store::cameras::CameraRow as CameraKept;
use crate::store::findings::FindingRow;
use crate::store::scope::Scope;
use crate::store::{Reader, StoreError};
use crate::web::address;
use crate::web::api::branches::known_code;
use crate::web::api::exchange::{Asked, At};
use crate::web::failure::Failure;
use crate::web::moment::Moment;
use crate::web::page;
use crate::web::page::branch::{BranchView, Hearing};
use crate::web::page::branches::Region;
use crate::web::page::coverage::{CameraRow, Coverage, Day};
use crate::web::verdict::Verdict;

/// Cameras of one table of days: more than any branch we know of has, and still one page to print.
const CAMERAS_SHOWN_MAX: usize = 64;

/// Which page of its cameras.
#[derive(Debug, Deserialize)]
pub struct Cameras {
    after: Option<i64>,
}

/// `GET /branches/{branch}`
pub async fn show(
    visitor: Visitor,
    At(code): At<String>,
    Asked(cameras): Asked<Cameras>,
) -> Result<Response, Failure> {
    let code = known_code(code)?;
    let mut reader = visitor.read().await?;
    let viewer = &visitor.viewer;
    let branch = viewer
        .branch(&mut reader, code.as_str(), Action::See)
        .await?;
    let around = visitor.surroundings(&mut reader).await?;
    let wanted = Wanted {
        branch: &branch,
        viewer,
        after: cameras.after,
    };
    let services = visitor.services();
    let (policy, randomness) = (&services.policy, services.randomness.as_ref());
    let view = view(&mut reader, policy, wanted, around.now, randomness).await?;
    visitor.page(page::branch::render(&view, &around.frame, visitor.text()))
}

/// What of a branch is asked for, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The branch.
    pub branch: &'a BranchRow,
    /// Who looks: no region above theirs is named.
    pub viewer: &'a Viewer,
    /// The number of the last camera of the page of cameras before.
    pub after: Option<i64>,
}

/// Fills the page.
pub async fn view(
    reader: &mut Reader,
    policy: &Policy,
    wanted: Wanted<'_>,
    now: Instant,
    randomness: &dyn Randomness,
) -> Result<BranchView, StoreError> {
    let branch = wanted.branch;
    let zone = Zone::named(&branch.time_zone).unwrap_or_else(|_| Zone::utc());
    let agents = reader.agent_list_of_branch(branch.id).await?;
    let silent = reader.agents_silent(&[branch.id]).await?;
    let silent: Vec<String> = silent.into_iter().map(|(_, agent)| agent).collect();
    let cameras = reader.camera_list_of_branch(branch.id).await?;
    let mut hall = Hall {
        reader,
        policy,
        wanted,
        zone: &zone,
        now,
    };
    let hearing = hearing(&agents, &cameras, &silent, &hall);
    let (coverage, figures) = hall.coverage(cameras).await?;
    let findings = hall.reader.finding_list_open(branch.id).await?;
    let counts = hall
        .reader
        .alert_counts_open(Scope::Everything, Some(branch.id))
        .await?;
    let alerts = rows_of_branch(hall.reader, branch.id, now, randomness).await?;
    let (verdict, since) = stands(&hearing, &findings, &figures, &zone);
    Ok(BranchView {
        code: branch.code.clone(),
        name: branch.name.clone(),
        regions: hall.regions().await?,
        zone: branch.time_zone.clone(),
        verdict,
        since,
        open_findings: u64::try_from(findings.len()).unwrap_or(u64::MAX),
        hearing,
        agents: agents
            .iter()
            .filter(|agent| agent.revoked_at_ms.is_none())
            .map(|agent| inventory::agent(agent, &zone))
            .collect(),
        coverage,
        volumes: inventory::volumes(hall.reader, branch.id, &silent).await?,
        files: inventory::files(hall.reader, branch.id, &silent, &zone).await?,
        alerts,
        open_alerts: alerts::total(&counts),
        unclaimed: alerts::unclaimed(&counts),
    })
}

/// What the parts of the page are read with.
struct Hall<'a> {
    reader: &'a mut Reader,
    policy: &'a Policy,
    wanted: Wanted<'a>,
    zone: &'a Zone,
    now: Instant,
}

impl Hall<'_> {
    fn moment(&self, ms: i64) -> Moment {
        Moment::new(Instant::from_ms(ms), self.zone)
    }

    async fn coverage(
        &mut self,
        cameras: Vec<CameraKept>,
    ) -> Result<(Coverage, Vec<CameraFigures>), StoreError> {
        let from = self.wanted.after.and_then(|after| {
            let at = cameras.iter().position(|camera| camera.id == after)?;
            Some(at + 1)
        });
        let mut shown: Vec<_> = cameras.into_iter().skip(from.unwrap_or(0)).collect();
        let more = shown.len() > CAMERAS_SHOWN_MAX;
        shown.truncate(CAMERAS_SHOWN_MAX);
        let last = shown.last().map(|camera| camera.id.to_string());
        let pack = &self.policy.pack;
        let figures = figures_of(self.reader, pack, shown, self.now).await?;
        let days = Days::until(self.now, self.zone);
        let mut cells = coverage::cells(self.reader, pack, &days, &figures).await?;
        let rows = figures.iter().map(|one| {
            let reach = one.reach.filter(|_| !one.silent);
            CameraRow {
                recorder: one.camera.recorder.clone(),
                camera: one.camera.name.clone(),
                name: one.camera.name.clone(),
                cells: cells.remove(&one.camera.id).unwrap_or_default(),
                continuous_tenths: reach.and_then(|reach| reach.run_ms).map(tenths),
                at_least: reach.is_some_and(|reach| reach.at_least),
                depth_verdict: one
                    .reach
                    .map_or(Verdict::NotApplicable, |r| judged(r.verdict)),
            }
        });
        let next = last.filter(|_| more).map(|last| {
            let page = address::branch(&self.wanted.branch.code);
            address::query(&page, &[("after", &last)])
        });
        let coverage = Coverage {
            rows: rows.collect(),
            oldest: days.begun(&figures).map(|day| Day {
                iso: day.to_string(),
            }),
            days: days
                .days
                .iter()
                .map(|day| Day {
                    iso: day.to_string(),
                })
                .collect(),
            required_days: required_days(pack),
            next,
        };
        Ok((coverage, figures))
    }

    /// The regions above the branch, outermost first, as far up as the viewer sees.
    async fn regions(&mut self) -> Result<Vec<Region>, StoreError> {
        let Some(nearest) = self.wanted.branch.region_id else {
            return Ok(Vec::new());
        };
        let mut line = self.reader.region_line(nearest).await?;
        match self.wanted.viewer.role() {
            Role::Administrator | Role::Headquarters => {}
            Role::Region(RegionId(own)) => {
                let seen = line.iter().position(|id| *id == own).map_or(0, |at| at + 1);
                line.truncate(seen);
            }
            Role::Branch(_) => line.clear(),
        }
        let mut regions = Vec::new();
        for id in line.into_iter().rev() {
            regions.extend(self.reader.region_fetch(id).await?.map(|row| Region {
                code: row.code,
                name: row.name,
            }));
        }
        Ok(regions)
    }
}

fn required_days(pack: &Pack) -> u32 {
    let asked = pack
        .controls
        .iter()
        .find_map(|control| match control.check {
            Check::Retention(parameters) => Some(parameters.days),
            _ => None,
        });
    asked.unwrap_or(0)
}

/// Whether a branch is heard. Whoever told of a camera was heard, whatever became of its agent.
fn hearing(
    agents: &[AgentKept],
    cameras: &[CameraKept],
    silent: &[String],
    hall: &Hall<'_>,
) -> Hearing {
    let told = cameras.iter().map(|camera| camera.told_at_ms);
    let heard = agents
        .iter()
        .filter_map(|agent| agent.heard_at_ms)
        .chain(told);
    let Some(last) = heard.filter(|ms| *ms > 0).max() else {
        return Hearing::Never;
    };
    let mut admitted = agents.iter().filter(|agent| agent.revoked_at_ms.is_none());
    let reports = |agent: &AgentKept| !silent.contains(&agent.id.to_string());
    if admitted.any(reports) {
        return Hearing::Reporting;
    }
    Hearing::Silent {
        last: hall.moment(last),
        for_ms: hall.now.since(Instant::from_ms(last)),
    }
}

/// The branch's verdict and since when it is that.
fn stands(
    hearing: &Hearing,
    findings: &[FindingRow],
    figures: &[CameraFigures],
    zone: &Zone,
) -> (Verdict, Option<Moment>) {
    match hearing {
        Hearing::Never => return (Verdict::Unknown, None),
        Hearing::Silent { last, .. } => return (Verdict::Unknown, Some(last.clone())),
        Hearing::Reporting => {}
    }
    let of = |row: &FindingRow| finding::verdict(&row.severity, &row.alert.condition);
    let cameras = figures
        .iter()
        .map(|one| camera_verdict(one, std::iter::empty()));
    // Cameras that need no depth yet do not hold a branch back.
    let cameras = cameras.filter(|verdict| *verdict != Verdict::NotApplicable);
    let nothing = figures.is_empty().then_some(Verdict::Unknown);
    let verdict = worst(findings.iter().map(of).chain(cameras).chain(nothing));
    let began = findings
        .iter()
        .filter(|row| of(row) == verdict)
        .map(|row| row.since_ms)
        .min();
    (
        verdict,
        began.map(|ms| Moment::new(Instant::from_ms(ms), zone)),
    )
}
