//! Words: every sentence of every page, in the reader's language.
//!
//! A page asks for a message by its key and fills its variables; numbers are written with their
//! thousands apart and choose the plural. [`Texts`] is loaded once, when the program starts.

mod catalogue;
/// Figures that are written alike in every language.
pub mod figure;
mod locale;
mod phrase;
mod rich;

use std::fmt;

pub use catalogue::TextError;
pub use locale::Locale;
pub use phrase::{Counted, Key, Phrase};
pub use rich::Rich;

use super::given::Given;
use keepwatch_common::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

/// Below this, a duration is told to the second.
const SECONDS_TOLD_BELOW_MS: i64 = 10 * MINUTE_MS;

/// The finest step in which a clock's offset is told.
const OFFSET_STEP_MS: i64 = SECOND_MS / 10;

/// The words of all languages.
#[derive(Debug)]
pub struct Texts {
    chinese: Text,
    english: Text,
}

impl Texts {
    /// Parses the message files that are compiled in.
    pub fn load() -> Result<Self, TextError> {
        Ok(Self {
            chinese: Text::load(Locale::Chinese)?,
            english: Text::load(Locale::English)?,
        })
    }

    /// The words of one language.
    pub fn of(&self, locale: Locale) -> &Text {
        match locale {
            Locale::Chinese => &self.chinese,
            Locale::English => &self.english,
        }
    }
}

/// The words of one language.
pub struct Text {
    locale: Locale,
    bundle: catalogue::Bundle,
}

impl Text {
    fn load(locale: Locale) -> Result<Self, TextError> {
        Ok(Self {
            locale,
            bundle: catalogue::bundle(locale)?,
        })
    }

    /// Which language this is.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// A message, to be filled and printed.
    pub fn say(&self, key: impl Into<Key>) -> Phrase<'_> {
        Phrase::new(&self.bundle, key.into())
    }

    /// A message that carries emphasis and links, as HTML.
    pub fn rich(&self, key: impl Into<Key>) -> Rich<'_> {
        Rich::new(self.say(key))
    }

    /// A whole number with its thousands apart.
    pub fn count(&self, n: impl fmt::Display) -> String {
        figure::grouped(&n.to_string())
    }

    /// A difference with its sign.
    pub fn signed(&self, change: impl Given<i64>) -> String {
        figure::signed(change.given())
    }

    /// A duration as a person says it, with its two greatest units, rounded down.
    pub fn span(&self, ms: impl Given<i64>) -> String {
        let ms = ms.given().saturating_abs();
        let whole = |unit: i64| u64::try_from(ms / unit).unwrap_or(0);
        let (days, hours) = (whole(DAY_MS), whole(HOUR_MS) % 24);
        let (minutes, seconds) = (whole(MINUTE_MS) % 60, whole(SECOND_MS) % 60);
        let phrase = if ms < MINUTE_MS {
            self.say(Key("span-seconds")).n("s", seconds)
        } else if ms < SECONDS_TOLD_BELOW_MS && seconds > 0 {
            let phrase = self.say(Key("span-minutes-seconds"));
            phrase.n("m", minutes).n("s", seconds)
        } else if ms < HOUR_MS {
            self.say(Key("span-minutes")).n("m", minutes)
        } else if ms < DAY_MS && minutes > 0 {
            let phrase = self.say(Key("span-hours-minutes"));
            phrase.n("h", hours).n("m", minutes)
        } else if ms < DAY_MS {
            self.say(Key("span-hours")).n("h", hours)
        } else if hours > 0 {
            let phrase = self.say(Key("span-days-hours"));
            phrase.n("d", days).n("h", hours)
        } else {
            self.say(Key("span-days")).n("d", days)
        };
        phrase.to_string().replace(' ', "\u{a0}")
    }

    /// A clock's offset with its sign, in seconds with one decimal below a minute.
    pub fn offset(&self, ms: impl Given<i64>) -> String {
        let ms = ms.given();
        // What rounds to nothing has no sign.
        let shown = if ms.saturating_abs() < OFFSET_STEP_MS {
            0
        } else {
            ms
        };
        let sign = match shown.signum() {
            -1 => "−",
            1 => "+",
            _ => "±",
        };
        if ms.saturating_abs() < MINUTE_MS {
            let tenths = u32::try_from(shown.saturating_abs() / OFFSET_STEP_MS).unwrap_or(0);
            let seconds = self.say(Key("span-tenths")).s("s", figure::tenths(tenths));
            return format!("{sign}{}", seconds.to_string().replace(' ', "\u{a0}"));
        }
        format!("{sign}{}", self.span(ms))
    }

    /// Days with one decimal, from tenths.
    pub fn days(&self, tenths: impl Given<u32>) -> String {
        let days = self.say(Key("span-days-tenths"));
        let days = days.s("d", figure::tenths(tenths.given())).to_string();
        days.replace(' ', "\u{a0}")
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({})", self.locale.tag())
    }
}

#[cfg(test)]
mod parity;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_names_its_two_greatest_units() {
        let texts = Texts::load().unwrap();
        let said = |locale| {
            [
                0,
                45_999,
                125_000,
                660_000,
                59_280_000,
                7_200_000,
                273_600_000,
            ]
            .map(|ms| texts.of(locale).span(ms).replace('\u{a0}', " "))
        };
        assert_eq!(
            said(Locale::English),
            [
                "0 s",
                "45 s",
                "2 min 5 s",
                "11 min",
                "16 h 28 min",
                "2 h",
                "3 d 4 h"
            ]
        );
        assert_eq!(said(Locale::Chinese)[4], "16 时 28 分");
    }

    #[test]
    fn a_clock_offset_always_carries_its_sign() {
        let texts = Texts::load().unwrap();
        let said = [250, -1_900, -40, -3_720_000]
            .map(|ms| texts.of(Locale::English).offset(ms).replace('\u{a0}', " "));
        assert_eq!(said, ["+0.2 s", "−1.9 s", "±0.0 s", "−1 h 2 min"]);
    }

    #[test]
    fn a_missing_message_shows_its_key_and_not_an_empty_place() {
        let texts = Texts::load().unwrap();
        let shown = texts.of(Locale::Chinese).say("no").to_string();
        assert_eq!(shown, "⟦no⟧");
    }
}
