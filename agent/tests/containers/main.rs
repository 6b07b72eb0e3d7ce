//! Recordings in other containers than MP4, that real writers left or a maker here made: what the
//! structure check says of them, whole and damaged, and the key frames they give.
//!
//! Times and counts are what `ffprobe` 5.1 says of the same files. The maker and the case stand in the
//! name of each; `*_killed` were left by `kill -9`.

use keepwatch_agent::footage::container::{Checker, Codec, Container, Structure};

mod damaged;
mod frames;
mod indexed;
mod maker;
mod streams;

/// A file in the folder of test data.
macro_rules! recorded {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../testdata/container/", $name)),
        )
    };
}
pub(crate) use recorded;

type Named = (&'static str, &'static [u8]);

/// What a file is and holds.
#[derive(Clone, Copy)]
struct Known {
    file: Named,
    container: Container,
    codec: Codec,
    duration_ms: i64,
    /// Frames in a thousand seconds.
    rate: u32,
}

const fn known(file: Named, container: Container, duration_ms: i64) -> Known {
    Known {
        file,
        container,
        codec: Codec::H264,
        duration_ms,
        rate: 10_000,
    }
}

const fn of(codec: Codec, known: Known) -> Known {
    Known { codec, ..known }
}

fn check(checker: &mut Checker, file: &[u8]) -> Structure {
    match checker.check(&file, u64::try_from(file.len()).unwrap_or(0)) {
        Ok(found) => found,
        Err(error) => panic!("{error}"),
    }
}

fn checked(file: &[u8]) -> Structure {
    check(&mut Checker::new(), file)
}

/// Asserts that a file is what is known of it.
fn assert_known(known: &Known, found: &Structure) {
    let (name, file) = known.file;
    let what = (found.container, found.codec, found.picture);
    let expected = (known.container, Some(known.codec), Some((160, 120)));
    assert_eq!(what, expected, "{name}: {}", found.detail);
    assert_eq!(found.duration_ms, Some(known.duration_ms), "{name}");
    assert_eq!(found.frame_rate(), Some(known.rate), "{name}");
    let bits = u64::try_from(file.len()).unwrap_or(0) * 8_000;
    let ms = u64::try_from(known.duration_ms).unwrap_or(1);
    assert_eq!(found.bitrate(), Some(bits / ms), "{name}");
}
