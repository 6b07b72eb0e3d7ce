//! A camera's day as one cell of the table of days.
//!
//! A table and not a picture: rows and columns have names, the newest day can come first on a narrow
//! screen, and the camera's name stays in sight. A pass is a pale cell; anything else carries a mark.

use crate::web::text::Key;
use crate::web::verdict::Verdict;

/// At and above this coverage a gap is drawn pale, below it solid.
const PALE_FROM_PPM: u32 = 900_000;

/// Below this coverage a day is drawn as a failure, whatever the policy calls it.
const FAIL_BELOW_PPM: u32 = 500_000;

/// Parts per million in one percent.
const PPM_PER_PERCENT: u32 = 10_000;

/// What is known of one camera on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Measured: so much of what was expected is recorded.
    Covered {
        /// Recorded of the expected, in parts per million.
        ppm: u32,
        /// How the coordinator judges it: pass, waived, partial or fail.
        verdict: Verdict,
    },
    /// Expected, and not measured.
    Unknown,
    /// Not expected: outside the schedule, or the camera was not there yet.
    NotExpected,
}

impl Cell {
    /// The classes of the cell.
    pub fn class(self) -> &'static str {
        match (self.verdict(), self) {
            (Verdict::Partial, Self::Covered { ppm, .. }) if ppm < PALE_FROM_PPM => "gap deep",
            (Verdict::Fail, _) => "fail deep",
            (verdict, _) => verdict.class(),
        }
    }

    /// The verdict it is drawn as.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Covered {
                ppm,
                verdict: Verdict::Partial,
            } if ppm < FAIL_BELOW_PPM => Verdict::Fail,
            Self::Covered { verdict, .. } => verdict,
            Self::Unknown => Verdict::Unknown,
            Self::NotExpected => Verdict::NotApplicable,
        }
    }

    /// Whole percent covered, rounded down.
    pub fn percent(self) -> Option<u32> {
        match self {
            Self::Covered { ppm, .. } => Some((ppm / PPM_PER_PERCENT).min(100)),
            Self::Unknown | Self::NotExpected => None,
        }
    }

    /// What stands in the cell. A pass carries its percent too, which the style sheet keeps from
    /// sight: a table that is read aloud has no empty cells.
    pub fn mark(self) -> String {
        match (self.verdict(), self.percent()) {
            (Verdict::Waived, _) => "◑".to_owned(),
            (_, Some(percent)) => percent.to_string(),
            (Verdict::NotApplicable, None) => "–".to_owned(),
            (_, None) => "?".to_owned(),
        }
    }

    /// Whether the cell is listed under the table.
    pub fn exceptional(self) -> bool {
        !matches!(self.verdict(), Verdict::Pass | Verdict::NotApplicable)
    }

    /// Whether the cell leads to its day: only measured exceptions do, so that a page has few tab
    /// stops even when a branch has been silent for a month.
    pub fn linked(self) -> bool {
        self.exceptional() && self != Self::Unknown
    }

    /// What the cell is called where it is listed: a part of a day missing is a gap.
    pub fn word(self) -> Key {
        match self.verdict() {
            Verdict::Partial => Key("gap"),
            verdict => verdict.word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(ppm: u32, verdict: Verdict) -> Cell {
        Cell::Covered { ppm, verdict }
    }

    #[test]
    fn a_gap_darkens_as_it_grows() {
        let classes = [989_999, 900_000, 899_999, 500_000, 499_999]
            .map(|ppm| covered(ppm, Verdict::Partial).class());
        assert_eq!(classes, ["gap", "gap", "gap deep", "gap deep", "fail deep"]);
    }

    #[test]
    fn digits_are_rounded_down() {
        assert_eq!(covered(989_999, Verdict::Partial).mark(), "98");
        assert_eq!(covered(999_999, Verdict::Pass).mark(), "99");
        assert_eq!(covered(1_000_000, Verdict::Pass).mark(), "100");
    }

    #[test]
    fn what_was_not_measured_is_neither_green_nor_a_number() {
        assert_eq!(
            (Cell::Unknown.class(), Cell::Unknown.mark()),
            ("unknown", "?".to_owned())
        );
        assert!(Cell::Unknown.exceptional() && !Cell::Unknown.linked());
        assert!(!Cell::NotExpected.exceptional());
    }
}
