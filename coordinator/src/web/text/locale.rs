//! The languages the pages speak. Chinese is the first: what no one chose is shown in it.

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Locale {
    /// Chinese as written in mainland China.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Locale {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The language tag for `lang` attributes, cookies and folders.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The language's name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    /// The one a person can switch to.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// Reads a tag as a cookie or a form carries it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// Chooses from an `Accept-Language` header: the first language named that we speak. Weights are
    /// ignored, because browsers list their languages in order.
    pub fn from_accept_language(header: &str) -> Self {
        header
            .split(',')
            .find_map(|part| {
                let tag = part.split(';').next()?.trim().to_ascii_lowercase();
                match tag.split('-').next()? {
                    "zh" => Some(Self::Chinese),
                    "en" => Some(Self::English),
                    _ => None,
                }
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_we_speak_wins_and_chinese_is_the_fallback() {
        let chosen = ["fr, en;q=0.8, zh", "zh-TW,en", "ja", ""].map(Locale::from_accept_language);
        assert_eq!(
            chosen,
            [
                Locale::English,
                Locale::Chinese,
                Locale::Chinese,
                Locale::Chinese
            ]
        );
    }

    #[test]
    fn a_tag_reads_back() {
        for locale in Locale::ALL {
            assert_eq!(Locale::from_tag(locale.tag()), Some(locale));
        }
        assert_eq!(Locale::from_tag("EN"), None);
    }
}
