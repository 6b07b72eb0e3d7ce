//! Decoder configurations: the parameter sets that MP4, Matroska and Flash keep beside the samples,
//! and how long the lengths inside a sample are.
//!
//! It must not know where a configuration was found.

use super::nal::Family;

/// Longest configuration that is read; encoders write some hundred bytes.
pub(super) const CONFIG_BYTES_MAX: usize = 64 * 1024;

/// Most parameter sets of one kind; the counts have five bits in H.264, and encoders write one each.
const SETS_MAX: u16 = 64;

/// What a configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) family: Family,
    /// Bytes of the length before each unit in a sample: one to four.
    pub(super) width: usize,
    /// The parameter sets, in the order a decoder wants them.
    pub(super) sets: Vec<Vec<u8>>,
}

impl Config {
    /// Reads the configuration of this family; `None` when it is cut or no version that is known.
    pub(super) fn read(family: Family, bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..CONFIG_BYTES_MAX).unwrap_or(bytes);
        let mut sets = Vec::new();
        let width = match family {
            Family::Avc => {
                let [1, _, _, _, width, count, rest @ ..] = bytes else {
                    return None;
                };
                let rest = take_sets(rest, u16::from(count & 0x1f), &mut sets)?;
                let (count, rest) = rest.split_first()?;
                take_sets(rest, u16::from(*count), &mut sets)?;
                width
            }
            Family::Hevc => {
                // Writers of old left the version zero.
                let ([0 | 1, ..], rest) = bytes.split_at_checked(21)? else {
                    return None;
                };
                let [width, arrays, rest @ ..] = rest else {
                    return None;
                };
                let mut rest = rest;
                for _ in 0..*arrays {
                    let [_kind, high, low, behind @ ..] = rest else {
                        return None;
                    };
                    rest = take_sets(behind, u16::from_be_bytes([*high, *low]), &mut sets)?;
                }
                width
            }
        };
        Some(Self {
            family,
            width: usize::from(width & 3) + 1,
            sets,
        })
    }
}

/// Takes `count` sets, each behind its length; gives what follows.
fn take_sets<'b>(mut bytes: &'b [u8], count: u16, sets: &mut Vec<Vec<u8>>) -> Option<&'b [u8]> {
    if count > SETS_MAX {
        return None;
    }
    for _ in 0..count {
        let [high, low, rest @ ..] = bytes else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (set, behind) = rest.split_at_checked(length)?;
        sets.push(set.to_vec());
        bytes = behind;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVC: [u8; 14] = [1, 66, 0, 30, 0xff, 0xe1, 0, 2, 0x67, 66, 1, 0, 1, 0x68];

    #[test]
    fn a_configuration_of_either_family_gives_its_sets() {
        let config = Config::read(Family::Avc, &AVC).unwrap();
        assert_eq!(
            (config.width, config.sets),
            (4, vec![vec![0x67, 66], vec![0x68]])
        );
        let mut hevc = vec![1; 21];
        hevc.extend([0xfd, 1, 0x20, 0, 1, 0, 2, 0x40, 1]);
        let config = Config::read(Family::Hevc, &hevc).unwrap();
        assert_eq!((config.width, config.sets), (2, vec![vec![0x40, 1]]));
    }

    #[test]
    fn a_configuration_cut_anywhere_is_none() {
        for len in 0..AVC.len() {
            assert_eq!(Config::read(Family::Avc, &AVC[..len]), None, "{len}");
        }
    }
}
