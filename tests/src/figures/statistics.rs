//! Medians and percentiles of what was measured.

/// A count as a number to divide by.
pub fn count(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}

/// The middle; of an even number the mean of both middles. Nothing has the median zero.
pub fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        even if even % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// The smallest value that so many of a hundred do not exceed. Nothing has the percentile zero.
pub fn percentile(values: &[f64], of_hundred: usize) -> f64 {
    let sorted = sorted(values);
    let rank = (sorted.len() * of_hundred).div_ceil(100).max(1);
    sorted
        .get(rank - 1)
        .or(sorted.last())
        .copied()
        .unwrap_or(0.0)
}

/// With two digits behind the point: no figure here is known better.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// In whole numbers.
pub fn whole(value: f64) -> f64 {
    value.round()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_middles() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&values, 50), 100.0);
        assert_eq!(percentile(&values, 99), 198.0);
        assert_eq!(percentile(&values, 100), 200.0);
        assert_eq!(percentile(&[7.0], 1), 7.0);
        assert_eq!(percentile(&[], 99), 0.0);
    }

    #[test]
    fn figures_are_rounded_to_hundredths() {
        assert_eq!(rounded(1.236), 1.24);
        assert_eq!(whole(1234.5), 1235.0);
    }
}
