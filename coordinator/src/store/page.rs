//! How many rows a list gives at once.
//!
//! Lists are read by key: *the next so many after this one*. An offset would get slower with every
//! page and skip rows when others come and go.

/// Most rows of one page: what a person scrolls and an export fetches at a time.
pub const PAGE_ROWS_MAX: u32 = 1_000;

/// Rows to give at once, between 1 and [`PAGE_ROWS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRows(u32);

impl PageRows {
    /// The largest page.
    pub const MOST: Self = Self(PAGE_ROWS_MAX);

    /// A wish outside the range is moved to its ends.
    pub fn new(rows: u32) -> Self {
        Self(rows.clamp(1, PAGE_ROWS_MAX))
    }

    /// How many, for a list that is not read from the store.
    pub fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// Whether so many rows are a whole page, so that more may follow.
    pub fn is_filled_by(self, rows: usize) -> bool {
        u32::try_from(rows).is_ok_and(|rows| rows >= self.0)
    }

    pub(super) fn limit(self) -> i64 {
        i64::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_empty_nor_endless() {
        assert_eq!(PageRows::new(0).limit(), 1);
        assert_eq!(PageRows::new(50).limit(), 50);
        assert_eq!(PageRows::new(u32::MAX), PageRows::MOST);
    }

    #[test]
    fn after_a_page_that_is_not_filled_nothing_follows() {
        assert!(PageRows::new(3).is_filled_by(3));
        assert!(!PageRows::new(3).is_filled_by(2));
    }
}
