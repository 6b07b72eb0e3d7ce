//! How every branch in sight stands: the counts of the store, folded into one verdict a branch.
//!
//! What is known to be wrong weighs more than what is unknown, and nothing that is unknown is ever
//! counted as a pass: a camera passes only where footage is known to reach back far enough, a day only
//! where it was measured, a file only where it equals what was approved.

use std::collections::BTreeMap;

use keepwatch_common::time::{DAY_MS, Instant, Zone};

use super::camera::worst;
use super::{coverage, finding};
use crate::assess::day_number;
use crate::domain::kind::AlertKind;
use crate::domain::pack::{Check, Pack};
use crate::store::camera_counts::{CameraConcern, CameraCount, DayCount, DayLimits, Depth};
use crate::store::scope::Scope;
use crate::store::standings::{BranchStanding, FindingCount};
use crate::store::{Reader, StoreError};
use crate::web::verdict::{Counts, Verdict};

/// A branch heard within this counts as reporting: a day, as the tile says.
const REPORTS_MS: i64 = DAY_MS;

/// The days of a change: a week, so that both ends fall on the same day of it.
const CHANGE_DAYS: i64 = 7;

/// One branch.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The branch.
    pub row: BranchStanding,
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether any of its agents was heard within a day.
    pub reports: bool,
    /// Whether none of its agents is heard now, or none ever was.
    pub silent: bool,
    /// Whether its watched files are as approved.
    pub drift: Verdict,
    /// Its cameras by their worst verdict.
    pub cameras: Counts,
    /// Its cameras by how completely yesterday was recorded, by the branch's own calendar.
    pub recorded: Counts,
    /// Cameras recorded completely a week before that; none when nothing is kept of that day.
    pub recorded_before: Option<u64>,
    /// Its cameras by how far back their footage reaches.
    pub retained: Counts,
}

/// What the policy pack asks for, as far as counting needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// How many days footage must reach back; none when nothing asks for it.
    pub days: Option<u32>,
    slack_ms: i64,
    ageing_in_days: u32,
    day: DayLimits,
}

impl Asked {
    /// By the controls of a pack. Days are held against what the table of days holds them against.
    pub fn of(pack: &Pack) -> Self {
        let mut asked = Self {
            days: None,
            slack_ms: 0,
            ageing_in_days: 0,
            day: coverage::Limits::of(pack).day(),
        };
        for control in &pack.controls {
            if let Check::Retention(parameters) = control.check {
                asked.days = Some(parameters.days);
                asked.slack_ms = parameters.slack_ms;
                asked.ageing_in_days = parameters.ageing_in_days;
                break;
            }
        }
        asked
    }

    fn depth(self, now: Instant) -> Depth {
        Depth {
            required_ms: i64::from(self.days.unwrap_or(0)) * DAY_MS - self.slack_ms,
            ageing_since: now - i64::from(self.ageing_in_days) * DAY_MS,
        }
    }
}

/// How the open branches of a scope stand, by code.
pub async fn read(
    reader: &mut Reader,
    scope: Scope,
    asked: Asked,
    now: Instant,
) -> Result<Vec<Standing>, StoreError> {
    let rows = reader.branch_standings(scope).await?;
    let mut findings: BTreeMap<i64, Vec<FindingCount>> = BTreeMap::new();
    for count in reader.finding_counts_open(scope).await? {
        findings.entry(count.branch_id).or_default().push(count);
    }
    let mut concerns: BTreeMap<i64, Vec<CameraConcern>> = BTreeMap::new();
    for concern in reader.camera_concerns(scope, asked.depth(now)).await? {
        concerns.entry(concern.branch_id).or_default().push(concern);
    }
    let cameras = reader.camera_counts(scope, asked.depth(now)).await?;
    let cameras: BTreeMap<_, _> = cameras.into_iter().map(|c| (c.branch_id, c)).collect();
    let calendar = Calendar::of(&rows, now);
    let mut days = BTreeMap::new();
    for day in calendar.days() {
        let counts = reader.day_counts(scope, day, asked.day).await?;
        let counts: BTreeMap<_, _> = counts.into_iter().map(|c| (c.branch_id, c)).collect();
        days.insert(day, counts);
    }
    let standing = |row: BranchStanding| {
        let facts = Facts {
            findings: findings.get(&row.id).map_or(&[], Vec::as_slice),
            cameras: cameras.get(&row.id),
            concerns: concerns.get(&row.id).map_or(&[], Vec::as_slice),
            day: calendar
                .yesterday(&row)
                .and_then(|day| days.get(&day)?.get(&row.id)),
            before: calendar
                .week_before(&row)
                .and_then(|day| days.get(&day)?.get(&row.id)),
        };
        facts.standing(row, now)
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Yesterday and the same day of the week before, by the calendar of each zone.
struct Calendar(BTreeMap<String, [i32; 2]>);

impl Calendar {
    fn of(rows: &[BranchStanding], now: Instant) -> Self {
        let mut by_zone = BTreeMap::new();
        for row in rows {
            if by_zone.contains_key(&row.time_zone) {
                continue;
            }
            let zone = Zone::named(&row.time_zone).unwrap_or_else(|_| Zone::utc());
            let Ok(yesterday) = zone.day_of(now).yesterday() else {
                continue;
            };
            let before = jiff::Span::new().days(CHANGE_DAYS);
            let before = yesterday.checked_sub(before).unwrap_or(yesterday);
            let days = [day_number(yesterday), day_number(before)];
            by_zone.insert(row.time_zone.clone(), days);
        }
        Self(by_zone)
    }

    fn yesterday(&self, row: &BranchStanding) -> Option<i32> {
        self.0.get(&row.time_zone).map(|days| days[0])
    }

    fn week_before(&self, row: &BranchStanding) -> Option<i32> {
        self.0.get(&row.time_zone).map(|days| days[1])
    }

    /// Each of them once.
    fn days(&self) -> std::collections::BTreeSet<i32> {
        self.0.values().flatten().copied().collect()
    }
}

/// What is counted of one branch.
struct Facts<'a> {
    findings: &'a [FindingCount],
    cameras: Option<&'a CameraCount>,
    concerns: &'a [CameraConcern],
    day: Option<&'a DayCount>,
    before: Option<&'a DayCount>,
}

impl Facts<'_> {
    fn standing(&self, row: BranchStanding, now: Instant) -> Standing {
        let silent = row.heard_at_ms.is_none() || self.agents_silent() >= row.agents;
        let (cameras, retained) = self.cameras(silent);
        let heard = row.heard_at_ms.map(Instant::from_ms);
        Standing {
            verdict: if silent {
                Verdict::Unknown
            } else {
                self.verdict(&cameras)
            },
            reports: row.agents_connected > 0
                || heard.is_some_and(|heard| now.since(heard) < REPORTS_MS),
            silent,
            drift: self.drift(&row, silent),
            recorded: self.recorded(cameras.total()),
            recorded_before: self.before.map(|day| count(day.complete)),
            cameras,
            retained,
            row,
        }
    }

    /// Agents of which a silence is found.
    fn agents_silent(&self) -> i64 {
        let silent = self.of_kind(AlertKind::AgentSilent);
        silent.map(|count| count.findings).sum()
    }

    fn of_kind(&self, kind: AlertKind) -> impl Iterator<Item = &FindingCount> {
        self.findings
            .iter()
            .filter(move |count| count.kind == kind.word())
    }

    fn verdict(&self, cameras: &Counts) -> Verdict {
        let found = self.findings.iter();
        let found = found.map(|count| finding::verdict(&count.severity, &count.condition));
        // Without a camera nothing is known of what it is all about.
        let unseen = cameras.unknown > 0 || cameras.total() == 0;
        worst(found.chain(unseen.then_some(Verdict::Unknown)))
    }

    /// The cameras by their worst verdict, and by how far back they reach.
    fn cameras(&self, silent: bool) -> (Counts, Counts) {
        let Some(seen) = self.cameras else {
            return (Counts::default(), Counts::default());
        };
        let mut cameras = Counts {
            pass: count(seen.deep),
            not_applicable: count(seen.new),
            ..Counts::default()
        };
        cameras.unknown = count(seen.cameras).saturating_sub(cameras.total());
        let mut retained = cameras;
        if silent {
            let unknown = Counts {
                unknown: cameras.total(),
                ..Counts::default()
            };
            return (unknown, unknown);
        }
        for concern in self.concerns {
            let n = count(concern.cameras);
            let footage = match concern.footage.as_str() {
                "deep" => Verdict::Pass,
                "new" => Verdict::NotApplicable,
                _ => Verdict::Unknown,
            };
            let worst = match concern.worst.as_str() {
                "major" => Verdict::Fail,
                "minor" => Verdict::Partial,
                _ => Verdict::Unknown,
            };
            cameras.turn(n, footage, worst);
            let reach = match (worst, concern.short) {
                (Verdict::Unknown, _) => Verdict::Unknown,
                (_, true) => Verdict::Fail,
                (_, false) => footage,
            };
            retained.turn(n, footage, reach);
        }
        (cameras, retained)
    }

    /// What was measured yesterday is known, whoever is silent now.
    fn recorded(&self, all: u64) -> Counts {
        let mut recorded = self.day.map_or_else(Counts::default, |day| Counts {
            pass: count(day.complete),
            partial: count(day.partial),
            fail: count(day.poor),
            ..Counts::default()
        });
        recorded.unknown = all.saturating_sub(recorded.total());
        recorded
    }

    fn drift(&self, row: &BranchStanding, silent: bool) -> Verdict {
        if row.files == 0 {
            return Verdict::NotApplicable;
        }
        if silent {
            Verdict::Unknown
        } else if self
            .of_kind(AlertKind::ConfigDrift)
            .any(|count| finding::stands(&count.condition))
        {
            Verdict::Fail
        } else if row.files_differing > 0 {
            // No baseline, unreadable, or secrets under another key.
            Verdict::Unknown
        } else {
            Verdict::Pass
        }
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERAS: CameraCount = CameraCount {
        branch_id: 1,
        cameras: 16,
        deep: 16,
        new: 0,
    };

    fn row() -> BranchStanding {
        BranchStanding {
            id: 1,
            code: "SH-001".to_owned(),
            name: "南京西路店".to_owned(),
            region_id: None,
            time_zone: "Asia/Shanghai".to_owned(),
            created_at_ms: 0,
            agents: 1,
            agents_connected: 1,
            heard_at_ms: Some(0),
            files: 2,
            files_differing: 0,
        }
    }

    fn found(kind: AlertKind, severity: &str, condition: &str) -> FindingCount {
        FindingCount {
            branch_id: 1,
            kind: kind.word().to_owned(),
            severity: severity.to_owned(),
            condition: condition.to_owned(),
            findings: 1,
        }
    }

    fn concern(cameras: i64, footage: &str, worst: &str) -> CameraConcern {
        CameraConcern {
            branch_id: 1,
            cameras,
            footage: footage.to_owned(),
            worst: worst.to_owned(),
            short: footage != "deep",
        }
    }

    fn standing(row: BranchStanding, cameras: CameraCount, findings: &[FindingCount]) -> Standing {
        with_concerns(row, cameras, findings, &[])
    }

    fn with_concerns(
        row: BranchStanding,
        cameras: CameraCount,
        findings: &[FindingCount],
        concerns: &[CameraConcern],
    ) -> Standing {
        let facts = Facts {
            findings,
            cameras: Some(&cameras),
            concerns,
            day: None,
            before: None,
        };
        facts.standing(row, Instant::from_s(1_800_000_000))
    }

    #[test]
    fn all_well_is_a_pass_except_for_what_was_not_measured() {
        let standing = standing(row(), CAMERAS, &[]);
        assert_eq!(
            (standing.verdict, standing.drift),
            (Verdict::Pass, Verdict::Pass)
        );
        assert_eq!((standing.cameras.pass, standing.retained.pass), (16, 16));
        assert_eq!((standing.recorded.pass, standing.recorded.unknown), (0, 16));
    }

    #[test]
    fn what_is_wrong_weighs_more_than_what_is_unknown() {
        let mut cameras = CAMERAS;
        cameras.deep = 14;
        let one_unknown = standing(row(), cameras, &[]);
        assert_eq!(one_unknown.verdict, Verdict::Unknown);
        assert_eq!(one_unknown.cameras.unknown, 2);
        let gap = [found(AlertKind::Gap, "major", "firing")];
        assert_eq!(standing(row(), cameras, &gap).verdict, Verdict::Fail);
        let doubt = [found(AlertKind::Gap, "major", "unknown")];
        assert_eq!(standing(row(), CAMERAS, &doubt).verdict, Verdict::Unknown);
        let over = [found(AlertKind::Gap, "major", "recovered")];
        assert_eq!(standing(row(), CAMERAS, &over).verdict, Verdict::Pass);
        let small = [found(AlertKind::Gap, "minor", "firing")];
        assert_eq!(standing(row(), CAMERAS, &small).verdict, Verdict::Partial);
    }

    #[test]
    fn of_a_silent_branch_nothing_is_known_whatever_was_found() {
        let findings = [
            found(AlertKind::AgentSilent, "major", "firing"),
            found(AlertKind::ConfigDrift, "major", "firing"),
        ];
        let silent = standing(row(), CAMERAS, &findings);
        assert_eq!(
            (silent.verdict, silent.drift),
            (Verdict::Unknown, Verdict::Unknown)
        );
        assert_eq!((silent.cameras.unknown, silent.retained.unknown), (16, 16));
        let mut never = row();
        never.heard_at_ms = None;
        assert_eq!(standing(never, CAMERAS, &[]).verdict, Verdict::Unknown);
    }

    #[test]
    fn a_branch_of_which_one_agent_is_silent_is_not_silent() {
        let mut two = row();
        two.agents = 2;
        let silent = [found(AlertKind::AgentSilent, "major", "firing")];
        let standing = standing(two, CAMERAS, &silent);
        assert!(!standing.silent);
        assert_eq!(standing.verdict, Verdict::Fail);
    }

    #[test]
    fn a_file_that_nobody_approved_is_no_pass() {
        let mut one = row();
        one.files_differing = 1;
        assert_eq!(standing(one, CAMERAS, &[]).drift, Verdict::Unknown);
        let mut none = row();
        none.files = 0;
        assert_eq!(standing(none, CAMERAS, &[]).drift, Verdict::NotApplicable);
    }

    #[test]
    fn every_camera_is_counted_once_whatever_is_found_of_it() {
        let mut cameras = CAMERAS;
        cameras.deep = 12;
        let concerns = [
            concern(2, "deep", "major"),
            concern(3, "neither", "major"),
            concern(1, "deep", "silent"),
        ];
        let standing = with_concerns(row(), cameras, &[], &concerns);
        let all = standing.cameras;
        assert_eq!((all.pass, all.fail, all.unknown), (9, 5, 2));
        let kept = standing.retained;
        assert_eq!((kept.pass, kept.fail, kept.unknown), (11, 3, 2));
    }

    #[test]
    fn a_branch_without_cameras_is_unknown() {
        let facts = Facts {
            findings: &[],
            cameras: None,
            concerns: &[],
            day: None,
            before: None,
        };
        let standing = facts.standing(row(), Instant::EPOCH);
        assert_eq!(standing.verdict, Verdict::Unknown);
    }

    #[test]
    fn yesterday_is_the_branchs_own() {
        let mut west = row();
        west.time_zone = "America/New_York".to_owned();
        let rows = [row(), west];
        // 2026-11-22T18:00Z is the 23rd in Shanghai and the 22nd in New York.
        let now = Instant::parse("2026-11-22T18:00:00Z").unwrap();
        let calendar = Calendar::of(&rows, now);
        assert_eq!(calendar.yesterday(&rows[0]), Some(20_261_122));
        assert_eq!(calendar.week_before(&rows[0]), Some(20_261_115));
        assert_eq!(calendar.yesterday(&rows[1]), Some(20_261_121));
    }
}
