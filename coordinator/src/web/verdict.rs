//! What a verdict is called and how it is drawn; counts of verdicts.
//!
//! Unknown is never green, and a check that broke is drawn as unknown with a word of its own. The
//! page's verdict is not the domain's type: it knows classes and words and judges nothing.

use super::text::{Key, Text, figure};

/// A verdict, as a page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As the rules say.
    Pass,
    /// Not as the rules say, and allowed until a day.
    Waived,
    /// The rule does not apply (yet).
    NotApplicable,
    /// Some of it is missing: footage with gaps, part of the cameras.
    Partial,
    /// Against the rules.
    Fail,
    /// No fresh observation.
    Unknown,
    /// The check itself broke.
    Error,
}

impl Verdict {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Pass,
        Self::Waived,
        Self::NotApplicable,
        Self::Partial,
        Self::Fail,
        Self::Unknown,
        Self::Error,
    ];

    /// Reads the word of an address.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.slug() == slug)
    }

    /// The class that sets colour, wash and glyph.
    pub fn class(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::NotApplicable => "na",
            Self::Partial => "gap",
            Self::Fail => "fail",
            Self::Unknown | Self::Error => "unknown",
        }
    }

    /// Its name.
    pub fn word(self) -> Key {
        match self {
            Self::Pass => Key("verdict-pass"),
            Self::Waived => Key("verdict-waived"),
            Self::NotApplicable => Key("verdict-na"),
            Self::Partial => Key("verdict-partial"),
            Self::Fail => Key("verdict-fail"),
            Self::Unknown => Key("verdict-unknown"),
            Self::Error => Key("verdict-error"),
        }
    }

    /// The word in addresses; never translated.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::NotApplicable => "na",
            Self::Partial => "partial",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Error => "error",
        }
    }
}

/// How many subjects have which verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// As the rules say.
    pub pass: u64,
    /// Allowed until a day.
    pub waived: u64,
    /// The rule does not apply (yet).
    pub not_applicable: u64,
    /// Partly.
    pub partial: u64,
    /// Against the rules.
    pub fail: u64,
    /// No fresh observation, or the check broke.
    pub unknown: u64,
}

impl Counts {
    /// One subject more.
    pub fn add(&mut self, verdict: Verdict) {
        *self.of(verdict) += 1;
    }

    /// So many subjects of one verdict turn out to have another.
    pub fn turn(&mut self, n: u64, from: Verdict, to: Verdict) {
        let from = self.of(from);
        let n = n.min(*from);
        *from -= n;
        *self.of(to) += n;
    }

    fn of(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Waived => &mut self.waived,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Partial => &mut self.partial,
            Verdict::Fail => &mut self.fail,
            Verdict::Unknown | Verdict::Error => &mut self.unknown,
        }
    }

    /// All subjects of others.
    pub fn add_all(&mut self, others: &Self) {
        self.pass += others.pass;
        self.waived += others.waived;
        self.not_applicable += others.not_applicable;
        self.partial += others.partial;
        self.fail += others.fail;
        self.unknown += others.unknown;
    }

    /// All subjects.
    pub fn total(&self) -> u64 {
        self.parts().iter().map(|(_, n)| n).sum()
    }

    /// Those that need work: partly or wholly against the rules.
    pub fn wrong(&self) -> u64 {
        self.partial + self.fail
    }

    /// Passes of all, in percent, rounded down.
    pub fn pass_share(&self) -> String {
        figure::share(self.pass, self.total())
    }

    /// Each verdict and its count in the order they are drawn: the right end of a bar is the work.
    pub fn parts(&self) -> [(Verdict, u64); 6] {
        [
            (Verdict::Pass, self.pass),
            (Verdict::Waived, self.waived),
            (Verdict::NotApplicable, self.not_applicable),
            (Verdict::Partial, self.partial),
            (Verdict::Fail, self.fail),
            (Verdict::Unknown, self.unknown),
        ]
    }

    /// The counts that are not zero, as words: `合规 1 146、未知 42`.
    pub fn told(&self, text: &Text) -> String {
        let told: Vec<_> = self
            .parts()
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(verdict, n)| format!("{} {}", text.say(verdict.word()), text.count(n)))
            .collect();
        told.join(&text.say(Key("list-joint")).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_never_green() {
        for verdict in [Verdict::Unknown, Verdict::Error, Verdict::NotApplicable] {
            assert_ne!(verdict.class(), Verdict::Pass.class());
        }
    }

    #[test]
    fn every_word_of_an_address_leads_back() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_slug(verdict.slug()), Some(verdict));
        }
        assert_eq!(Verdict::from_slug("green"), None);
    }

    #[test]
    fn every_subject_is_drawn_once() {
        let counts = Counts {
            pass: 1,
            waived: 2,
            not_applicable: 4,
            partial: 8,
            fail: 16,
            unknown: 32,
        };
        assert_eq!(counts.total(), 63);
        assert_eq!(counts.wrong(), 24);
    }
}
