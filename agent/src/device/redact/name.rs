//! What a key is called, taken apart: `rtspPassword2`, `RTSP_PASSWORD` and `rtsp-password` agree.

/// A name without its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// All letters and digits, in lower case.
    pub(super) squeezed: String,
    /// Its words, in lower case; digits that number it are dropped from the last.
    pub(super) words: Vec<String>,
}

impl Name {
    /// Takes a name apart. Letters of every script count.
    pub(super) fn of(name: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut word = String::new();
        let mut signs = name.chars().peekable();
        let mut before: Option<char> = None;
        while let Some(sign) = signs.next() {
            if !sign.is_alphanumeric() {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                before = None;
                continue;
            }
            // A hump starts a word: at `P` in `rtspPassword` and in `RTSPPassword`.
            let next_is_lower = signs.peek().is_some_and(|next| next.is_lowercase());
            let hump = sign.is_uppercase()
                && before.is_some_and(|before| !before.is_uppercase() || next_is_lower);
            if hump {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            }
            word.extend(sign.to_lowercase().map(toneless));
            before = Some(sign);
        }
        words.extend((!word.is_empty()).then_some(word));
        let squeezed = words.concat();
        while let Some(last) = words.last_mut() {
            last.truncate(
                last.trim_end_matches(|sign: char| sign.is_ascii_digit())
                    .len(),
            );
            if !last.is_empty() {
                break;
            }
            words.pop();
        }
        Self { squeezed, words }
    }
}

/// A letter of pinyin without its tone; any other letter as it is.
fn toneless(letter: char) -> char {
    match letter {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'ü' => 'u',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_a_name_agree() {
        for name in [
            "rtspPassword",
            "RTSPPassword",
            "RTSP_PASSWORD",
            "rtsp-password",
            "@rtsp.password",
            "rtsp_password2",
            "rtspPassword_02",
        ] {
            assert_eq!(Name::of(name).words, ["rtsp", "password"], "{name}");
        }
        assert_eq!(Name::of("rtspPassword").squeezed, "rtsppassword");
    }

    #[test]
    fn tones_are_no_letters() {
        for name in [
            "kou_ling",
            "kǒulìng",
            "koulíng",
            "KouLing",
            "kouli\u{301}ng",
        ] {
            assert_eq!(Name::of(name).squeezed, "kouling", "{name}");
        }
    }

    #[test]
    fn letters_of_every_script_count() {
        assert_eq!(Name::of("管理员密码").squeezed, "管理员密码");
        assert!(Name::of("--").words.is_empty());
        assert_eq!(Name::of("2024").words, Vec::<String>::new());
    }
}
