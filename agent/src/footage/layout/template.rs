//! Any layout that names its files by time: `template:{camera}/%Y-%m-%d/%H-%M-%S.mp4`.
//!
//! Fields: `%Y %m %d %H %M %S`, `%y` (two digits, 2000 to 2099), `%f` (fraction of the second),
//! `%s` (seconds since 1970), `%z` (`Z`, `+hhmm`, `+hh:mm`), `%%`; `{camera}` once; `*` for anything
//! without a slash. Everything else is literal. A name must match to its last byte.

use keepwatch_common::time::{MINUTE_MS, Zone};

use self::field::{Field, digits, field, offset, read_field, splits};
use super::{About, DEPTH_MAX, Layout, Told, ZoneRule};
use crate::footage::named::Named;

/// What letters stand for.
mod field;

/// How the name begins on the command line.
pub const PREFIX: &str = "template:";

/// What people should know of it.
pub const ABOUT: About = About {
    name: "template:PATTERN",
    maker: "any other",
    pattern: "a path with strftime fields and {camera}, such as {camera}/%Y-%m-%d/%H-%M-%S.mp4",
    zone: ZoneRule::Utc,
    told: Told::Start,
    deletes: "not known",
    holds: "not known",
};

/// Parts of variable length in one component, at most: matching tries every split.
const VARIABLE_MAX: usize = 2;

/// A minute is the commonest choice of those who choose; used only when no file tells its length.
const NOMINAL_MS: i64 = MINUTE_MS;

/// What can be wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `%` and a letter we do not know.
    #[error(
        "%{field} is not a field of a layout template; use %Y %m %d %H %M %S %y %f %s %z or %%"
    )]
    UnknownField {
        /// The letter, or nothing at the end.
        field: String,
    },
    /// No `{camera}`, or more than one.
    #[error("a layout template names {{camera}} exactly once, this one {count} times")]
    CameraCount {
        /// How often.
        count: usize,
    },
    /// The start cannot be told.
    #[error("a layout template needs %Y, %m and %d (or %s) so that a start can be told")]
    NoDate,
    /// Too many folders.
    #[error("a layout template has 1 to {DEPTH_MAX} parts between slashes, this one {depth}")]
    Depth {
        /// How many.
        depth: usize,
    },
    /// An empty part, `.` or `..`.
    #[error("a layout template's parts are names, not “{part}”; give the path below the root")]
    BadPart {
        /// The part.
        part: String,
    },
    /// Too many variable parts in one component.
    #[error("“{part}” has more than {VARIABLE_MAX} of {{camera}}, *, %f and %s in one name")]
    TooVariable {
        /// The part.
        part: String,
    },
}

/// A compiled template.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    parts: Vec<Vec<Token>>,
    zone: Zone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(String),
    Camera,
    Anything,
    Time(Field),
}

impl Template {
    /// Compiles the path below the root.
    pub fn new(text: &str, zone: Zone) -> Result<Self, TemplateError> {
        let parts = text
            .split('/')
            .map(compile)
            .collect::<Result<Vec<_>, _>>()?;
        if parts.len() > DEPTH_MAX {
            return Err(TemplateError::Depth { depth: parts.len() });
        }
        let count = parts
            .iter()
            .flatten()
            .filter(|t| **t == Token::Camera)
            .count();
        if count != 1 {
            return Err(TemplateError::CameraCount { count });
        }
        let has = |field| parts.iter().flatten().any(|t| *t == Token::Time(field));
        let year = has(Field::Year) || has(Field::YearOfCentury);
        if !(has(Field::Epoch) || year && has(Field::Month) && has(Field::Day)) {
            return Err(TemplateError::NoDate);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
            zone,
        })
    }
}

impl Template {
    fn read(&self, depth: usize, component: &str, before: &Named) -> Option<Named> {
        let tokens = self.parts.get(depth)?;
        // What a system hides is footage only where the template says so.
        let is_hidden = component.starts_with('.');
        if is_hidden
            && !matches!(tokens.first(), Some(Token::Literal(text)) if text.starts_with('.'))
        {
            return None;
        }
        let mut named = before.clone();
        matches(tokens, component, &mut named).then_some(named)
    }
}

impl Layout for Template {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn name(&self) -> String {
        format!("{PREFIX}{}", self.text)
    }

    fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        (depth + 1 < self.parts.len()).then(|| self.read(depth, name, before))?
    }

    fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        (depth + 1 == self.parts.len()).then(|| self.read(depth, name, before))?
    }

    fn has_no_folders(&self, depth: usize) -> bool {
        depth + 1 >= self.parts.len()
    }

    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn nominal_ms(&self) -> i64 {
        NOMINAL_MS
    }
}

fn compile(part: &str) -> Result<Vec<Token>, TemplateError> {
    if matches!(part, "" | "." | "..") {
        return Err(TemplateError::BadPart {
            part: part.to_owned(),
        });
    }
    let mut tokens = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("{camera}") {
            tokens.push(Token::Camera);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            tokens.push(Token::Anything);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('%') {
            let letter = after.chars().next();
            match letter.and_then(field) {
                Some(field) => tokens.push(Token::Time(field)),
                None if letter == Some('%') => push_literal(&mut tokens, "%"),
                None => {
                    let field = letter.map(String::from).unwrap_or_default();
                    return Err(TemplateError::UnknownField { field });
                }
            }
            rest = &after[letter.map_or(0, char::len_utf8)..];
        } else {
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| "%*{".contains(*c));
            let (literal, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            push_literal(&mut tokens, literal);
            rest = after;
        }
    }
    if tokens.iter().filter(|token| is_variable(token)).count() > VARIABLE_MAX {
        return Err(TemplateError::TooVariable {
            part: part.to_owned(),
        });
    }
    Ok(tokens)
}

fn push_literal(tokens: &mut Vec<Token>, text: &str) {
    match tokens.last_mut() {
        Some(Token::Literal(literal)) => literal.push_str(text),
        _ => tokens.push(Token::Literal(text.to_owned())),
    }
}

fn is_variable(token: &Token) -> bool {
    matches!(
        token,
        Token::Camera | Token::Anything | Token::Time(Field::Fraction | Field::Epoch)
    )
}

/// Whether the tokens spell the whole text; fills in what they tell when they do.
fn matches(tokens: &[Token], text: &str, named: &mut Named) -> bool {
    let Some((token, rest)) = tokens.split_first() else {
        return text.is_empty();
    };
    match token {
        Token::Literal(literal) => text
            .strip_prefix(literal.as_str())
            .is_some_and(|after| matches(rest, after, named)),
        Token::Camera => splits(text).any(|(camera, after)| {
            let fits = matches(rest, after, named);
            if fits {
                named.camera = Some(camera.to_owned());
            }
            fits
        }),
        Token::Anything => {
            matches(rest, text, named) || splits(text).any(|(_, after)| matches(rest, after, named))
        }
        Token::Time(field @ (Field::Fraction | Field::Epoch)) => {
            digits(text).any(|(value, after)| {
                matches(rest, after, named) && read_field(*field, value, &mut named.time)
            })
        }
        Token::Time(Field::Offset) => offset(text).is_some_and(|(seconds, after)| {
            named.time.offset_s = Some(seconds);
            matches(rest, after, named)
        }),
        Token::Time(field) => {
            let width = if *field == Field::Year { 4 } else { 2 };
            text.split_at_checked(width).is_some_and(|(value, after)| {
                read_field(*field, value, &mut named.time) && matches(rest, after, named)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> Template {
        Template::new(text, Zone::utc()).unwrap()
    }

    fn read(layout: &Template, path: &str) -> Option<(String, Instant)> {
        let mut named = Named::default();
        let parts: Vec<_> = path.split('/').collect();
        let (file, folders) = parts.split_last()?;
        for (depth, part) in folders.iter().enumerate() {
            named = layout.folder(depth, part, &named)?;
        }
        let named = layout.file(folders.len(), file, &named)?;
        Some((named.camera.clone()?, named.start(layout.zone(), None)?))
    }

    fn found(camera: &str, at: &str) -> (String, Instant) {
        (camera.to_owned(), Instant::parse(at).unwrap())
    }

    #[test]
    fn folders_and_names_tell_camera_and_start() {
        let layout = template("{camera}/%Y-%m-%d/%H-%M-%S.mp4");
        let read = read(&layout, "till 3/2026-11-23/08-15-00.mp4");
        assert_eq!(read.unwrap(), found("till 3", "2026-11-23T08:15:00Z"));
    }

    #[test]
    fn a_camera_may_stand_inside_a_name() {
        let layout = template("%Y%m%d/{camera}_%H%M%S_*.mp4");
        let read = read(&layout, "20261123/Hintertür_Nord_081500_17.mp4");
        assert_eq!(
            read.unwrap(),
            found("Hintertür_Nord", "2026-11-23T08:15:00Z")
        );
    }

    #[test]
    fn an_epoch_an_offset_and_a_fraction_are_read() {
        assert_eq!(
            read(&template("{camera}-%s.mp4"), "a-1795421700.mp4").unwrap(),
            found("a", "2026-11-23T08:15:00Z")
        );
        let layout = template("{camera}/%Y-%m-%dT%H:%M:%S.%f%z.mp4");
        assert_eq!(
            read(&layout, "a/2026-11-23T16:15:00.25+08:00.mp4").unwrap(),
            found("a", "2026-11-23T08:15:00.250Z")
        );
    }

    #[test]
    fn a_name_that_only_begins_right_is_not_footage() {
        let layout = template("{camera}/%Y-%m-%d.mp4");
        for path in [
            "a/2026-11-23.mp4.part",
            "a/2026-13-01.mp4",
            "a/2026-1-01.mp4",
            "/2026-11-23.mp4",
        ] {
            assert_eq!(read(&layout, path), None, "{path}");
        }
    }

    #[test]
    fn a_template_that_cannot_tell_is_refused_with_the_remedy() {
        let refused = |text: &str| Template::new(text, Zone::utc()).unwrap_err();
        assert_eq!(
            refused("%Y%m%d.mp4"),
            TemplateError::CameraCount { count: 0 }
        );
        assert_eq!(refused("{camera}/%H.mp4"), TemplateError::NoDate);
        assert_eq!(
            refused("{camera}/%Q"),
            TemplateError::UnknownField {
                field: "Q".to_owned()
            }
        );
        assert_eq!(
            refused("/{camera}/%s"),
            TemplateError::BadPart {
                part: String::new()
            }
        );
        assert!(matches!(
            refused("{camera}*%s"),
            TemplateError::TooVariable { .. }
        ));
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(name in "\\PC{0,40}", template_text in "[{}camera%YmdHMSfsz*/_.-]{0,30}") {
            if let Ok(layout) = Template::new(&template_text, Zone::utc()) {
                let _ = read(&layout, &name);
            }
            let _ = read(&template("{camera}_%Y%m%d%H%M%S*.mp4"), &name);
        }

        #[test]
        fn what_a_template_writes_it_reads(
            camera in "[a-zA-Z0-9 一-龥-]{1,20}", at in 0_i64..4_000_000_000,
        ) {
            let start = Instant::from_s(at);
            let stamp = start.timestamp().strftime("%Y%m%d_%H%M%S").to_string();
            let layout = template("{camera}/recording_%Y%m%d_%H%M%S.mp4");
            let found = read(&layout, &format!("{camera}/recording_{stamp}.mp4"));
            prop_assert_eq!(found, Some((camera, start)));
        }
    }
}
