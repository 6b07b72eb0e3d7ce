//! The message files, and the bundle they make for one language.
//!
//! Both languages have the same files, keys and variables; a test proves it. The files are inside
//! the program, so a broken one is found when the words are loaded at the start, never on a page.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::figure;
use super::locale::Locale;

/// All messages of one language.
pub(super) type Bundle = FluentBundle<FluentResource>;

/// What can be wrong with the words that are compiled in.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// A file is not Fluent.
    #[error("message file {file} in {locale} does not parse; mend it and build again: {first}")]
    Unparsable {
        /// The language's tag.
        locale: &'static str,
        /// The file's name.
        file: &'static str,
        /// The parser's first complaint.
        first: String,
    },
    /// A key stands twice in one language.
    #[error("message file {file} in {locale} repeats a key; keep one: {first}")]
    Repeated {
        /// The language's tag.
        locale: &'static str,
        /// The file's name.
        file: &'static str,
        /// The key, as the bundle tells it.
        first: String,
    },
}

/// Name and content of one message file.
type Source = (&'static str, &'static str);

macro_rules! sources {
    ($folder:literal) => {
        [
            source!($folder, "common"),
            source!($folder, "verdict"),
            source!($folder, "sentence"),
            source!($folder, "sign_in"),
            source!($folder, "fleet"),
            source!($folder, "branch"),
            source!($folder, "health"),
            source!($folder, "camera"),
            source!($folder, "drift"),
            source!($folder, "hold"),
            source!($folder, "alerts"),
            source!($folder, "error"),
        ]
    };
}

macro_rules! source {
    ($folder:literal, $name:literal) => {
        (
            concat!($name, ".ftl"),
            include_str!(concat!("../../../locales/", $folder, "/", $name, ".ftl")),
        )
    };
}

const CHINESE: [Source; 12] = sources!("zh-CN");
const ENGLISH: [Source; 12] = sources!("en");

/// The files of one language.
pub(super) fn sources(locale: Locale) -> &'static [Source] {
    match locale {
        Locale::Chinese => &CHINESE,
        Locale::English => &ENGLISH,
    }
}

/// Parses the files of one language.
pub(super) fn bundle(locale: Locale) -> Result<Bundle, TextError> {
    let tag = locale.tag();
    // Plural rules go by the language alone, so an unreadable tag could only lose those.
    let id: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // The marks that isolate directions would end up in attributes and in copied text.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(number));
    for &(file, source) in sources(locale) {
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
            TextError::Unparsable {
                locale: tag,
                file,
                first: errors.first().map(ToString::to_string).unwrap_or_default(),
            }
        })?;
        bundle
            .add_resource(resource)
            .map_err(|errors| TextError::Repeated {
                locale: tag,
                file,
                first: errors.first().map(ToString::to_string).unwrap_or_default(),
            })?;
    }
    Ok(bundle)
}

/// Writes whole numbers with their thousands apart, wherever a message places them.
fn number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(figure::grouped(&number.as_string())),
        _ => None,
    }
}
