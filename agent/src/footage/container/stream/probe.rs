//! Codec, picture and parameter sets of a stream, told by the first bytes of its pictures.
//!
//! The container may name the codec; otherwise units that only one family has decide. It must not know
//! where the bytes came from.

use crate::footage::container::nal::{Family, Unit, between_codes};
use crate::footage::container::sps::{self, Sequence};
use crate::footage::container::structure::Codec;

/// Bytes of the beginning of a picture that are looked at: parameter sets stand first.
const LOOK_BYTES: usize = 1024;

/// Pictures that are looked at before giving up: the longest distance between key frames in use, ten
/// seconds at thirty a second.
const PICTURES_MAX: u32 = 300;

/// What the beginnings of pictures told.
#[derive(Debug, Default)]
pub(in crate::footage::container) struct Probe {
    buffer: Vec<u8>,
    pictures: u32,
    /// The codec, if the container named it.
    named: Option<Codec>,
    family: Option<Family>,
    sequence: Option<Sequence>,
    sets: Vec<Vec<u8>>,
}

impl Probe {
    /// How many more bytes of this picture are wanted.
    pub(in crate::footage::container) fn wants(&self) -> usize {
        let readable = self.named.is_none_or(|codec| Family::of(codec).is_some());
        if !readable || self.sequence.is_some() || self.pictures >= PICTURES_MAX {
            return 0;
        }
        LOOK_BYTES - self.buffer.len().min(LOOK_BYTES)
    }

    /// Takes what the container says the codec is.
    pub(in crate::footage::container) fn name(&mut self, codec: Option<Codec>) {
        self.named = codec;
        self.family = codec.and_then(Family::of).or(self.family);
    }

    /// Takes bytes of the picture that is looked at.
    pub(in crate::footage::container) fn take(&mut self, bytes: &[u8]) {
        let wanted = self.wants().min(bytes.len());
        self.buffer.extend(bytes.get(..wanted).unwrap_or_default());
    }

    /// Takes the beginning of a stream that has no packets.
    pub(in crate::footage::container) fn take_all(&mut self, bytes: &[u8]) {
        if let Some(family) = guess(bytes) {
            for (_, unit) in between_codes(bytes) {
                self.look(family, unit);
            }
        }
    }

    /// The picture is over: looks at what was taken of it.
    pub(in crate::footage::container) fn close(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        self.pictures = self.pictures.saturating_add(1);
        let buffer = std::mem::take(&mut self.buffer);
        if let Some(family) = self.family.or_else(|| guess(&buffer)) {
            for (_, unit) in between_codes(&buffer) {
                self.look(family, unit);
            }
        }
        self.buffer = buffer;
        self.buffer.clear();
    }

    fn look(&mut self, family: Family, unit: &[u8]) {
        match family.unit(unit) {
            Unit::Sequence if self.sequence.is_none() => {
                self.sequence = sps::read(family, unit);
                if self.sequence.is_some() {
                    self.family = Some(family);
                    self.sets.push(unit.to_vec());
                }
            }
            // Those of video come first, those of pictures behind the sequence.
            Unit::Video if self.sequence.is_none() && self.sets.is_empty() => {
                self.sets.push(unit.to_vec());
            }
            Unit::Picture if self.sequence.is_some() && self.sets.len() < SETS_MAX => {
                self.sets.push(unit.to_vec());
            }
            _ => {}
        }
    }

    /// The codec, by the container's word or by the units.
    pub(in crate::footage::container) fn codec(&self) -> Option<Codec> {
        self.named.or_else(|| self.family.map(Family::codec))
    }

    /// The family of the units.
    pub(in crate::footage::container) fn family(&self) -> Option<Family> {
        self.family
    }

    /// What the sequence parameters say.
    pub(in crate::footage::container) fn sequence(&self) -> Option<Sequence> {
        self.sequence
    }

    /// The parameter sets that were seen first, in the order a decoder wants them.
    pub(in crate::footage::container) fn sets(&self) -> &[Vec<u8>] {
        &self.sets
    }
}

/// Most parameter sets that are kept: encoders write one of each kind, some two of pictures.
const SETS_MAX: usize = 8;

/// The family that these units can only be of: its sequence parameters are readable.
fn guess(bytes: &[u8]) -> Option<Family> {
    let is = |family: Family| {
        let mut units = between_codes(bytes).map(|(_, unit)| unit);
        units.any(|unit| family.unit(unit) == Unit::Sequence && sps::read(family, unit).is_some())
    };
    // The head of H.265's has a second byte of one, which is no profile of H.264.
    let hevc = between_codes(bytes).any(|(_, unit)| unit.starts_with(&[0x42, 0x01]));
    [Family::Hevc, Family::Avc]
        .into_iter()
        .find(|family| (*family == Family::Avc || hevc) && is(*family))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start code and sequence parameters of 160x120.
    const AVC: [u8; 29] = [
        0, 0, 0, 1, 0x67, 0x64, 0x00, 0x0a, 0xac, 0xb4, 0x14, 0x23, 0xf2, 0xe0, 0x22, 0x00, 0x00,
        0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x28, 0x1e, 0x24, 0x4d, 0x40,
    ];

    #[test]
    fn a_stream_that_nobody_named_is_told_by_its_sequence() {
        let mut probe = Probe::default();
        probe.take(&AVC);
        probe.close();
        assert_eq!(probe.codec(), Some(Codec::H264));
        assert_eq!(
            probe.sequence().map(|found| found.picture),
            Some((160, 120))
        );
        assert_eq!((probe.sets().len(), probe.wants()), (1, 0));
    }

    #[test]
    fn pictures_of_other_codecs_are_not_looked_at() {
        let mut probe = Probe::default();
        probe.name(Some(Codec::Mpeg4));
        assert_eq!(probe.wants(), 0);
        assert_eq!(probe.codec(), Some(Codec::Mpeg4));
    }

    #[test]
    fn a_stream_without_parameters_is_given_up() {
        let mut probe = Probe::default();
        for _ in 0..PICTURES_MAX {
            probe.take(&[0, 0, 1, 0x41, 0x9a]);
            probe.close();
        }
        assert_eq!((probe.wants(), probe.codec()), (0, None));
    }
}
