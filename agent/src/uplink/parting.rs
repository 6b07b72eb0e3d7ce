//! What follows the end of a connection, or of a try to make one.
//!
//! Pure: from why it ended to how it is to be sought again.

use keepwatch_common::clock::Tick;
use keepwatch_common::wire::agent_session::Ending;

use super::call::{CallEnd, Welcome};
use super::dialler::Unreached;
use super::endpoint::Refusal;
use super::link::LinkEnd;
use super::pacing::Away;

/// The wire's reasons of a good-bye after which only a person can help: revoked, protocol too old.
const FINAL_REASONS: [u8; 2] = [1, 2];

/// The end of a connection; `welcome` when the coordinator had let us in.
pub(super) fn after_call(end: &CallEnd, welcome: Option<&Welcome>, now: Tick) -> Away {
    match end {
        CallEnd::Renewed | CallEnd::AnotherLife => Away::Changing,
        CallEnd::Link(LinkEnd::Refused(refusal)) if needs_a_person(*refusal) => Away::Refused,
        CallEnd::Over(Ending::NoCommonProtocol) => Away::Refused,
        CallEnd::Over(Ending::Goodbye {
            reason,
            return_within_ms,
        }) => {
            if FINAL_REASONS.contains(reason) {
                Away::Refused
            } else {
                Away::Dismissed {
                    window_ms: *return_within_ms,
                }
            }
        }
        _ => welcome.map_or(Away::Unreached, |welcome| Away::Lost {
            lasted_ms: now.since(welcome.tick),
            window_ms: welcome.window_ms,
        }),
    }
}

/// A try that reached nobody.
pub(super) fn after_dial(unreached: &Unreached) -> Away {
    match unreached.refusal() {
        Some(refusal) if needs_a_person(refusal) => Away::Refused,
        _ => Away::Unreached,
    }
}

/// The refusal, when that ended a connection.
pub(super) fn refusal(end: &CallEnd) -> Option<Refusal> {
    match end {
        CallEnd::Link(LinkEnd::Refused(refusal)) => Some(*refusal),
        _ => None,
    }
}

/// Whether trying again is of no use before a person acts.
fn needs_a_person(refusal: Refusal) -> bool {
    match refusal {
        Refusal::Revoked | Refusal::Expired | Refusal::OtherAuthority | Refusal::Protocol => true,
        // Another coordinator of the list, or the same one repaired, may do.
        Refusal::Coordinator | Refusal::NotOurs => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::offset::CoordinatorTime;
    use super::*;

    fn goodbye(reason: u8) -> CallEnd {
        CallEnd::Over(Ending::Goodbye {
            reason,
            return_within_ms: 30_000,
        })
    }

    #[test]
    fn a_revoked_or_outdated_agent_waits_for_a_person() {
        for reason in FINAL_REASONS {
            assert_eq!(after_call(&goodbye(reason), None, Tick(0)), Away::Refused);
        }
        let revoked = CallEnd::Link(LinkEnd::Refused(Refusal::Revoked));
        assert_eq!(after_call(&revoked, None, Tick(0)), Away::Refused);
    }

    #[test]
    fn a_restarting_coordinator_is_sought_inside_its_window() {
        let dismissed = Away::Dismissed { window_ms: 30_000 };
        assert_eq!(after_call(&goodbye(0), None, Tick(0)), dismissed);
    }

    #[test]
    fn only_a_connection_that_was_welcomed_can_be_lost() {
        let welcome = Welcome {
            tick: Tick(1_000),
            window_ms: 9,
            time: CoordinatorTime::heard(0, 0, Tick(1_000)),
        };
        let silent = CallEnd::Over(Ending::NoAck);
        assert_eq!(
            after_call(&silent, Some(&welcome), Tick(61_000)),
            Away::Lost {
                lasted_ms: 60_000,
                window_ms: 9
            }
        );
        assert_eq!(
            after_call(&CallEnd::Over(Ending::NoWelcome), None, Tick(61_000)),
            Away::Unreached
        );
    }

    #[test]
    fn who_renews_is_back_at_once() {
        assert_eq!(after_call(&CallEnd::Renewed, None, Tick(0)), Away::Changing);
    }
}
