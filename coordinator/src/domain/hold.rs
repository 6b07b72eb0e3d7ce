//! What may be held, for how long and why: pure.
//!
//! A hold names one camera and one stretch and never changes; what should be longer is another hold.
//! Whoever releases one says why, and both reasons stay. It must not know the store.

use keepwatch_common::interval::Interval;
use keepwatch_common::limits::HOLD_MS_MAX;
use keepwatch_common::time::{DAY_MS, Instant};

/// How far ahead a hold may end, in milliseconds: what is recorded later needs another.
pub const AHEAD_MS_MAX: i64 = 31 * DAY_MS;

/// Fewest and most characters of a reason.
pub const REASON_CHARS: (usize, usize) = (4, 500);

/// Why a stretch cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// It ends where it begins, or before.
    #[error("the stretch is empty; its end must lie after its beginning")]
    Empty,
    /// It is longer than one hold may be.
    #[error("the stretch is longer than 31 days; make several holds of it")]
    TooLong,
    /// It ends too far ahead.
    #[error("the stretch ends more than 31 days from now; hold what comes later when it comes")]
    TooFarAhead,
}

/// The stretch from one instant to another, when it may be held.
pub fn span(from: Instant, to: Instant, now: Instant) -> Result<Interval, SpanError> {
    let span = Interval::new(from, to).ok_or(SpanError::Empty)?;
    if span.ms() > HOLD_MS_MAX {
        return Err(SpanError::TooLong);
    }
    if to.since(now) > AHEAD_MS_MAX {
        return Err(SpanError::TooFarAhead);
    }
    Ok(span)
}

/// How a hold stands for people: what its agent told last, or that it told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It does what it is for.
    Success,
    /// It is on its way.
    Waiting,
    /// It does not, or not wholly.
    Failure,
    /// A person released it.
    Released,
}

impl Outcome {
    /// Of the word that its agent told last, of a hold that was released or not.
    pub fn of(standing: Option<&str>, is_released: bool) -> Self {
        match standing {
            _ if is_released => Self::Released,
            Some("kept" | "copied") => Self::Success,
            None | Some("making") => Self::Waiting,
            Some(_) => Self::Failure,
        }
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Waiting => "waiting",
            Self::Failure => "failure",
            Self::Released => "released",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_bounded_in_length_and_ahead() {
        let now = Instant::from_s(1_000_000_000);
        let day = DAY_MS;
        assert!(span(now - day, now + day, now).is_ok());
        assert_eq!(span(now, now, now), Err(SpanError::Empty));
        assert_eq!(span(now - 32 * day, now, now), Err(SpanError::TooLong));
        let ahead = span(now + 20 * day, now + 32 * day, now);
        assert_eq!(ahead, Err(SpanError::TooFarAhead));
    }

    #[test]
    fn only_what_is_wholly_kept_is_a_success() {
        let outcome = |word| Outcome::of(word, false);
        assert_eq!(outcome(Some("copied")), Outcome::Success);
        assert_eq!(outcome(None), Outcome::Waiting);
        for word in ["partly", "broken", "in_vault", "no_room", "refused", "?"] {
            assert_eq!(outcome(Some(word)), Outcome::Failure, "{word}");
        }
        assert_eq!(Outcome::of(Some("broken"), true), Outcome::Released);
    }
}
