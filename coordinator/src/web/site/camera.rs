//! One camera and one of its days.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use keepwatch_common::time::{DAY_MS, Instant, Zone};
use serde::Deserialize;

use super::alerts::severity;
use super::coverage::{self, Days, day_interval};
use super::visitor::Visitor;
use super::{day, finding, holds};
use crate::assess::{CameraFigures, Policy, Reach, figures_of};
use crate::domain::judgement::Verdict as Judged;
use crate::domain::role::Action;
use crate::store::Reader;
use crate::store::branches::BranchRow;
use crate::store::findings::FindingRow;
use crate::web::api::branches::known_code;
use crate::web::api::exchange::{Asked, At};
use crate::web::drawing::heatmap::Cell;
use crate::web::drawing::retention::Retention;
use crate::web::failure::Failure;
use crate::web::moment::Moment;
use crate::web::page;
use crate::web::page::alerts::Severity;
use crate::web::page::camera::{CameraDay, CameraView, Cut, Open};
use crate::web::verdict::Verdict;

/// Days back that can be asked for: as long as the slices and holes of a camera are of any use,
/// a year and the month that a report looks back on.
const DAYS_BACK_MAX: i64 = 400;

/// What is wrong that is listed at most; all of it is among the alerts.
const OPEN_LISTED_MAX: usize = 10;

/// Holds listed at most; all of them are a link away.
const HOLDS_LISTED_MAX: u32 = 10;

/// The code of the refusal to show a day that cannot be asked for.
pub const NO_SUCH_DAY: &str = "no_such_day";

/// Tenths of a day, in milliseconds.
const TENTH_MS: i64 = DAY_MS / 10;

/// Which day.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    day: Option<String>,
}

/// `GET /branches/{branch}/cameras/{recorder}/{camera}`
pub async fn show(
    visitor: Visitor,
    At((code, recorder, camera)): At<(String, String, String)>,
    Asked(chosen): Asked<Chosen>,
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
        recorder: &recorder,
        camera: &camera,
        day: chosen.day.as_deref().filter(|text| !text.is_empty()),
    };
    let policy = &visitor.services().policy;
    let view = view(&mut reader, policy, wanted, around.now).await?;
    visitor.page(page::camera::render(&view, &around.frame, visitor.text()))
}

/// Which camera and day are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The branch.
    pub branch: &'a BranchRow,
    /// The recorder's key, in the branch's words.
    pub recorder: &'a str,
    /// The camera's key, in the branch's words.
    pub camera: &'a str,
    /// The day; none for the newest that anything is known of.
    pub day: Option<&'a str>,
}

/// Fills the page.
pub async fn view(
    reader: &mut Reader,
    policy: &Policy,
    wanted: Wanted<'_>,
    now: Instant,
) -> Result<CameraView, Failure> {
    let zone = Zone::named(&wanted.branch.time_zone).unwrap_or_else(|_| Zone::utc());
    let cameras = reader.camera_list_of_branch(wanted.branch.id).await?;
    let known = cameras
        .iter()
        .find(|row| row.recorder == wanted.recorder && row.name == wanted.camera)
        .ok_or_else(|| not_there(wanted))?;
    let mut figures = figures_of(reader, &policy.pack, vec![known.clone()], now).await?;
    let figures = figures.pop().ok_or_else(|| not_there(wanted))?;
    let days = Days::until(now, &zone);
    let asked = wanted.day.map(|text| asked(text, &days)).transpose()?;
    let cells =
        coverage::cells(reader, &policy.pack, &days, std::slice::from_ref(&figures)).await?;
    let cells = cells.get(&known.id).cloned().unwrap_or_default();
    let observed = figures.measured_ms > 0 || known.told_at_ms != 0;
    let strip = strip(&days, if observed { cells } else { Vec::new() });
    let shown = asked.or_else(|| newest(&days.days, &strip));
    let day = match shown.and_then(|day| Some((day, day_interval(day, &zone)?))) {
        Some((day, whole)) => {
            let of_day = day::Wanted {
                day,
                whole,
                zone: &zone,
                now,
                due: coverage::due(&figures, &policy.pack, now),
                cameras: &cameras,
            };
            let mut view = day::view(reader, of_day, &figures).await?;
            view.previous = neighbour(day, -1.days(), &days);
            view.next = neighbour(day, 1.days(), &days);
            Some(view)
        }
        None => None,
    };
    let found = reader
        .finding_list_of_cameras(&[known.id], Instant::LATEST)
        .await?;
    let verdicts = found
        .iter()
        .map(|row| finding::verdict(&row.severity, &row.alert.condition));
    let words = finding::Told {
        branch: &wanted.branch.code,
        zone: &zone,
        now,
    };
    let holds = holds::of(reader, known.id, HOLDS_LISTED_MAX).await?;
    let reach = figures.reach;
    let cut = reach.and_then(|reach| cut(reach, &figures, &zone));
    Ok(CameraView {
        branch_code: wanted.branch.code.clone(),
        branch_name: wanted.branch.name.clone(),
        verdict: camera_verdict(&figures, verdicts),
        open: told(&found, words),
        retention: retention(&figures),
        met_on: reach
            .filter(|_| !matches!(cut, Some(Cut::Since(_))))
            .and_then(|reach| met_on(reach, &zone)),
        cut,
        zone: wanted.branch.time_zone.clone(),
        recorder: known.recorder.clone(),
        camera: known.name.clone(),
        name: known.name.clone(),
        days: strip,
        day,
        holds,
    })
}

/// Each day with what is known of it.
fn strip(days: &Days, cells: Vec<Cell>) -> Vec<CameraDay> {
    let strip = days.days.iter().zip(cells).map(|(day, cell)| CameraDay {
        iso: day.to_string(),
        cell,
    });
    strip.collect()
}

fn not_there(wanted: Wanted<'_>) -> Failure {
    let name = format!("{}/{}", wanted.recorder, wanted.camera);
    let shown: String = name.escape_debug().take(80).collect();
    Failure::not_found("camera", &shown)
}

/// The day that an address names: one that is no day is refused, one that is too far away or still to
/// come is nowhere.
fn asked(text: &str, days: &Days) -> Result<Date, Failure> {
    let shown: String = text.escape_debug().take(40).collect();
    // Ten characters, because the calendar would also read a time, a zone or another year's format.
    let day = Some(text).filter(|text| text.len() == 10);
    let Some(day) = day.and_then(|text| text.parse::<Date>().ok()) else {
        let message = format!("“{shown}” is no day; write it like 2026-11-23");
        return Err(Failure::new(StatusCode::BAD_REQUEST, "invalid", message));
    };
    if reachable(day, days) {
        Ok(day)
    } else {
        let message = format!("there is no day “{shown}”");
        Err(Failure::new(StatusCode::NOT_FOUND, NO_SUCH_DAY, message))
    }
}

fn reachable(day: Date, days: &Days) -> bool {
    let Some(today) = days.days.last().copied() else {
        return false;
    };
    let first = today.checked_sub(DAYS_BACK_MAX.days()).unwrap_or(Date::MIN);
    (first..=today).contains(&day)
}

fn neighbour(day: Date, step: Span, days: &Days) -> Option<String> {
    let day = day.checked_add(step).ok()?;
    reachable(day, days).then(|| day.to_string())
}

/// The newest day of which anything is known; today, when nothing is known of any.
fn newest(days: &[Date], strip: &[CameraDay]) -> Option<Date> {
    let known = strip
        .iter()
        .rposition(|day| matches!(day.cell, Cell::Covered { .. }));
    let last = strip.len().checked_sub(1)?;
    days.get(known.unwrap_or(last)).copied()
}

/// What is wrong and has not recovered, gravest first and the newest of a severity first.
fn told(found: &[FindingRow], told: finding::Told<'_>) -> Vec<Open> {
    let standing = found
        .iter()
        .filter(|row| row.alert.condition != "recovered" && row.alert.handling != "closed");
    let mut standing: Vec<_> = standing.collect();
    // The words' order in the alphabet is the order of gravity.
    standing.sort_by_key(|row| (row.severity.clone(), std::cmp::Reverse(row.since_ms)));
    let open = standing.into_iter().take(OPEN_LISTED_MAX).map(|row| {
        let since = Instant::from_ms(row.since_ms);
        let (sentence, page) = told.read(&row.control, &row.evidence, since);
        Open {
            severity: severity(&row.severity).unwrap_or(Severity::Critical),
            sentence,
            page,
        }
    });
    open.collect()
}

/// A camera's verdict: what is known to be wrong first, then what is not known.
pub fn camera_verdict(figures: &CameraFigures, found: impl Iterator<Item = Verdict>) -> Verdict {
    if figures.silent {
        return Verdict::Unknown;
    }
    let reach = figures
        .reach
        .map_or(Verdict::Pass, |reach| judged(reach.verdict));
    // Without a measurement of the last day nothing is known of the camera as it is now.
    let lately = figures.continuous.is_some() || figures.reach.is_none();
    let seen = if lately && figures.measured_ms > 0 {
        Verdict::Pass
    } else {
        Verdict::Unknown
    };
    worst(found.chain([reach, seen]))
}

/// The worst of some verdicts: what is wrong weighs more than what is unknown, and both more than
/// what does not apply.
pub fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    const FROM_WORST: [Verdict; 5] = [
        Verdict::Fail,
        Verdict::Partial,
        Verdict::Error,
        Verdict::Unknown,
        Verdict::NotApplicable,
    ];
    let verdicts: Vec<_> = verdicts.collect();
    let worst = FROM_WORST.into_iter().find(|one| verdicts.contains(one));
    worst.unwrap_or(Verdict::Pass)
}

/// A verdict of the domain as a page shows it.
pub fn judged(verdict: Judged) -> Verdict {
    match verdict {
        Judged::Pass => Verdict::Pass,
        Judged::Fail => Verdict::Fail,
        Judged::Partial => Verdict::Partial,
        Judged::NotApplicable => Verdict::NotApplicable,
        Judged::Unknown => Verdict::Unknown,
        Judged::Error => Verdict::Error,
    }
}

/// Days to a tenth, rounded down.
pub fn tenths(ms: i64) -> u32 {
    u32::try_from(ms.max(0) / TENTH_MS).unwrap_or(u32::MAX)
}

/// The footage's reach as it is drawn; nothing where the policy asks for none.
fn retention(figures: &CameraFigures) -> Retention {
    let reach = figures.reach;
    // While the agent is silent, what it told last may be gone.
    let seen = reach.filter(|_| !figures.silent);
    Retention {
        depth_tenths: seen.and_then(|reach| reach.oldest_ms).map(tenths),
        continuous_tenths: seen.and_then(|reach| reach.run_ms).map(tenths),
        at_least: seen.is_some_and(|reach| reach.at_least),
        required_days: reach.map_or(0, |reach| reach.days),
        forecast_tenths: None,
        verdict: reach.map_or(Verdict::NotApplicable, |reach| judged(reach.verdict)),
    }
}

fn short(reach: Reach) -> bool {
    matches!(reach.verdict, Judged::Fail | Judged::Partial)
}

/// The gap that cuts the run short; one that reaches to where the measurement ends still lasts.
fn cut(reach: Reach, figures: &CameraFigures, zone: &Zone) -> Option<Cut> {
    let until = reach.cut_until.filter(|_| short(reach))?;
    let lasts = figures.continuous.is_some_and(|(_, at)| until >= at);
    let newest = figures.camera.newest_ms.map(Instant::from_ms);
    Some(match newest.filter(|_| lasts) {
        Some(newest) => Cut::Since(Moment::new(newest, zone)),
        None => Cut::Until(Moment::new(until, zone)),
    })
}

/// The civil day on which the run is long enough if nothing more is lost.
fn met_on(reach: Reach, zone: &Zone) -> Option<String> {
    let start = reach
        .run_start
        .filter(|_| short(reach) && !reach.at_least)?;
    let met = start + i64::from(reach.days) * DAY_MS;
    Some(zone.day_of(met).to_string())
}
