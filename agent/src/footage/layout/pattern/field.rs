//! The fields of a template: which letters there are, and what the text under one means.
//!
//! It must not know how fields are put together.

use crate::footage::named::TimeFields;

/// What a letter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    YearOfCentury,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
    Epoch,
    Offset,
    /// Hour of 12, which needs its half.
    HourOfHalf,
    /// `AM` or `PM`, after its hour.
    Half,
}

/// The field of a letter.
pub(super) fn field(letter: char) -> Option<Field> {
    Some(match letter {
        'Y' => Field::Year,
        'y' => Field::YearOfCentury,
        'm' => Field::Month,
        'd' => Field::Day,
        'H' => Field::Hour,
        'M' => Field::Minute,
        'S' => Field::Second,
        'f' => Field::Fraction,
        's' => Field::Epoch,
        'z' => Field::Offset,
        'I' => Field::HourOfHalf,
        'p' => Field::Half,
        _ => return None,
    })
}

/// Every way to cut a non-empty head off, shortest first.
pub(super) fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices()
        .map(|(at, c)| text.split_at(at + c.len_utf8()))
}

/// Every way to cut a head of digits off, longest first.
pub(super) fn digits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=end).rev().map(|at| text.split_at(at))
}

pub(super) fn read_field(field: Field, digits: &str, time: &mut TimeFields) -> bool {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let small = |first: u8, last: u8| {
        digits
            .parse::<u8>()
            .ok()
            .filter(|v| (first..=last).contains(v))
    };
    match field {
        Field::Year => time.year = digits.parse().ok(),
        Field::YearOfCentury => time.year = digits.parse::<u16>().ok().map(|year| 2_000 + year),
        Field::Month => time.month = small(1, 12),
        Field::Day => time.day = small(1, 31),
        Field::Hour => time.hour = small(0, 23),
        Field::Minute => time.minute = small(0, 59),
        // 60 is a leap second; it belongs to the second before.
        Field::Second => time.second = small(0, 60).map(|second| second.min(59)),
        Field::Fraction => {
            let thousandths = format!("{digits:0<3}");
            return thousandths[..3]
                .parse()
                .map(|ms| time.fraction_ms = ms)
                .is_ok();
        }
        Field::Epoch => {
            time.epoch_ms = digits
                .parse::<i64>()
                .ok()
                .and_then(|s| s.checked_mul(1_000));
            return time.epoch_ms.is_some();
        }
        Field::HourOfHalf => time.hour = small(1, 12).map(|hour| hour % 12),
        Field::Offset | Field::Half => return false,
    }
    match field {
        Field::Month => time.month.is_some(),
        Field::Day => time.day.is_some(),
        Field::Hour | Field::HourOfHalf => time.hour.is_some(),
        Field::Minute => time.minute.is_some(),
        Field::Second => time.second.is_some(),
        _ => time.year.is_some(),
    }
}

/// `AM` or `PM` at the head of the text, for an hour that was read before.
pub(super) fn half<'t>(text: &'t str, time: &mut TimeFields) -> Option<&'t str> {
    let (word, after) = text.split_at_checked(2)?;
    let hour = time.hour?;
    match word {
        "AM" | "am" => {}
        "PM" | "pm" if hour < 12 => time.hour = Some(hour + 12),
        _ => return None,
    }
    Some(after)
}

/// `Z`, `+hhmm` or `+hh:mm` at the head of the text, in seconds ahead of UTC.
pub(super) fn offset(text: &str) -> Option<(i32, &str)> {
    if let Some(after) = text.strip_prefix('Z') {
        return Some((0, after));
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = rest.split_at_checked(2)?;
    let (minutes, rest) = rest.strip_prefix(':').unwrap_or(rest).split_at_checked(2)?;
    let part = |text: &str, last: i32| {
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse::<i32>().ok())?
            .filter(|value| *value <= last)
    };
    Some((
        sign * (part(hours, 23)? * 3_600 + part(minutes, 59)? * 60),
        rest,
    ))
}
