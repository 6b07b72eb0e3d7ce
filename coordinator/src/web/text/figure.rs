//! Figures that are written alike in every language: thousands, shares, tenths, bytes.
//!
//! Shares are rounded down, so 100 % means all and nothing else. Whole numbers only: no float can
//! round a page up.

/// Parts in a whole, as coverage is told.
pub const PPM: u64 = 1_000_000;

/// Stands between thousands and between a number and its unit; never broken at a line's end.
pub const NO_BREAK: char = '\u{a0}';

/// Digits with their thousands apart: `18 904`. Four digits are set apart too, because figures stand
/// in columns. Anything before the digits (a sign) stays; a fraction is not expected.
pub fn grouped(digits: &str) -> String {
    let start = digits
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (sign, whole) = digits.split_at(start);
    let mut out = sign.replace('-', "−");
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(NO_BREAK);
        }
        out.push(digit);
    }
    out
}

/// A difference with its sign, `±0` when there is none.
pub fn signed(change: i64) -> String {
    match change {
        0 => "±0".to_owned(),
        1.. => format!("+{}", grouped(&change.to_string())),
        _ => grouped(&change.to_string()),
    }
}

/// `n` of `of` in percent with one decimal, rounded down; `–` of nothing.
pub fn share(n: u64, of: u64) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    let tenths = u128::from(n.min(of)) * 1000 / u128::from(of);
    tenths_percent(u64::try_from(tenths).unwrap_or(1000))
}

/// Parts per million in percent with one decimal, rounded down.
pub fn percent(ppm: u32) -> String {
    tenths_percent(u64::from(ppm).min(PPM) / 1000)
}

fn tenths_percent(tenths: u64) -> String {
    match tenths {
        0 => "0%".to_owned(),
        1000.. => "100%".to_owned(),
        _ => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

/// Tenths as a decimal: `151` is `15.1`.
pub fn tenths(value: u32) -> String {
    format!("{}.{}", grouped(&(value / 10).to_string()), value % 10)
}

/// Bytes in decimal units with one decimal, rounded down: `48.0 TB`. Disks are sold in these.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut unit = 0;
    let mut scale = 1_u64;
    while value / scale >= 1000 && unit + 1 < UNITS.len() {
        unit += 1;
        scale = scale.saturating_mul(1000);
    }
    if unit == 0 {
        return format!("{value}{NO_BREAK}B");
    }
    let tenth = value % scale / (scale / 10);
    format!("{}.{tenth}{NO_BREAK}{}", value / scale, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn thousands_stand_apart_without_breaking() {
        let said = ["0", "999", "1188", "18904", "1000000", "-17", "-2620"].map(grouped);
        assert_eq!(
            said,
            [
                "0",
                "999",
                "1\u{a0}188",
                "18\u{a0}904",
                "1\u{a0}000\u{a0}000",
                "−17",
                "−2\u{a0}620"
            ]
        );
    }

    #[test]
    fn a_share_is_all_only_when_it_is_all() {
        assert_eq!(share(1188, 1188), "100%");
        assert_eq!(share(999_999, 1_000_000), "99.9%");
        assert_eq!(share(1, 3000), "0%");
        assert_eq!(share(0, 0), "–");
        assert_eq!(percent(999_999), "99.9%");
        assert_eq!(percent(828_000), "82.8%");
    }

    #[test]
    fn bytes_read_as_disks_are_sold() {
        let said = [0, 999, 1_000, 799_999_999_999, 48_000_000_000_000, u64::MAX].map(bytes);
        let said = said.map(|text| text.replace(NO_BREAK, " "));
        assert_eq!(
            said,
            [
                "0 B",
                "999 B",
                "1.0 kB",
                "799.9 GB",
                "48.0 TB",
                "18446.7 PB"
            ]
        );
    }

    #[test]
    fn a_difference_always_carries_its_sign() {
        assert_eq!([signed(0), signed(64), signed(-262)], ["±0", "+64", "−262"]);
    }

    proptest! {
        #[test]
        fn a_share_below_the_whole_never_reads_as_the_whole(of in 1_u64..5_000_000, less in 1_u64..5_000_000) {
            let n = of.saturating_sub(less);
            prop_assert_ne!(share(n, of), "100%");
        }
    }
}
