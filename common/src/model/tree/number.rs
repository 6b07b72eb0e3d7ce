//! An exact decimal number with one spelling: `1.50`, `1.5` and `15e-1` are the same setting.
//!
//! The digits are kept as text, so nothing is lost to a machine's width. A run of digits with a
//! leading zero is no number here: it is an identifier or a pin, and `007` differs from `7`.

use std::fmt;

/// Most bytes of a number as written and as spelled here; a longer one is kept as text by whoever
/// reads it.
pub const NUMBER_BYTES_MAX: usize = 64;

/// Whole numbers of more digits than this are spelled with an exponent (as ECMAScript does).
const INTEGER_DIGITS_MAX: i64 = 21;

/// Zeros after the point before the spelling changes to an exponent (as ECMAScript does).
const FRACTION_ZEROS_MAX: i64 = 6;

/// An exact decimal number in its one spelling, which is also a valid JSON number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(String);

impl Number {
    /// Reads a decimal number; `None` when the text is something else, has a leading zero, or is
    /// too long.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > NUMBER_BYTES_MAX {
            return None;
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        let spelled = spell(negative, whole, fraction, exponent)?;
        (spelled.len() <= NUMBER_BYTES_MAX).then_some(Self(spelled))
    }

    /// A double as its shortest exact digits; `None` for infinities and what is not a number.
    pub fn from_f64(value: f64) -> Option<Self> {
        Self::parse(&format!("{value:e}"))
    }

    /// Its one spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A signed whole number of at most six digits, which keeps the arithmetic far from its limits.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn spell(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Option<String> {
    let all = format!("{whole}{fraction}");
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    // The value is 0.DIGITS × 10^point.
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + exponent;
    let length = i64::try_from(digits.len()).ok()?;
    let sign = if negative { "-" } else { "" };
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(if length <= point && point <= INTEGER_DIGITS_MAX {
        format!("{sign}{digits}{}", zeros(point - length))
    } else if 0 < point && point < length {
        let (before, after) = digits.split_at(usize::try_from(point).ok()?);
        format!("{sign}{before}.{after}")
    } else if -FRACTION_ZEROS_MAX < point && point <= 0 {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{dot}{rest}e{}", point - 1)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(text: &str) -> Option<String> {
        Number::parse(text).map(|number| number.to_string())
    }

    #[test]
    fn one_value_has_one_spelling() {
        for (written, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.000", "0"),
            ("+30", "30"),
            ("1.50", "1.5"),
            ("15e-1", "1.5"),
            ("1E3", "1000"),
            ("0.10", "0.1"),
            ("100000000000000000000000", "1e23"),
            ("0.0000001", "1e-7"),
            ("-12.5e30", "-1.25e31"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(spelled(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_none() {
        for written in [
            "",
            "-",
            "007",
            "1.",
            ".5",
            "1e",
            "1e1234567",
            "0x1f",
            "1_000",
            "1 ",
            "nan",
            "1.2.3",
        ] {
            assert_eq!(spelled(written), None, "{written}");
        }
        assert_eq!(spelled(&"1".repeat(NUMBER_BYTES_MAX + 1)), None);
        assert_eq!(Number::from_f64(f64::INFINITY), None);
    }

    proptest! {
        #[test]
        fn the_spelling_keeps_the_value_and_is_stable(
            mantissa in -1_000_000_000_i64..1_000_000_000, exponent in -40_i64..40,
        ) {
            let written = format!("{mantissa}e{exponent}");
            let number = Number::parse(&written).unwrap();
            let value: f64 = written.parse().unwrap();
            prop_assert_eq!(number.as_str().parse::<f64>().unwrap().to_bits(), (value + 0.0).to_bits());
            prop_assert_eq!(Number::parse(number.as_str()), Some(number.clone()));
        }

        #[test]
        fn every_finite_double_is_read_back(value in proptest::num::f64::NORMAL) {
            let number = Number::from_f64(value).unwrap();
            prop_assert_eq!(number.as_str().parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
