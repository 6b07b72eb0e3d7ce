//! When a notification that was not taken is due again, and when it is given up. Pure.

use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};

/// The first wait at most.
const FIRST_MS: i64 = 2_000;

/// The longest wait of our own choosing: a receiver that is back is told within this.
const LONGEST_MS: i64 = 10 * MINUTE_MS;

/// The longest wait that a receiver may ask for.
pub(super) const ASKED_MS_MAX: i64 = HOUR_MS;

/// A notification that was not taken for this long is given up: what nobody took within a day is
/// seen on the page, and news of yesterday must not hide those of today.
pub(super) const GIVE_UP_MS: i64 = DAY_MS;

/// How long to wait after so many tries: doubling, and spread over its upper half by `draw`, which is
/// any random number.
pub(super) fn wait_ms(attempts: i64, draw: u64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 30) - 1).unwrap_or(0);
    let ceiling = (FIRST_MS << doublings).min(LONGEST_MS);
    let half = ceiling / 2;
    half + i64::try_from(draw % u64::try_from(half + 1).unwrap_or(1)).unwrap_or(0)
}

/// When it is due again; none when it is given up.
pub(super) fn due_again(
    created_at: Instant,
    attempts: i64,
    asked_ms: Option<i64>,
    now: Instant,
    draw: u64,
) -> Option<Instant> {
    if now.since(created_at) >= GIVE_UP_MS {
        return None;
    }
    let own = wait_ms(attempts, draw);
    let asked = asked_ms.unwrap_or(0).clamp(0, ASKED_MS_MAX);
    Some(now + own.max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        assert_eq!(wait_ms(1, 0), 1_000);
        assert_eq!(wait_ms(2, 0), 2_000);
        assert_eq!(wait_ms(3, 2_000), 6_000);
        for attempts in [12, 100, i64::MAX] {
            assert_eq!(wait_ms(attempts, 0), LONGEST_MS / 2);
            assert!(wait_ms(attempts, u64::MAX) <= LONGEST_MS);
        }
    }

    #[test]
    fn what_nobody_took_for_a_day_is_given_up() {
        let created = Instant::from_s(1_000);
        let again = |now| due_again(created, 5, None, now, 0);
        assert!(again(created + GIVE_UP_MS - 1).is_some());
        assert_eq!(again(created + GIVE_UP_MS), None);
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_it_up_to_an_hour() {
        let now = Instant::from_s(1_000);
        let asked = |ms| due_again(now, 1, Some(ms), now, 0).unwrap().since(now);
        assert_eq!(asked(120_000), 120_000);
        assert_eq!(asked(10), 1_000);
        assert_eq!(asked(i64::MAX), HOUR_MS);
        assert_eq!(asked(-5), 1_000);
    }
}
