//! Cameras that only age: footage that is due to be there by now, deletions that would be old enough
//! by now, and gaps further back than footage has to be kept.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::time::{DAY_MS, Instant};

use super::bench::{Bench, JudgeError, Round, would_change};
use super::branches::branches;
use super::conclude::Judged;
use super::footage::Changed;
use super::judge::{self, MARGIN_DAYS, Rules, Sights, days};
use crate::domain::code::Code;
use crate::domain::evidence::Evidence;
use crate::domain::judgement::{Judgement, Subjects, Verdict, Why};
use crate::domain::subject::{Moment, Subject};
use crate::store::findings::FindingRow;
use crate::store::page::PageRows;
use crate::store::{Reader, StoreError};

impl Bench {
    /// Judges some cameras by what time does to them, those after `after`; where that changes
    /// anything, in one transaction.
    pub async fn judge_ageing(&self, after: i64, rows: PageRows) -> Result<Round, JudgeError> {
        let now = self.now();
        let mut reader = self.store.read().await?;
        let cameras = reader.camera_ids_after(after, rows).await?;
        let filled = rows.is_filled_by(cameras.len());
        let next = cameras.last().copied().filter(|_| filled);
        let judged = self.aged(&mut reader, &cameras, now).await?;
        let mut changed = BTreeSet::new();
        for (branch_id, judgements) in &judged {
            let open = reader.finding_list_open(*branch_id).await?;
            if would_change(&open, judgements) {
                changed.insert(*branch_id);
            }
        }
        let of_changed: BTreeSet<i64> = judged
            .iter()
            .filter(|(branch_id, _)| changed.contains(branch_id))
            .flat_map(|(_, judgements)| judgements.iter().filter_map(|(camera, _)| *camera))
            .collect();
        drop(reader);
        if changed.is_empty() {
            return Ok(Round { changed: 0, next });
        }
        let ids: Vec<i64> = changed.iter().copied().collect();
        let cameras: Vec<i64> = of_changed.into_iter().collect();
        let mut tx = self.store.begin().await?;
        tx.branches_lock(&ids).await?;
        let known = branches(&mut tx, &ids).await?;
        let mut judged = self.aged(&mut tx, &cameras, now).await?;
        // What was not locked is not written.
        judged.retain(|branch_id, _| changed.contains(branch_id));
        self.finish(tx, &known, &judged, now).await?;
        let changed = u64::try_from(changed.len()).unwrap_or(u64::MAX);
        Ok(Round { changed, next })
    }

    /// What time says of cameras.
    async fn aged(
        &self,
        reader: &mut Reader,
        cameras: &[i64],
        now: Instant,
    ) -> Result<Judged, StoreError> {
        let pack = &self.policy.pack;
        let by_time = Changed {
            retention: true,
            vanished: true,
            ..Changed::default()
        };
        let changed: BTreeMap<_, _> = cameras.iter().map(|id| (*id, by_time.clone())).collect();
        let rows = reader.camera_fetch_many(cameras).await?;
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.branch_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let known = branches(reader, &ids).await?;
        let watched_since = known
            .iter()
            .map(|(id, branch)| (*id, branch.since))
            .collect();
        let sights = Sights::of(reader, &ids, &BTreeSet::new()).await?;
        let rules = Rules {
            pack,
            watched_since: &watched_since,
            sights: &sights,
            now,
        };
        let mut judged = judge::cameras(reader, &changed, rules).await?;
        let horizon = now - (days(pack) + MARGIN_DAYS) * DAY_MS;
        for row in reader.finding_list_of_cameras(cameras, horizon).await? {
            if let Some(judgement) = outlived(&row, horizon) {
                let of_branch = judged.entry(row.branch_id).or_default();
                of_branch.push((row.camera_id, judgement));
            }
        }
        Ok(judged)
    }
}

/// The judgement that closes a gap which ended before the horizon; none for anything else.
fn outlived(row: &FindingRow, horizon: Instant) -> Option<Judgement> {
    let subject = Subject::stored(row.subject.as_str());
    let end = match Evidence::from_json(&row.evidence).ok()? {
        Evidence::Gap {
            end_at_ms, ongoing, ..
        } if !ongoing => end_at_ms,
        Evidence::GapDay { .. } => match subject.moment()? {
            Moment::On(day) => day.start() + DAY_MS,
            Moment::At(_) => return None,
        },
        _ => return None,
    };
    let control = Code::new(row.control.as_str()).ok()?;
    let (scope, why) = (Subjects::one(subject), Some(Why::Outlived));
    (end < horizon).then(|| Judgement::without(&control, scope, Verdict::NotApplicable, why))
}
