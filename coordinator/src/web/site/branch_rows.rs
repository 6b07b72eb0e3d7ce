//! Branches as lists show them: worst first, each with its gravest finding.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use keepwatch_common::time::{Instant, Zone};

use super::finding::{self, Told};
use super::regions::Regions;
use super::standings::Standing;
use crate::store::findings::FindingRow;
use crate::store::{Reader, StoreError};
use crate::web::moment::Moment;
use crate::web::page::branches::BranchRow;
use crate::web::sentence::Sentence;
use crate::web::verdict::Verdict;

/// Where a branch stands among others: its rank, fewer wrong or unknown cameras later, its code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    rank: u8,
    cameras: Reverse<u64>,
    code: String,
}

impl Place {
    /// That of a branch.
    pub fn of(standing: &Standing) -> Self {
        let cameras = &standing.cameras;
        let concerned = match standing.verdict {
            Verdict::Unknown | Verdict::Error => cameras.unknown,
            _ => cameras.wrong(),
        };
        Self {
            rank: rank(standing.verdict),
            cameras: Reverse(concerned),
            code: standing.row.code.clone(),
        }
    }

    /// As it stands in an address.
    pub fn text(&self) -> String {
        format!("{}.{}.{}", self.rank, self.cameras.0, self.code)
    }

    /// Reads it from an address.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        Some(Self {
            rank: parts.next()?.parse().ok()?,
            cameras: Reverse(parts.next()?.parse().ok()?),
            code: parts.next()?.to_owned(),
        })
    }
}

/// What can be worked on comes first, then what must be found out.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Unknown | Verdict::Error => 1,
        Verdict::Partial => 2,
        Verdict::NotApplicable => 3,
        Verdict::Waived => 4,
        Verdict::Pass => 5,
    }
}

/// Fills the rows of these branches, in their order, all told by one wall clock: beside each other,
/// the clocks of several zones look like hours of silence.
pub async fn rows(
    reader: &mut Reader,
    regions: &Regions,
    standings: &[&Standing],
    wall: (Instant, &Zone),
) -> Result<Vec<BranchRow>, StoreError> {
    let ids: Vec<i64> = standings.iter().map(|standing| standing.row.id).collect();
    let gravest = reader.findings_gravest(&ids).await?;
    let gravest: BTreeMap<_, _> = gravest
        .into_iter()
        .map(|row| (row.branch_id, row))
        .collect();
    let rows = standings.iter().map(|standing| {
        let finding = gravest.get(&standing.row.id);
        row(
            standing,
            finding,
            regions.name(standing.row.region_id),
            wall,
        )
    });
    Ok(rows.collect())
}

fn row(
    standing: &Standing,
    finding: Option<&FindingRow>,
    region: String,
    (now, zone): (Instant, &Zone),
) -> BranchRow {
    let branch = &standing.row;
    let heard = branch.heard_at_ms.map(Instant::from_ms);
    let (worst, lasting_ms) = worst(standing, finding, heard, zone, now);
    BranchRow {
        code: branch.code.clone(),
        name: branch.name.clone(),
        region,
        verdict: standing.verdict,
        worst,
        lasting_ms,
        handled_by: finding.and_then(|row| row.alert.handled_by.clone()),
        cameras: standing.cameras,
        // Whoever is connected is heard now, however little there is to tell.
        last_heard: if branch.agents_connected > 0 {
            Some(Moment::new(now, zone))
        } else {
            heard.map(|heard| Moment::new(heard, zone))
        },
    }
}

/// The sentence to say of a branch, and how long what it says lasts, in milliseconds.
fn worst(
    standing: &Standing,
    finding: Option<&FindingRow>,
    heard: Option<Instant>,
    zone: &Zone,
    now: Instant,
) -> (Option<Sentence>, Option<i64>) {
    if standing.silent {
        // A silent branch has nothing else to say, whatever was found before.
        let silent = heard.map(|heard| Sentence::Silent {
            for_ms: now.since(heard),
            cameras: standing.cameras.total(),
        });
        return (silent, heard.map(|heard| now.since(heard)));
    }
    let Some(row) = finding else {
        return (None, None);
    };
    let since = Instant::from_ms(row.since_ms);
    let told = Told {
        branch: &standing.row.code,
        zone,
        now,
    };
    let (sentence, _) = told.read(&row.control, &row.evidence, since);
    let changed_at = Instant::from_ms(row.alert.alert_changed_at_ms);
    let until = finding::until(&row.alert.condition, changed_at, now);
    let lasting_ms = finding::lasting_ms(&sentence, since, until);
    (Some(sentence), Some(lasting_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(verdict: Verdict, cameras: u64, code: &str) -> Place {
        Place {
            rank: rank(verdict),
            cameras: Reverse(cameras),
            code: code.to_owned(),
        }
    }

    #[test]
    fn the_worst_with_the_most_cameras_stands_first() {
        let mut places = [
            place(Verdict::Pass, 0, "A"),
            place(Verdict::Unknown, 16, "B"),
            place(Verdict::Fail, 1, "D"),
            place(Verdict::Fail, 5, "E"),
            place(Verdict::Fail, 1, "C"),
            place(Verdict::Partial, 9, "F"),
        ];
        places.sort();
        let codes: String = places.iter().map(|place| place.code.as_str()).collect();
        assert_eq!(codes, "ECDBFA");
    }

    #[test]
    fn a_place_leads_back_from_an_address() {
        let one = place(Verdict::Fail, 12, "SH-0.0.1");
        assert_eq!(Place::read(&one.text()), Some(one));
        for bad in ["", "0", "0.1", "x.1.A", "0.-1.A", "999.1.A"] {
            assert_eq!(Place::read(bad), None, "{bad}");
        }
    }
}
