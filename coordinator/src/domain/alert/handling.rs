//! What people do to an alert. Whether they may is the concern of roles.
//!
//! What still fails cannot be closed: it can be acknowledged, snoozed or given to somebody. Closing
//! says that nothing is left to do, and stands for ever.

use keepwatch_common::time::{HOUR_MS, Instant};

use super::state::{Alert, Condition, Handling};

/// Longest snooze: three days. What must be silent for longer needs another policy, not a snooze.
pub const SNOOZE_MS_MAX: i64 = 72 * HOUR_MS;

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// I have seen it.
    Acknowledge,
    /// Be silent for a while.
    Snooze {
        /// Until when.
        until: Instant,
    },
    /// See to it.
    Assign {
        /// Who is to.
        to: String,
    },
    /// Nothing is left to do.
    Close,
}

/// Why an act is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandlingError {
    /// Nobody was told of it yet.
    #[error("this alert is still pending; it can be handled once it fires")]
    StillPending,
    /// It was closed.
    #[error("this alert is closed; if it fails again, a new one is raised")]
    Closed,
    /// It still fails, or nobody knows.
    #[error("this alert still stands; acknowledge, snooze or assign it until it recovered")]
    StillStands,
    /// It is over.
    #[error("this alert recovered; acknowledge or close it, there is nothing to be silent about")]
    Recovered,
    /// It was acknowledged or is in hand.
    #[error("this alert is in hand already")]
    InHand,
    /// The end of a snooze is in the past or too far away.
    #[error("a snooze ends in the future, within 72 hours")]
    SnoozeLength,
    /// Nobody is named.
    #[error("name the person who is to see to it")]
    Nobody,
}

impl Alert {
    /// The alert after somebody's act; condition and notices are not touched by it.
    pub fn handled(self, act: Act, by: &str, now: Instant) -> Result<Self, HandlingError> {
        if self.condition == Condition::Pending {
            return Err(HandlingError::StillPending);
        }
        if matches!(self.handling, Handling::Closed { .. }) {
            return Err(HandlingError::Closed);
        }
        let stands = self.condition != Condition::Recovered;
        let by = by.to_owned();
        let handling = match act {
            Act::Acknowledge => match self.handling {
                Handling::New | Handling::Snoozed { .. } => Handling::Acknowledged { by },
                _ => return Err(HandlingError::InHand),
            },
            Act::Snooze { .. } if !stands => return Err(HandlingError::Recovered),
            Act::Snooze { until } if !(1..=SNOOZE_MS_MAX).contains(&until.since(now)) => {
                return Err(HandlingError::SnoozeLength);
            }
            Act::Snooze { until } => Handling::Snoozed { by, until },
            Act::Assign { to } if to.trim().is_empty() => return Err(HandlingError::Nobody),
            Act::Assign { to } => Handling::Assigned { by, to },
            Act::Close if stands => return Err(HandlingError::StillStands),
            Act::Close => Handling::Closed { by: Some(by) },
        };
        Ok(Self {
            handling,
            changed_at: now,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Instant {
        Instant::from_s(1_800_000_000)
    }

    fn alert(condition: Condition, handling: Handling) -> Alert {
        Alert {
            condition,
            handling,
            since: now(),
            changed_at: now(),
        }
    }

    fn handled(condition: Condition, act: Act) -> Result<&'static str, HandlingError> {
        alert(condition, Handling::New)
            .handled(act, "wang", now())
            .map(|alert| alert.handling.word())
    }

    fn snooze(ms: i64) -> Act {
        Act::Snooze { until: now() + ms }
    }

    #[test]
    fn everything_that_was_told_can_be_acknowledged() {
        for condition in [Condition::Firing, Condition::Unknown, Condition::Recovered] {
            assert_eq!(handled(condition, Act::Acknowledge), Ok("acknowledged"));
        }
        assert_eq!(
            handled(Condition::Pending, Act::Acknowledge),
            Err(HandlingError::StillPending)
        );
    }

    #[test]
    fn what_stands_cannot_be_closed() {
        for condition in [Condition::Firing, Condition::Unknown] {
            assert_eq!(
                handled(condition, Act::Close),
                Err(HandlingError::StillStands)
            );
        }
        assert_eq!(handled(Condition::Recovered, Act::Close), Ok("closed"));
    }

    #[test]
    fn a_snooze_is_for_what_stands_and_three_days_at_most() {
        assert_eq!(handled(Condition::Firing, snooze(1)), Ok("snoozed"));
        for ms in [0, -1, SNOOZE_MS_MAX + 1] {
            assert_eq!(
                handled(Condition::Firing, snooze(ms)),
                Err(HandlingError::SnoozeLength)
            );
        }
        assert_eq!(
            handled(Condition::Recovered, snooze(1)),
            Err(HandlingError::Recovered)
        );
    }

    #[test]
    fn an_assignment_names_somebody() {
        let assign = |to: &str| Act::Assign { to: to.to_owned() };
        assert_eq!(handled(Condition::Firing, assign("li")), Ok("assigned"));
        assert_eq!(
            handled(Condition::Firing, assign(" ")),
            Err(HandlingError::Nobody)
        );
    }

    #[test]
    fn a_closed_alert_stays_closed_and_one_in_hand_is_not_acknowledged_again() {
        let closed = alert(Condition::Recovered, Handling::Closed { by: None });
        assert_eq!(
            closed.handled(Act::Acknowledge, "wang", now()),
            Err(HandlingError::Closed)
        );
        let by = "li".to_owned();
        let seen = alert(Condition::Firing, Handling::Acknowledged { by });
        assert_eq!(
            seen.handled(Act::Acknowledge, "wang", now()),
            Err(HandlingError::InHand)
        );
    }
}
