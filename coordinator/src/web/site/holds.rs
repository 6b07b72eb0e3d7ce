//! Holds: the list, those of one camera with the form that asks for another, and one with the form
//! that releases it.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::DateTime;
use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::time::{Instant, Zone};
use serde::Deserialize;

use super::alerts::form_key;
use super::filled::Filled;
use super::visitor::Visitor;
use crate::domain::hold::REASON_CHARS;
use crate::domain::role::Action;
use crate::store::branches::BranchRow;
use crate::store::holds::HoldRow as Kept;
use crate::store::page::PageRows;
use crate::store::{Reader, StoreError};
use crate::web::address;
use crate::web::api::branches::known_code;
use crate::web::api::exchange::{Asked, At, text};
use crate::web::failure::Failure;
use crate::web::frame::Notice;
use crate::web::holding::{self, Wish};
use crate::web::moment::Moment;
use crate::web::page;
use crate::web::page::hold::{CameraHoldsView, HoldForm, HoldRow, HoldView, HoldsView};
use crate::web::text::Key;

/// Rows of one page.
const ROWS: u32 = 50;

/// Of what was typed and refused so much is given back, in characters.
const TYPED_CHARS_MAX: usize = 2 * REASON_CHARS.1;

/// Which page of the list.
#[derive(Debug, Deserialize)]
pub struct Part {
    #[serde(default)]
    released: bool,
    after: Option<i64>,
}

/// `GET /holds`
pub async fn list(visitor: Visitor, Asked(part): Asked<Part>) -> Result<Response, Failure> {
    let mut reader = visitor.read().await?;
    let around = visitor.surroundings(&mut reader).await?;
    let rows = PageRows::new(ROWS);
    let scope = visitor.viewer.scope();
    let kept = reader
        .hold_list_within(scope, part.released, part.after, rows)
        .await?;
    let last = kept.last().filter(|_| rows.is_filled_by(kept.len()));
    let next = last.map(|last| {
        let (after, released) = (last.id.to_string(), if part.released { "true" } else { "" });
        address::query(
            address::HOLDS,
            &[("released", released), ("after", after.as_str())],
        )
    });
    let view = HoldsView {
        rows: lines(&mut reader, kept).await?,
        released: part.released,
        next,
    };
    visitor.page(page::hold::render_list(
        &view,
        &around.frame,
        visitor.text(),
    ))
}

/// The newest holds of a camera, as lists show them.
pub async fn of(
    reader: &mut Reader,
    camera_id: i64,
    rows: u32,
) -> Result<Vec<HoldRow>, StoreError> {
    let kept = reader
        .hold_list_of_camera(camera_id, PageRows::new(rows))
        .await?;
    lines(reader, kept).await
}

/// Holds as lists show them.
pub async fn lines(reader: &mut Reader, kept: Vec<Kept>) -> Result<Vec<HoldRow>, StoreError> {
    let mut branches: Vec<i64> = kept.iter().map(|row| row.branch_id).collect();
    branches.sort_unstable();
    branches.dedup();
    let silent = reader.agents_silent(&branches).await?;
    let is_known = |row: &Kept| !silent.iter().any(|(_, agent)| *agent == row.agent_id);
    Ok(kept.iter().map(|row| line(row, is_known(row))).collect())
}

fn line(row: &Kept, known: bool) -> HoldRow {
    let zone = Zone::named(&row.time_zone).unwrap_or_else(|_| Zone::utc());
    HoldRow {
        id: row.id,
        branch_code: row.branch.clone(),
        branch_name: row.branch_name.clone(),
        recorder: row.recorder.clone(),
        camera: row.camera.clone(),
        from: Moment::new(Instant::from_ms(row.from_ms), &zone),
        to: Moment::new(Instant::from_ms(row.to_ms), &zone),
        reason: row.reason.clone(),
        standing: row.standing.as_deref().and_then(HoldStanding::from_word),
        released: row.released_at_ms.is_some(),
        known,
        segments: count(row.segments),
        copied: count(row.copied),
    }
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The form that asks for a hold, as it is sent.
#[derive(Debug, Clone, Deserialize)]
pub struct Asking {
    from: String,
    to: String,
    reason: String,
    #[serde(default)]
    idempotency_key: String,
}

/// Which camera.
struct Place {
    branch: BranchRow,
    recorder: String,
    camera: String,
}

impl Place {
    async fn find(
        visitor: &Visitor,
        reader: &mut Reader,
        (code, recorder, camera): (String, String, String),
    ) -> Result<(Self, i64), Failure> {
        let code = known_code(code)?;
        let viewer = &visitor.viewer;
        let branch = viewer.branch(reader, code.as_str(), Action::See).await?;
        let cameras = reader.camera_list_of_branch(branch.id).await?;
        let known = cameras
            .iter()
            .find(|row| row.recorder == recorder && row.name == camera)
            .ok_or_else(|| Failure::not_found("camera", &format!("{recorder}/{camera}")))?;
        let place = Self {
            branch,
            recorder,
            camera,
        };
        Ok((place, known.id))
    }

    fn zone(&self) -> Zone {
        Zone::named(&self.branch.time_zone).unwrap_or_else(|_| Zone::utc())
    }
}

/// `GET /branches/{branch}/cameras/{recorder}/{camera}/holds`
pub async fn of_camera(
    visitor: Visitor,
    At(place): At<(String, String, String)>,
) -> Result<Response, Failure> {
    camera_page(&visitor, place, None).await
}

/// `POST /branches/{branch}/cameras/{recorder}/{camera}/holds`
pub async fn place(
    visitor: Visitor,
    At(place): At<(String, String, String)>,
    Filled(asking): Filled<Asking>,
) -> Result<Response, Failure> {
    let mut reader = visitor.read().await?;
    let (found, _) = Place::find(&visitor, &mut reader, place.clone()).await?;
    drop(reader);
    let zone = found.zone();
    let typed = asking.reason.replace("\r\n", "\n");
    let Ok(reason) = text("reason", &typed, REASON_CHARS) else {
        return camera_page(&visitor, place, Some((asking, Key("hold-reason-refused")))).await;
    };
    let ends = (wall(&asking.from, &zone), wall(&asking.to, &zone));
    let (Some(from), Some(to)) = ends else {
        return camera_page(&visitor, place, Some((asking, Key("hold-span-refused")))).await;
    };
    let wish = Wish {
        branch: &found.branch.code,
        recorder: &found.recorder,
        camera: &found.camera,
        from,
        to,
        reason: &reason,
        form: Some(&asking.idempotency_key),
    };
    match holding::place(visitor.services(), &visitor.viewer, wish).await {
        Ok(row) => Ok(visitor.lead(&address::hold(row.id), Notice::Held)),
        Err(refused) => match refused.status {
            StatusCode::UNPROCESSABLE_ENTITY => {
                camera_page(&visitor, place, Some((asking, Key("hold-span-refused")))).await
            }
            StatusCode::CONFLICT => {
                camera_page(&visitor, place, Some((asking, Key("hold-too-many")))).await
            }
            _ => Err(refused),
        },
    }
}

/// An instant by a branch's wall clock, as a browser writes it.
fn wall(typed: &str, zone: &Zone) -> Option<Instant> {
    let civil: DateTime = typed.parse().ok()?;
    let timestamp = zone.time_zone().to_timestamp(civil).ok()?;
    Some(Instant::from_ms(timestamp.as_millisecond()))
}

async fn camera_page(
    visitor: &Visitor,
    place: (String, String, String),
    refused: Option<(Asking, Key)>,
) -> Result<Response, Failure> {
    let mut reader = visitor.read().await?;
    let (place, camera_id) = Place::find(visitor, &mut reader, place).await?;
    let rows = of(&mut reader, camera_id, ROWS).await?;
    let mut around = visitor.surroundings(&mut reader).await?;
    let status = match refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let mut form = HoldForm {
        idempotency_key: form_key(visitor.services().randomness.as_ref()),
        ..HoldForm::default()
    };
    if let Some((typed, why)) = refused {
        let short = |text: &str| text.chars().take(TYPED_CHARS_MAX).collect();
        (form.from, form.to) = (short(&typed.from), short(&typed.to));
        (form.reason, form.refused) = (short(&typed.reason), Some(why));
    }
    let may = visitor.viewer.role().has(Action::HoldFootage);
    let code = &place.branch.code;
    around.frame.here = address::camera_holds(code, &place.recorder, &place.camera);
    let view = CameraHoldsView {
        rows,
        form: may.then_some(form),
        zone: place.branch.time_zone,
        branch_code: place.branch.code,
        branch_name: place.branch.name,
        recorder: place.recorder,
        camera: place.camera,
    };
    let drawn = page::hold::render_camera(&view, &around.frame, visitor.text());
    let mut response = visitor.page(drawn)?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /holds/{hold}`
pub async fn show(visitor: Visitor, At(number): At<i64>) -> Result<Response, Failure> {
    hold_page(&visitor, number, None).await
}

/// The form that releases a hold, as it is sent.
#[derive(Debug, Deserialize)]
pub struct Releasing {
    reason: String,
}

/// `POST /holds/{hold}`
pub async fn release(
    visitor: Visitor,
    At(number): At<i64>,
    Filled(form): Filled<Releasing>,
) -> Result<Response, Failure> {
    let (services, viewer) = (visitor.services(), &visitor.viewer);
    let typed = form.reason.replace("\r\n", "\n");
    let Ok(reason) = text("reason", &typed, REASON_CHARS) else {
        holding::find(services, viewer, number, Action::HoldFootage).await?;
        return hold_page(&visitor, number, Some(typed)).await;
    };
    match holding::release(services, viewer, number, &reason).await {
        Ok(_) => Ok(visitor.lead(&address::hold(number), Notice::Released)),
        // The same form twice, or somebody else was first: the page says who and why.
        Err(refused) if refused.status == StatusCode::CONFLICT => {
            Ok(visitor.lead(&address::hold(number), Notice::Conflict))
        }
        Err(refused) => Err(refused),
    }
}

async fn hold_page(
    visitor: &Visitor,
    number: i64,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (services, viewer) = (visitor.services(), &visitor.viewer);
    let kept = holding::find(services, viewer, number, Action::See).await?;
    let mut reader = visitor.read().await?;
    let mut around = visitor.surroundings(&mut reader).await?;
    around.frame.here = address::hold(number);
    let status = match refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let may = viewer.role().has(Action::HoldFootage) && kept.released_at_ms.is_none();
    let form = may.then(|| HoldForm {
        idempotency_key: form_key(services.randomness.as_ref()),
        refused: refused.as_ref().map(|_| Key("hold-reason-refused")),
        reason: refused
            .unwrap_or_default()
            .chars()
            .take(TYPED_CHARS_MAX)
            .collect(),
        ..HoldForm::default()
    });
    let known = lines(&mut reader, vec![kept.clone()]).await?.pop();
    let row = known.unwrap_or_else(|| line(&kept, false));
    let view = hold_view(kept, row, form);
    let drawn = page::hold::render(&view, &around.frame, visitor.text());
    let mut response = visitor.page(drawn)?;
    *response.status_mut() = status;
    Ok(response)
}

fn hold_view(kept: Kept, row: HoldRow, form: Option<HoldForm>) -> HoldView {
    let zone = Zone::named(&kept.time_zone).unwrap_or_else(|_| Zone::utc());
    let moment = |ms: i64| Moment::new(Instant::from_ms(ms), &zone);
    let release = match (kept.released_by, kept.released_at_ms, kept.release_reason) {
        (Some(by), Some(at_ms), why) => Some((by, moment(at_ms), why.unwrap_or_default())),
        _ => None,
    };
    HoldView {
        placed_at: moment(kept.placed_at_ms),
        since: kept.standing_since_ms.map(moment),
        first: kept.first_ms.map(moment),
        verified: kept.verified_at_ms.map(moment),
        placed_by: kept.placed_by,
        bytes: count(kept.bytes),
        covered_ms: kept.covered_ms,
        wanted_ms: kept.to_ms - kept.from_ms,
        gone: count(kept.gone),
        changed: count(kept.changed),
        zone: kept.time_zone,
        release,
        row,
        form,
    }
}
