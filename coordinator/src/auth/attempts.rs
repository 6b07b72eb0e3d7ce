//! How often a password may be tried: a few times at once, then slower and slower.
//!
//! Counted are a name together with the network it is tried from, and that network alone. The name
//! alone is not: otherwise a stranger could lock anybody out. A try is counted before the password is
//! checked, so that many at the same moment are not one. It is in memory: a restart forgives.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use keepwatch_common::clock::Tick;

/// Tries of one name from one network before waiting begins: people mistype.
const FREE_OF_NAME: u32 = 5;

/// Tries from one network before waiting begins: a whole office may share an address.
const FREE_OF_NETWORK: u32 = 30;

/// The first wait, in milliseconds; each further try doubles it.
const WAIT_MS: u64 = 1_000;

/// The longest wait of a name, in milliseconds: a quarter of an hour, a hundred guesses a day.
const WAIT_MS_MAX: u64 = 15 * 60 * 1_000;

/// The longest wait of a network, in milliseconds: everybody behind its address waits for one who
/// guesses, so it only slows that one down.
const NETWORK_WAIT_MS_MAX: u64 = 30 * 1_000;

/// Without a try for so long, all is forgotten: an hour, longer than the longest wait.
const FORGET_MS: u64 = 60 * 60 * 1_000;

/// Names and networks remembered at most, about 2 MB: whoever comes beyond that displaces the one
/// that was quiet for longest.
const REMEMBERED_MAX: usize = 10_000;

/// Most characters of a tried name that are remembered; no name is longer.
const NAME_CHARS_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Trier {
    network: IpAddr,
    name: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    failed: u32,
    last: Tick,
    free_at: Tick,
}

/// How long tries are borne.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Tries before waiting begins.
    free: u32,
    /// The longest wait, in milliseconds.
    wait_ms_max: u64,
}

const OF_NAME: Patience = Patience {
    free: FREE_OF_NAME,
    wait_ms_max: WAIT_MS_MAX,
};

const OF_NETWORK: Patience = Patience {
    free: FREE_OF_NETWORK,
    wait_ms_max: NETWORK_WAIT_MS_MAX,
};

/// What was tried lately.
#[derive(Debug, Default)]
pub struct Attempts {
    tries: Mutex<BTreeMap<Trier, Tries>>,
}

/// The next try is heard after so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; wait {} s and try again", .wait_ms.div_ceil(1_000))]
pub struct TooMany {
    /// Milliseconds, at least one.
    pub wait_ms: u64,
}

impl Attempts {
    /// Begins a try: counts it as failed until [`Attempts::succeeded`], or says how long to wait.
    pub fn begin(&self, name: &str, from: IpAddr, now: Tick) -> Result<(), TooMany> {
        let mut tries = self.lock();
        let who = triers(name, from);
        let wait_ms = who
            .iter()
            .filter_map(|(trier, _)| tries.get(trier))
            .map(|tried| tried.free_at.since(now))
            .max()
            .unwrap_or(0);
        if wait_ms > 0 {
            return Err(TooMany { wait_ms });
        }
        for (trier, patience) in who {
            make_room(&mut tries, now);
            let known = tries.entry(trier).or_insert(Tries {
                failed: 0,
                last: now,
                free_at: now,
            });
            if now.since(known.last) >= FORGET_MS {
                known.failed = 0;
            }
            known.failed = known.failed.saturating_add(1);
            known.last = now;
            known.free_at = now.after(patience.wait_ms_after(known.failed));
        }
        Ok(())
    }

    /// The try was right: the name is forgiven, the network gets this one try back.
    pub fn succeeded(&self, name: &str, from: IpAddr) {
        let mut tries = self.lock();
        for (trier, patience) in triers(name, from) {
            if trier.name.is_some() {
                tries.remove(&trier);
            } else if let Some(known) = tries.get_mut(&trier) {
                known.failed = known.failed.saturating_sub(1);
                known.free_at = known.last.after(patience.wait_ms_after(known.failed));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Trier, Tries>> {
        // Nothing panics while holding it; a poisoned map is still a whole map.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who tries, and how long that is borne.
fn triers(name: &str, from: IpAddr) -> [(Trier, Patience); 2] {
    let network = network(from);
    let name = name.trim().chars().take(NAME_CHARS_MAX);
    let name = Some(name.collect::<String>().to_lowercase());
    [
        (Trier { network, name }, OF_NAME),
        (
            Trier {
                network,
                name: None,
            },
            OF_NETWORK,
        ),
    ]
}

/// One household or office: an IPv4 address, or the 64 bits of an IPv6 network, whose owner has all
/// the addresses in it.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Patience {
    /// How long to wait after so many tries, in milliseconds.
    fn wait_ms_after(self, failed: u32) -> u64 {
        match failed.checked_sub(self.free) {
            None => 0,
            Some(beyond) => WAIT_MS
                .saturating_mul(1_u64.checked_shl(beyond).unwrap_or(u64::MAX))
                .min(self.wait_ms_max),
        }
    }
}

fn make_room(tries: &mut BTreeMap<Trier, Tries>, now: Tick) {
    if tries.len() < REMEMBERED_MAX {
        return;
    }
    tries.retain(|_, tried| now.since(tried.last) < FORGET_MS);
    if tries.len() < REMEMBERED_MAX {
        return;
    }
    let quiet = tries.iter().min_by_key(|(_, tried)| tried.last);
    if let Some(quiet) = quiet.map(|(trier, _)| trier.clone()) {
        tries.remove(&quiet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    /// Tries as soon as it is heard; how long it waited before each.
    fn waits(attempts: &Attempts, name: &str, times: usize) -> Vec<u64> {
        let mut now = Tick(0);
        let mut waits = Vec::new();
        for _ in 0..times {
            let wait_ms = match attempts.begin(name, HERE, now) {
                Ok(()) => 0,
                Err(TooMany { wait_ms }) => {
                    now = now.after(wait_ms);
                    attempts.begin(name, HERE, now).unwrap();
                    wait_ms
                }
            };
            waits.push(wait_ms);
        }
        waits
    }

    #[test]
    fn after_a_few_tries_each_wait_is_twice_the_last_one() {
        let waits = waits(&Attempts::default(), "wang", 9);
        assert_eq!(waits, [0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
    }

    #[test]
    fn no_wait_is_longer_than_a_quarter_of_an_hour() {
        let waits = waits(&Attempts::default(), "wang", 100);
        assert_eq!(waits.last(), Some(&WAIT_MS_MAX));
    }

    #[test]
    fn another_name_and_another_network_do_not_wait() {
        let attempts = Attempts::default();
        waits(&attempts, "wang", 6);
        assert!(attempts.begin("Wang ", HERE, Tick(1_000)).is_err());
        assert_eq!(attempts.begin("li", HERE, Tick(1_000)), Ok(()));
        assert_eq!(attempts.begin("wang", THERE, Tick(1_000)), Ok(()));
    }

    #[test]
    fn many_names_from_one_network_wait_too() {
        let attempts = Attempts::default();
        for number in 0..FREE_OF_NETWORK {
            attempts.begin(&number.to_string(), HERE, Tick(0)).unwrap();
        }
        assert_eq!(
            attempts.begin("li", HERE, Tick(0)),
            Err(TooMany { wait_ms: WAIT_MS })
        );
    }

    #[test]
    fn a_network_never_waits_longer_than_half_a_minute() {
        let attempts = Attempts::default();
        let mut now = Tick(0);
        for number in 0..FREE_OF_NETWORK + 40 {
            if let Err(TooMany { wait_ms }) = attempts.begin(&number.to_string(), HERE, now) {
                now = now.after(wait_ms);
                attempts.begin(&number.to_string(), HERE, now).unwrap();
            }
        }
        let wait_ms = NETWORK_WAIT_MS_MAX;
        assert_eq!(attempts.begin("li", HERE, now), Err(TooMany { wait_ms }));
        assert_eq!(attempts.begin("li", HERE, now.after(wait_ms)), Ok(()));
    }

    #[test]
    fn whoever_gets_in_is_forgiven() {
        let attempts = Attempts::default();
        waits(&attempts, "wang", 4);
        attempts.begin("wang", HERE, Tick(0)).unwrap();
        attempts.succeeded("wang", HERE);
        assert_eq!(waits(&attempts, "wang", 5), [0; 5]);
    }

    #[test]
    fn an_hour_without_a_try_forgives() {
        let attempts = Attempts::default();
        waits(&attempts, "wang", 7);
        let later = Tick(3_000 + FORGET_MS);
        for _ in 0..FREE_OF_NAME {
            attempts.begin("wang", HERE, later).unwrap();
        }
        assert!(attempts.begin("wang", HERE, later).is_err());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let one = "2001:db8::1".parse().unwrap();
        let other = "2001:db8::ffff:1:2:3".parse().unwrap();
        let foreign = "2001:db8:0:1::1".parse().unwrap();
        assert_eq!(network(one), network(other));
        assert_ne!(network(one), network(foreign));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), HERE);
    }

    #[test]
    fn a_flood_of_names_takes_a_bounded_memory() {
        let attempts = Attempts::default();
        for number in 0..u32::try_from(REMEMBERED_MAX).unwrap() + 50 {
            let from = IpAddr::V4(number.into());
            attempts
                .begin("wang", from, Tick(u64::from(number)))
                .unwrap();
        }
        assert!(attempts.lock().len() <= REMEMBERED_MAX);
    }
}
