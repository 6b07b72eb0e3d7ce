//! Hikvision's cards and network storage: a ring of files of one size, each with the footage of many
//! stretches one behind the other, and an index that alone tells which bytes are of when.
//!
//! All times in the index are seconds since 1970. Files are of one size from the beginning, so none of
//! them is ever empty or cut; bits can turn over in any stretch.

use std::path::Path;

use keepwatch_common::time::{Instant, SECOND_MS};

use super::{Laid, LayError, Place, Recorder, dice};
use crate::branch::damage::{Made, made};
use crate::branch::media::Container;
use crate::branch::scenario::{Fault, Scenario};
use crate::branch::take::{Condition, Take};

/// Bytes of one file of the ring: cards have 256 MiB, most of it holes here.
const FILE_BYTES: u32 = 1 << 20;

/// Stretches that the index has room for in one file.
const STRETCHES_MAX: usize = 256;

/// Files of the ring.
const FILES: u32 = 8;

/// Bytes of the index's head, of what it says of a file, and of a stretch.
const HEAD_BYTES: usize = 1_280;
const FILE_ENTRY_BYTES: usize = 32;
const STRETCH_BYTES: usize = 80;

/// A camera's own channel.
const CHANNEL: u16 = 1;

/// What stands for a channel in the entry of a file that holds nothing yet.
const NO_CHANNEL: u16 = 0xffff;

/// A camera's card, or its folder on network storage.
#[derive(Debug, Clone, Copy)]
pub struct Hikvision;

/// A file of the ring: its bytes, and the stretches in them.
#[derive(Debug, Default)]
struct Ring {
    bytes: Vec<u8>,
    stretches: Vec<(u32, u32, Take)>,
}

impl Recorder for Hikvision {
    fn name(&self) -> &'static str {
        "hikvision"
    }

    fn place(&self, folder: &Path) -> Place {
        Place {
            root: folder.to_owned(),
            layout: "hikvision".to_owned(),
            zone: None,
            index: None,
        }
    }

    fn container(&self) -> Container {
        Container::ProgramStream
    }

    fn shows(&self, fault: &Fault) -> bool {
        matches!(
            fault,
            Fault::Gap { .. }
                | Fault::ClockForward
                | Fault::ClockBack
                | Fault::Doubled
                | Fault::SlowCamera { .. }
                | Fault::Stopped
                | Fault::Relic { .. }
                | Fault::File(Condition::IndexFlipped | Condition::MediaFlipped)
        )
    }

    fn camera(&self, name: &str, _nth: usize) -> String {
        format!("{name}/{CHANNEL}")
    }

    fn lay(&self, folder: &Path, scenario: &Scenario) -> Result<Vec<Laid>, LayError> {
        let mut laid = Vec::new();
        for (camera, takes) in scenario.takes() {
            let data = folder.join(&camera).join("datadir0");
            fs_err::create_dir_all(&data)?;
            let ring = ring(scenario, &takes);
            for (nth, file) in ring.iter().enumerate() {
                let name = format!("hiv{nth:05}.mp4");
                fs_err::write(data.join(&name), &file.bytes)?;
                let whole = fs_err::OpenOptions::new()
                    .write(true)
                    .open(data.join(&name))?;
                whole.set_len(u64::from(FILE_BYTES))?;
                for (from, _, take) in &file.stretches {
                    let path = format!("{camera}/datadir0/{name}#{from}");
                    let camera = self.camera(&camera, nth);
                    laid.push(Laid::of(camera, path, take, &minute(scenario, take), true));
                }
            }
            fs_err::write(data.join("index00.bin"), index(&ring))?;
        }
        Ok(laid)
    }
}

/// A take's stretch of a file.
fn minute(scenario: &Scenario, take: &Take) -> Made {
    let mut dice = dice(scenario, take);
    made(
        Container::ProgramStream,
        take.look,
        take.condition,
        &mut dice,
    )
}

/// The files that hold these takes one behind the other.
fn ring(scenario: &Scenario, takes: &[Take]) -> Vec<Ring> {
    let room = usize::try_from(FILE_BYTES).unwrap_or(usize::MAX);
    let mut ring = vec![Ring::default()];
    for take in takes {
        let minute = minute(scenario, take).bytes;
        let full = ring.last().is_none_or(|file| {
            file.bytes.len() + minute.len() > room || file.stretches.len() == STRETCHES_MAX
        });
        if full {
            ring.push(Ring::default());
        }
        if let Some(file) = ring.last_mut() {
            let from = u32::try_from(file.bytes.len()).unwrap_or(u32::MAX);
            file.bytes.extend_from_slice(&minute);
            let to = u32::try_from(file.bytes.len()).unwrap_or(u32::MAX);
            file.stretches.push((from, to, take.clone()));
        }
    }
    ring
}

/// The index of a ring: its head, an entry for each file, the stretches of each file.
fn index(ring: &[Ring]) -> Vec<u8> {
    let last = u32::try_from(ring.len()).unwrap_or(FILES).saturating_sub(1);
    let mut index = Vec::new();
    index.extend_from_slice(&1_u64.to_le_bytes());
    for number in [2, FILES, last + 1, last] {
        index.extend_from_slice(&number.to_le_bytes());
    }
    index.resize(HEAD_BYTES, 0);
    for number in 0..FILES {
        let file = ring.get(usize::try_from(number).unwrap_or(usize::MAX));
        index.extend_from_slice(&entry(number, file));
    }
    for number in 0..FILES {
        let file = ring.get(usize::try_from(number).unwrap_or(usize::MAX));
        let end = index.len() + STRETCHES_MAX * STRETCH_BYTES;
        for (from, to, take) in file.into_iter().flat_map(|file| &file.stretches) {
            index.extend_from_slice(&stretch(*from, *to, take));
        }
        index.resize(end, 0);
    }
    index
}

fn entry(number: u32, file: Option<&Ring>) -> Vec<u8> {
    let mut entry = number.to_le_bytes().to_vec();
    let channel = if file.is_some() { CHANNEL } else { NO_CHANNEL };
    entry.extend_from_slice(&channel.to_le_bytes());
    let stretches = file.map_or(&[][..], |file| &file.stretches);
    let count = u16::try_from(stretches.len()).unwrap_or(u16::MAX);
    entry.extend_from_slice(&count.to_le_bytes());
    let start = stretches
        .first()
        .map_or(0, |(_, _, take)| seconds(take.start));
    let end = stretches
        .last()
        .map_or(0, |(_, _, take)| seconds(take.end()));
    for time in [start, end] {
        entry.extend_from_slice(&u32::try_from(time).unwrap_or(0).to_le_bytes());
    }
    entry.resize(FILE_ENTRY_BYTES, 0);
    entry
}

fn stretch(from: u32, to: u32, take: &Take) -> Vec<u8> {
    let mut stretch = vec![0; 8];
    for time in [take.start, take.end(), take.start] {
        stretch.extend_from_slice(&seconds(time).to_le_bytes());
    }
    stretch.extend_from_slice(&[0; 8]);
    for place in [from, to] {
        stretch.extend_from_slice(&place.to_le_bytes());
    }
    stretch.resize(STRETCH_BYTES, 0);
    stretch
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.ms().div_euclid(SECOND_MS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_as_long_as_its_head_says() {
        let scenario = Scenario::healthy(Instant::from_s(1_700_000_000), 4 * 3_600);
        let (_, takes) = scenario.takes().swap_remove(0);
        let ring = ring(&scenario, &takes);
        assert!(ring.len() > 1, "more than one file");
        let files = usize::try_from(FILES).unwrap();
        let stretches = files * STRETCHES_MAX * STRETCH_BYTES;
        assert_eq!(
            index(&ring).len(),
            HEAD_BYTES + files * FILE_ENTRY_BYTES + stretches
        );
        let held: usize = ring.iter().map(|file| file.stretches.len()).sum();
        assert_eq!(held, takes.len());
    }
}
