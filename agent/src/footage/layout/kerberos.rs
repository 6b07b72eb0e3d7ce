//! Kerberos's recordings: names that tell the epoch, and once they are closed, how long they last.
//!
//! Names are read from both ends, because what stands between is the camera's own name. While a file
//! is open its length is left out or zero. A file that is encrypted as a whole is no less a
//! recording.

use keepwatch_common::time::{SECOND_MS, Zone};

use super::{About, Layout, Told, ZoneRule};
use crate::footage::named::{Named, TimeFields};

/// Folders below the agent's own that hold its recordings.
pub const INNER: [&str; 2] = ["data/recordings", "recordings"];

/// What people should know of it.
pub const ABOUT: About = About {
    name: "kerberos",
    maker: "Kerberos.io agent",
    pattern: "{epoch}_{digits}-{ms}_{camera}_{region}_{changes}_{length}.mp4",
    zone: ZoneRule::Epoch,
    told: Told::StartAndEnd,
    deletes: "by size, or until 5 % are free, uploaded recordings first",
    holds: "nothing",
};

/// Continuous recordings are cut at half a minute unless configured otherwise.
const NOMINAL_MS: i64 = 30 * SECOND_MS;

/// Digits of milliseconds; more of them are microseconds, as old versions wrote.
const MILLISECOND_DIGITS: usize = 3;

/// The folder that the agent records to.
#[derive(Debug)]
pub struct Kerberos {
    zone: Zone,
}

impl Kerberos {
    /// The zone is kept for people; names need none.
    pub fn new(zone: Zone) -> Self {
        Self { zone }
    }
}

impl Layout for Kerberos {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn folder(&self, _depth: usize, _name: &str, _before: &Named) -> Option<Named> {
        None
    }

    fn file(&self, depth: usize, name: &str, _before: &Named) -> Option<Named> {
        (depth == 0).then(|| read(name))?
    }

    fn has_no_folders(&self, _depth: usize) -> bool {
        true
    }

    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn nominal_ms(&self) -> i64 {
        NOMINAL_MS
    }
}

fn read(name: &str) -> Option<Named> {
    let stem = name.strip_suffix(".mp4")?;
    // An open continuous recording's name ends where its length is going to stand.
    let stem = stem.strip_suffix('_').unwrap_or(stem);
    let (epoch, rest) = stem.split_once('_')?;
    let (fraction, rest) = rest.split_once('_')?;
    let (rest, length) = rest.rsplit_once('_')?;
    let camera = match named_before(rest) {
        Some(camera) => camera,
        // A recording that was begun for motion tells nothing after its name but a zero.
        None if length == "0" => rest,
        None => return None,
    };
    let epoch_ms = number(epoch)?.checked_mul(SECOND_MS)?;
    let length_ms = number(length)?;
    if camera.is_empty() {
        return None;
    }
    Some(Named {
        camera: Some(camera.to_owned()),
        time: TimeFields {
            epoch_ms: Some(epoch_ms.checked_add(milliseconds(fraction)?)?),
            ..TimeFields::default()
        },
        length_ms: (length_ms > 0).then_some(length_ms),
        is_open: length_ms == 0,
        ..Named::default()
    })
}

/// The camera before a region and a number of changes.
fn named_before(text: &str) -> Option<&str> {
    let (rest, changes) = text.rsplit_once('_')?;
    let (camera, region) = rest.rsplit_once('_')?;
    (is_region(region) && is_number(changes)).then_some(camera)
}

/// Milliseconds of `<how many digits>-<digits>`, whose leading zeros were not written.
fn milliseconds(fraction: &str) -> Option<i64> {
    let (digits, value) = fraction.split_once('-')?;
    let (digits, value) = (usize::try_from(number(digits)?).ok()?, number(value)?);
    match digits {
        ..=MILLISECOND_DIGITS => (value < SECOND_MS).then_some(value),
        _ => (value < SECOND_MS * SECOND_MS).then_some(value / SECOND_MS),
    }
}

/// Whether it is four numbers with dashes between.
fn is_region(text: &str) -> bool {
    text.split('-').count() == 4 && text.split('-').all(|part| number(part).is_some())
}

fn is_number(text: &str) -> bool {
    number(text.strip_prefix('-').unwrap_or(text)).is_some()
}

fn number(text: &str) -> Option<i64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_closed_recording_tells_its_length() {
        let named = read("1795421700_3-250_back_door_0-0-0-0_-1_30016.mp4").unwrap();
        assert_eq!(named.camera.as_deref(), Some("back_door"));
        let start = named.start(&Zone::utc(), None).unwrap();
        assert_eq!(start, Instant::parse("2026-11-23T08:15:00.250Z").unwrap());
        assert_eq!(named.end(&Zone::utc(), start), Some(start + 30_016));
        assert!(!named.is_open);
    }

    #[test]
    fn both_kinds_of_open_recording_say_so() {
        for name in [
            "1795421700_3-250_back_door_0-0-0-0_0_0_.mp4",
            "1795421700_3-250_back_door_0.mp4",
            "1795421700_3-250_back_door_0-0-0-0_0_0.mp4",
        ] {
            let Some(named) = read(name) else {
                panic!("{name}");
            };
            assert!(named.is_open && named.length_ms.is_none(), "{name}");
            assert_eq!(named.camera.as_deref(), Some("back_door"), "{name}");
        }
    }

    #[test]
    fn other_files_are_not_footage() {
        for name in [
            "1795421700.mp4",
            "1795421700_3-250_a_0-0-0-0_-1_x.mp4",
            "a_3-250_a_0-0-0-0_-1_30016.mp4",
            "1795421700_3-250_a_0-0-0-0_-1_30016.jpg",
            "99999999999999999999_3-250_a_0-0-0-0_-1_30016.mp4",
            "1795421700_3-250__0-0-0-0_-1_30016.mp4",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_kerberos_writes_is_read_back(
            at in 0_i64..4_000_000_000, ms in 0_i64..1_000, camera in "[a-z][a-z0-9_-]{0,12}",
            length in 1_i64..900_000,
        ) {
            let digits = ms.to_string().len();
            let name = format!("{at}_{digits}-{ms}_{camera}_0-0-640-480_-1_{length}.mp4");
            let named = read(&name).unwrap();
            prop_assert_eq!(named.camera.as_deref(), Some(camera.as_str()));
            prop_assert_eq!(named.time.epoch_ms, Some(at * 1_000 + ms));
            prop_assert_eq!(named.length_ms, Some(length));
        }

        #[test]
        fn no_name_makes_it_panic(name in "[0-9_a.mp4-]{0,40}") {
            let _ = read(&name);
        }
    }
}
