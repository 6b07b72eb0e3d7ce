//! All branches in sight, or those of a region or with a verdict, worst first.

use axum::response::Response;
use serde::Deserialize;

use super::branch_rows::{self, Place};
use super::regions::Regions;
use super::standings::{self, Asked as Policy};
use super::visitor::Visitor;
use crate::domain::place::PlaceCode;
use crate::domain::role::Action;
use crate::store::scope::Scope;
use crate::web::address;
use crate::web::api::exchange::Asked;
use crate::web::failure::Failure;
use crate::web::page::branches::{self, BranchesView};
use crate::web::verdict::{Counts, Verdict};

/// Branches of one page: as many as somebody reads before narrowing the list.
const ROWS: usize = 50;

/// Which branches, and which page of them.
#[derive(Debug, Deserialize)]
pub struct Wish {
    #[serde(default)]
    region: String,
    #[serde(default)]
    verdict: String,
    after: Option<String>,
}

/// `GET /branches`
pub async fn show(visitor: Visitor, Asked(wish): Asked<Wish>) -> Result<Response, Failure> {
    let verdict = match wish.verdict.as_str() {
        "" => None,
        slug => Some(Verdict::from_slug(slug).ok_or_else(|| field("verdict"))?),
    };
    let after = wish.after.as_deref().filter(|text| !text.is_empty());
    let after = after.map(|text| Place::read(text).ok_or_else(|| field("after")));
    let after = after.transpose()?;
    let mut reader = visitor.read().await?;
    let viewer = &visitor.viewer;
    let (region, scope) = match wish.region.as_str() {
        "" => (None, viewer.scope()),
        code => {
            // What can be no code is nowhere, and no database is asked for it.
            let shown = || code.escape_debug().take(80).collect::<String>();
            let code = PlaceCode::new(code).map_err(|_| Failure::not_found("region", &shown()))?;
            let row = viewer.region(&mut reader, code.as_str(), Action::See);
            let row = row.await?;
            (Some(row.code), Scope::Region(row.id))
        }
    };
    let around = visitor.surroundings(&mut reader).await?;
    let policy = Policy::of(&visitor.services().policy.pack);
    let standings = standings::read(&mut reader, scope, policy, around.now).await?;
    let mut counts = Counts::default();
    for standing in &standings {
        counts.add(standing.verdict);
    }
    let wanted = standings
        .iter()
        .filter(|standing| verdict.is_none_or(|verdict| standing.verdict == verdict));
    let mut places: Vec<_> = wanted
        .map(|standing| (Place::of(standing), standing))
        .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
        .collect();
    places.sort_by(|(a, _), (b, _)| a.cmp(b));
    let more = places.len() > ROWS;
    places.truncate(ROWS);
    let next = places.last().filter(|_| more).map(|(place, _)| {
        address::query(
            address::BRANCHES,
            &[
                ("region", region.as_deref().unwrap_or_default()),
                ("verdict", verdict.map_or("", Verdict::slug)),
                ("after", &place.text()),
            ],
        )
    });
    let shown: Vec<_> = places.into_iter().map(|(_, standing)| standing).collect();
    let regions = Regions::read(&mut reader, viewer.scope()).await?;
    let view = BranchesView {
        regions: regions.to_choose(),
        region,
        verdict,
        counts,
        rows: branch_rows::rows(&mut reader, &regions, &shown, around.wall()).await?,
        next,
    };
    visitor.page(branches::render(&view, &around.frame, visitor.text()))
}

fn field(field: &'static str) -> Failure {
    Failure::field(field, format!("{field} is none of the words that exist"))
}
