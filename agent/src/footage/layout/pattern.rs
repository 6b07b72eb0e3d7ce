//! A path with fields, compiled: what one component after the other tells.
//!
//! Fields: `%Y %m %d %H %M %S`, `%y` (two digits, 2000 to 2099), `%I %p` (hour of 12 and its half),
//! `%f` (fraction of the second), `%s` (seconds since 1970), `%z` (`Z`, `+hhmm`, `+hh:mm`), `%%`;
//! `{camera}`, or `{camera:number}` for digits alone; `{serial}`, a number that grows; `{a|b}` for
//! either word; `{end}`, after which `%H %M %S` are the end's; `{utc}`, which says that the fields are
//! in UTC; `*` for anything without a slash. Everything else is literal. A name must match to its last
//! byte. Whose path it is, is not its question.

use self::field::{Field, digits, field, half, offset, read_field, splits};
use super::DEPTH_MAX;
use crate::footage::named::{Named, TimeFields, TimeOfDay};

/// What letters stand for.
mod field;

/// Parts of variable length in one component, at most: matching tries every split.
const VARIABLE_MAX: usize = 2;

/// Words between one pair of braces at most; the longest list of containers has ten.
const WORDS_MAX: usize = 16;

/// What can be wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// `%` and a letter we do not know.
    #[error(
        "%{field} is not a field of a layout template; use %Y %m %d %H %M %S %I %p %y %f %s %z or %%"
    )]
    UnknownField {
        /// The letter, or nothing at the end.
        field: String,
    },
    /// Braces around what we do not know.
    #[error(
        "{{{word}}} is not known in a layout template; use {{camera}}, {{camera:number}}, {{serial}}, {{end}}, {{utc}} or {{this|that}}"
    )]
    UnknownWord {
        /// What stands between them.
        word: String,
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
    #[error(
        "“{part}” has more than {VARIABLE_MAX} of {{camera}}, {{serial}}, *, %f and %s in one name"
    )]
    TooVariable {
        /// The part.
        part: String,
    },
}

/// A compiled path.
#[derive(Debug, Clone)]
pub struct Pattern {
    parts: Vec<Vec<Token>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(String),
    OneOf(Vec<String>),
    Camera,
    CameraNumber,
    Serial,
    Anything,
    Utc,
    Time(Field),
    End(Field),
}

impl Pattern {
    /// Compiles the path below the root.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let parts = text
            .split('/')
            .map(compile)
            .collect::<Result<Vec<_>, _>>()?;
        if parts.len() > DEPTH_MAX {
            return Err(PatternError::Depth { depth: parts.len() });
        }
        Ok(Self { parts })
    }

    /// How many components it has, the file's own among them.
    pub fn depth(&self) -> usize {
        self.parts.len()
    }

    /// How many parts of a camera's name it has from that depth on.
    pub fn cameras_from(&self, depth: usize) -> usize {
        let rest = self.parts.iter().skip(depth).flatten();
        rest.filter(|token| matches!(token, Token::Camera | Token::CameraNumber))
            .count()
    }

    /// Whether it tells the day, or the second by itself.
    pub fn tells_day(&self) -> bool {
        let year = self.has(Field::Year) || self.has(Field::YearOfCentury);
        self.has(Field::Epoch) || year && self.has(Field::Month) && self.has(Field::Day)
    }

    /// Whether its names tell instants in any zone.
    pub fn tells_zone(&self) -> bool {
        let mut tokens = self.parts.iter().flatten();
        self.has(Field::Epoch)
            || self.has(Field::Offset)
            || tokens.any(|token| *token == Token::Utc)
    }

    /// How much its names are bound to: literal bytes and fields of time.
    pub fn weight(&self) -> usize {
        let weigh = |token: &Token| match token {
            Token::Literal(text) => text.len(),
            Token::OneOf(_) | Token::CameraNumber => 1,
            Token::Time(_) | Token::End(_) => 2,
            Token::Camera | Token::Serial | Token::Anything | Token::Utc => 0,
        };
        self.parts.iter().flatten().map(weigh).sum()
    }

    /// What a component tells beside what those before it told; parts of a camera's name are joined
    /// by slashes in [`Named::camera_parts`].
    pub fn read(&self, depth: usize, component: &str, before: &Named) -> Option<Named> {
        let tokens = self.parts.get(depth)?;
        // What a system hides is footage only where the pattern says so.
        let is_hidden = component.starts_with('.');
        if is_hidden
            && !matches!(tokens.first(), Some(Token::Literal(text)) if text.starts_with('.'))
        {
            return None;
        }
        let mut named = before.clone();
        matches(tokens, component, &mut named).then_some(named)
    }

    fn has(&self, field: Field) -> bool {
        let mut tokens = self.parts.iter().flatten();
        tokens.any(|token| *token == Token::Time(field))
    }
}

fn compile(part: &str) -> Result<Vec<Token>, PatternError> {
    if matches!(part, "" | "." | "..") {
        return Err(PatternError::BadPart {
            part: part.to_owned(),
        });
    }
    let mut tokens = Vec::new();
    let (mut rest, mut is_end) = (part, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('*') {
            tokens.push(Token::Anything);
            rest = after;
        } else if let Some((word, after)) = braced(rest) {
            match word {
                "end" => is_end = true,
                word => tokens.push(token(word)?),
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('%') {
            let letter = after.chars().next();
            match letter.and_then(field) {
                Some(field @ (Field::Hour | Field::Minute | Field::Second)) if is_end => {
                    tokens.push(Token::End(field));
                }
                Some(field) if !is_end => tokens.push(Token::Time(field)),
                None if letter == Some('%') => push_literal(&mut tokens, "%"),
                _ => {
                    let field = letter.map(String::from).unwrap_or_default();
                    return Err(PatternError::UnknownField { field });
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
        return Err(PatternError::TooVariable {
            part: part.to_owned(),
        });
    }
    Ok(tokens)
}

fn braced(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('{')?.split_once('}')
}

fn token(word: &str) -> Result<Token, PatternError> {
    match word {
        "camera" => Ok(Token::Camera),
        "camera:number" => Ok(Token::CameraNumber),
        "serial" => Ok(Token::Serial),
        "utc" => Ok(Token::Utc),
        _ => {
            let words: Vec<_> = word.split('|').map(str::to_owned).collect();
            if (2..=WORDS_MAX).contains(&words.len()) {
                return Ok(Token::OneOf(words));
            }
            Err(PatternError::UnknownWord {
                word: word.to_owned(),
            })
        }
    }
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
        Token::Camera
            | Token::CameraNumber
            | Token::Serial
            | Token::Anything
            | Token::Time(Field::Fraction | Field::Epoch)
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
        Token::OneOf(words) => words.iter().any(|word| {
            text.strip_prefix(word.as_str())
                .is_some_and(|after| matches(rest, after, named))
        }),
        Token::Camera => {
            splits(text).any(|(part, after)| matches(rest, after, named) && named_part(part, named))
        }
        Token::CameraNumber => {
            digits(text).any(|(part, after)| matches(rest, after, named) && named_part(part, named))
        }
        Token::Serial => digits(text).any(|(value, after)| {
            matches(rest, after, named) && {
                named.serial = value.parse().ok();
                named.serial.is_some()
            }
        }),
        Token::Anything => {
            matches(rest, text, named) || splits(text).any(|(_, after)| matches(rest, after, named))
        }
        Token::Utc => {
            named.time.offset_s = Some(0);
            matches(rest, text, named)
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
        Token::Time(Field::Half) => {
            half(text, &mut named.time).is_some_and(|after| matches(rest, after, named))
        }
        Token::Time(field) => {
            let width = if *field == Field::Year { 4 } else { 2 };
            text.split_at_checked(width).is_some_and(|(value, after)| {
                read_field(*field, value, &mut named.time) && matches(rest, after, named)
            })
        }
        Token::End(field) => text.split_at_checked(2).is_some_and(|(value, after)| {
            read_end(*field, value, named) && matches(rest, after, named)
        }),
    }
}

fn named_part(part: &str, named: &mut Named) -> bool {
    let joined = match named.camera_parts.take() {
        Some(parts) => format!("{parts}/{part}"),
        None => part.to_owned(),
    };
    named.camera_parts = Some(joined);
    true
}

fn read_end(field: Field, digits: &str, named: &mut Named) -> bool {
    let mut time = TimeFields::default();
    if !read_field(field, digits, &mut time) {
        return false;
    }
    let end = named.end.get_or_insert(TimeOfDay {
        hour: 0,
        minute: 0,
        second: 0,
    });
    match (time.hour, time.minute, time.second) {
        (Some(hour), _, _) => end.hour = hour,
        (_, Some(minute), _) => end.minute = minute,
        (_, _, Some(second)) => end.second = second,
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, name: &str) -> Option<Named> {
        Pattern::new(pattern)
            .unwrap()
            .read(0, name, &Named::default())
    }

    #[test]
    fn either_word_fits_and_a_third_does_not() {
        let pattern = "{camera}.{mp4|mkv}";
        assert!(read(pattern, "a.mp4").is_some() && read(pattern, "a.mkv").is_some());
        assert_eq!(read(pattern, "a.ts"), None);
    }

    #[test]
    fn an_hour_of_twelve_has_its_half_after_it() {
        let hour = |name| read("%I%p", name).and_then(|named| named.time.hour);
        assert_eq!(hour("12AM"), Some(0));
        assert_eq!(hour("12PM"), Some(12));
        assert_eq!(hour("07PM"), Some(19));
        assert_eq!((hour("13PM"), hour("07XM")), (None, None));
    }

    #[test]
    fn fields_after_the_end_word_are_the_ends() {
        let named = read("%H.%M-{end}%H.%M", "23.45-00.15").unwrap();
        assert_eq!((named.time.hour, named.time.minute), (Some(23), Some(45)));
        let end = named.end.unwrap();
        assert_eq!((end.hour, end.minute, end.second), (0, 15, 0));
    }

    #[test]
    fn a_number_is_digits_alone() {
        assert!(read("{camera:number}", "17").is_some());
        assert_eq!(read("{camera:number}", "17a"), None);
        assert_eq!(read("{serial}-*", "17-x").unwrap().serial, Some(17));
        // Larger than any counter.
        assert_eq!(read("{serial}-*", "99999999999999999999-x"), None);
    }

    #[test]
    fn words_in_braces_that_mean_nothing_are_refused() {
        assert_eq!(
            Pattern::new("{kamera}").unwrap_err(),
            PatternError::UnknownWord {
                word: "kamera".to_owned()
            }
        );
        assert!(Pattern::new("{end}%Y").is_err());
    }
}
