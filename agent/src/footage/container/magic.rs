//! Telling containers apart by the first bytes of a file.
//!
//! What is not known is named so, and never called damaged. It must not know what follows the first
//! bytes.

use super::structure::Container;

/// Bytes that are enough to tell every container here: three transport stream packets with time
/// codes.
pub(super) const MAGIC_BYTES: usize = 3 * 192;

/// What a file looks like from its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// A box that can open an MP4 file.
    Mp4,
    /// Another container, or none that is known.
    Foreign(Container),
    /// Nothing but zeros.
    Zeros,
}

/// The boxes that writers put first. Frigate, ffmpeg, MediaMTX and `ZLMediaKit` start with
/// `ftyp`; Kerberos with `free` while it records; `QuickTime` writers with `wide`, `mdat`, `skip` or `moov`;
/// segments of a live stream with `styp`, `sidx`, `moof`, `prft` or `emsg`.
const FIRST_BOXES: [&[u8; 4]; 12] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof", b"sidx", b"prft",
    b"emsg", b"pdin",
];

/// Tells from `head`, the first bytes of a file: [`MAGIC_BYTES`] of them, or all there are.
pub(super) fn looks(head: &[u8]) -> Looks {
    if head.iter().all(|byte| *byte == 0) {
        return Looks::Zeros;
    }
    if head
        .get(4..8)
        .is_some_and(|kind| FIRST_BOXES.iter().any(|first| *first == kind))
    {
        return Looks::Mp4;
    }
    Looks::Foreign(match head {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Container::Matroska,
        // Hikvision puts a header of its own before the program stream.
        [0, 0, 1, 0xba, ..] | [b'I', b'M', b'K', b'H', ..] => Container::MpegPs,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => Container::Avi,
        [b'F', b'L', b'V', 1, ..] => Container::Flv,
        [b'D', b'H', b'A' | b'I', b'V' | b'I', ..] | [b'D', b'A', b'H', b'U', b'A', ..] => {
            Container::Dhav
        }
        [0, 0, 0, 1, rest @ ..] | [0, 0, 1, rest @ ..] if unit(rest) => Container::AnnexB,
        _ if packets(head, 0, 188) || packets(head, 4, 192) => Container::MpegTs,
        _ => Container::Unknown,
    })
}

/// Whether these bytes behind a start code are what an encoder writes first: parameters, a delimiter, or
/// information about what follows.
fn unit(rest: &[u8]) -> bool {
    match rest {
        [0x27 | 0x47 | 0x67, profile, ..] => *profile != 1,
        [0x06, kind, ..] => *kind < 0x80,
        [0x09, kind, ..] => kind & 0x1f == 0x10,
        [0x40 | 0x42 | 0x46 | 0x4e, 1, ..] => true,
        _ => false,
    }
}

/// Whether transport stream packets of this length start at `first`: three in a row, or as many as
/// there are, since one sync byte alone is any text with a G.
fn packets(head: &[u8], first: usize, length: usize) -> bool {
    let mut syncs = head.iter().skip(first).step_by(length).take(3);
    head.len() > first + length && syncs.all(|byte| *byte == 0x47)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(head: &[u8]) -> Container {
        match looks(head) {
            Looks::Foreign(container) => container,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn containers_are_told_by_their_first_bytes() {
        assert_eq!(looks(b"\0\0\0\x20ftypisom"), Looks::Mp4);
        assert_eq!(looks(&[0; 100]), Looks::Zeros);
        assert_eq!(foreign(b"\x1a\x45\xdf\xa3rest"), Container::Matroska);
        assert_eq!(foreign(b"\0\0\x01\xbarest"), Container::MpegPs);
        assert_eq!(foreign(b"IMKHrest"), Container::MpegPs);
        assert_eq!(foreign(b"RIFF....AVI LIST"), Container::Avi);
        assert_eq!(foreign(b"FLV\x01rest"), Container::Flv);
        assert_eq!(foreign(b"DHAVrest"), Container::Dhav);
        assert_eq!(foreign(b"\0\0\0\x01\x67\x64\0\x0a"), Container::AnnexB);
        assert_eq!(foreign(b"\0\0\x01\x40\x01\x0c"), Container::AnnexB);
        assert_eq!(foreign(b"\0\0\x01\xb3rest"), Container::Unknown);
        assert_eq!(foreign(b"Salted__rest"), Container::Unknown);
    }

    #[test]
    fn a_transport_stream_needs_its_sync_bytes_in_a_row() {
        let mut stream = vec![0xff; 600];
        for at in [0, 188, 376] {
            stream[at] = 0x47;
        }
        assert_eq!(foreign(&stream), Container::MpegTs);
        stream[188] = 0;
        assert_eq!(foreign(&stream), Container::Unknown);
        assert_eq!(foreign(b"Good morning"), Container::Unknown);
    }
}
