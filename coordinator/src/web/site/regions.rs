//! The regions somebody sees, and which of them a branch is counted under.
//!
//! Whoever sees the whole chain compares its outermost regions; a region's person compares the
//! regions right below theirs.

use std::collections::BTreeMap;

use crate::store::branches::RegionRow;
use crate::store::page::PageRows;
use crate::store::scope::Scope;
use crate::store::{Reader, StoreError};
use crate::web::page::branches::Region;

/// Steps up a line of regions at most: more than any chain has levels, so a loop ends.
const LEVELS_MAX: usize = 32;

/// The tree of regions, as far as somebody sees it.
#[derive(Debug, Clone)]
pub struct Regions {
    all: BTreeMap<i64, RegionRow>,
    scope: Scope,
}

impl Regions {
    /// Reads them.
    pub async fn read(reader: &mut Reader, scope: Scope) -> Result<Self, StoreError> {
        let mut all = BTreeMap::new();
        let mut after = None;
        loop {
            let rows = reader.region_list(after, PageRows::MOST).await?;
            let more = PageRows::MOST.is_filled_by(rows.len());
            after = rows.last().map(|row| row.id);
            all.extend(rows.into_iter().map(|row| (row.id, row)));
            if !more {
                return Ok(Self { all, scope });
            }
        }
    }

    /// Those to choose from, by name.
    pub fn to_choose(&self) -> Vec<Region> {
        let seen = self.all.values().filter(|row| self.sees(row.id));
        let mut regions: Vec<_> = seen.map(shown).collect();
        regions.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
        regions
    }

    /// The name of a branch's own region; empty when it has none.
    pub fn name(&self, region_id: Option<i64>) -> String {
        let row = region_id.and_then(|id| self.all.get(&id));
        row.map(|row| row.name.clone()).unwrap_or_default()
    }

    /// The number of the region a branch is counted under.
    pub fn counted_under(&self, region_id: Option<i64>) -> Option<i64> {
        let line = self.line(region_id?);
        match self.scope {
            Scope::Region(own) => {
                let at = line.iter().position(|id| *id == own)?;
                line.get(at.saturating_sub(1)).copied()
            }
            Scope::Everything | Scope::Branch(_) => line.last().copied(),
        }
    }

    /// Code and name of a region.
    pub fn shown(&self, region_id: i64) -> Option<Region> {
        self.all.get(&region_id).map(shown)
    }

    fn sees(&self, region_id: i64) -> bool {
        match self.scope {
            Scope::Everything => true,
            Scope::Region(own) => self.line(region_id).contains(&own),
            Scope::Branch(_) => false,
        }
    }

    /// A region and all above it, the nearest first.
    fn line(&self, region_id: i64) -> Vec<i64> {
        let above = |id: &i64| self.all.get(id).and_then(|row| row.parent_id);
        let known = Some(region_id).filter(|id| self.all.contains_key(id));
        std::iter::successors(known, above)
            .take(LEVELS_MAX)
            .collect()
    }
}

fn shown(row: &RegionRow) -> Region {
    Region {
        code: row.code.clone(),
        name: row.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 holds 2, which holds 3; 4 stands alone.
    fn regions(scope: Scope) -> Regions {
        let row = |id: i64, parent_id| RegionRow {
            id,
            parent_id,
            code: id.to_string(),
            name: id.to_string(),
            created_at_ms: 0,
        };
        let rows = [row(1, None), row(2, Some(1)), row(3, Some(2)), row(4, None)];
        Regions {
            all: rows.into_iter().map(|row| (row.id, row)).collect(),
            scope,
        }
    }

    #[test]
    fn whoever_sees_everything_compares_the_outermost_regions() {
        let regions = regions(Scope::Everything);
        let under = [Some(3), Some(1), Some(4), None].map(|id| regions.counted_under(id));
        assert_eq!(under, [Some(1), Some(1), Some(4), None]);
        assert_eq!(regions.to_choose().len(), 4);
    }

    #[test]
    fn a_regions_person_compares_those_right_below_and_sees_no_others() {
        let regions = regions(Scope::Region(1));
        let under = [Some(3), Some(2), Some(1)].map(|id| regions.counted_under(id));
        assert_eq!(under, [Some(2), Some(2), Some(1)]);
        let codes: Vec<_> = regions.to_choose().into_iter().map(|r| r.code).collect();
        assert_eq!(codes, ["1", "2", "3"]);
    }

    #[test]
    fn a_branchs_person_chooses_among_none() {
        assert!(regions(Scope::Branch(7)).to_choose().is_empty());
    }
}
