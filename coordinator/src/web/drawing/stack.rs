//! Verdicts side by side in one bar, in percent of its width.
//!
//! The order is that of [`Counts::parts`]: the right end is the work. A count of one in ten thousand
//! must still be seen, so every part but the greatest has a least width.

use std::fmt;

use crate::web::verdict::{Counts, Verdict};

/// Hundredths of a percent in the whole bar.
const WHOLE: u64 = 10_000;

/// The least width of a part that counts anything: 1.5 %, two pixels of the narrowest bar.
const LEAST: u64 = 150;

/// Hundredths of a percent, printed as an SVG length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(u64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

/// One part of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What it counts.
    pub verdict: Verdict,
    /// Where it begins.
    pub x: Percent,
    /// How wide it is.
    pub width: Percent,
}

impl Part {
    /// Passes and what does not apply are a thin line; the rest stands up.
    pub fn quiet(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::NotApplicable)
    }

    /// Whether it is drawn hatched.
    pub fn unknown(&self) -> bool {
        self.verdict == Verdict::Unknown
    }
}

/// Lays the counts out; nothing counted gives no parts.
pub fn parts(counts: &Counts) -> Vec<Part> {
    let total = counts.total();
    if total == 0 {
        return Vec::new();
    }
    let mut widths = counts.parts().map(|(verdict, n)| {
        let exact = u128::from(n) * u128::from(WHOLE) / u128::from(total);
        let exact = u64::try_from(exact).unwrap_or(WHOLE);
        (verdict, if n == 0 { 0 } else { exact.max(LEAST) })
    });
    // What the least widths took, and what rounding left over, is the greatest part's.
    let others_and_greatest: u64 = widths.iter().map(|(_, width)| width).sum();
    if let Some((_, greatest)) = widths.iter_mut().max_by_key(|(_, width)| *width) {
        *greatest = (*greatest + WHOLE).saturating_sub(others_and_greatest);
    }
    let mut x = 0;
    let mut parts = Vec::new();
    for (verdict, width) in widths.into_iter().filter(|(_, width)| *width > 0) {
        parts.push(Part {
            verdict,
            x: Percent(x),
            width: Percent(width),
        });
        x += width;
    }
    parts
}

/// How much of `total` is not `free`, as a width.
pub fn used(total: u64, free: u64) -> Percent {
    if total == 0 {
        return Percent(0);
    }
    let used = u128::from(total.saturating_sub(free)) * u128::from(WHOLE) / u128::from(total);
    Percent(u64::try_from(used).unwrap_or(WHOLE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_in_ten_thousand_is_still_seen() {
        let parts = parts(&Counts {
            pass: 9_999,
            fail: 1,
            ..Counts::default()
        });
        assert_eq!(parts[1].verdict, Verdict::Fail);
        assert_eq!(parts[1].width.to_string(), "1.50%");
        assert_eq!(parts[0].width.to_string(), "98.50%");
    }

    #[test]
    fn nothing_counted_draws_nothing() {
        assert_eq!(parts(&Counts::default()), []);
        assert_eq!(used(0, 0).to_string(), "0.00%");
    }

    #[test]
    fn a_volume_is_used_by_what_is_not_free() {
        assert_eq!(used(12_000, 800).to_string(), "93.33%");
        assert_eq!(used(10, 20).to_string(), "0.00%");
    }

    proptest! {
        #[test]
        fn the_parts_fill_the_bar_without_overlap(n in prop::array::uniform6(0_u64..1_000_000)) {
            let counts = Counts {
                pass: n[0], waived: n[1], not_applicable: n[2],
                partial: n[3], fail: n[4], unknown: n[5],
            };
            let mut x = 0;
            for part in parts(&counts) {
                prop_assert_eq!(part.x, Percent(x));
                prop_assert!(part.width.0 >= LEAST);
                x += part.width.0;
            }
            prop_assert_eq!(x, if counts.total() == 0 { 0 } else { WHOLE });
        }
    }
}
