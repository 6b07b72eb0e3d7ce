//! The header around every message, and how a stream of bytes becomes frames.
//!
//! ```text
//! offset  size  what
//!      0     2  magic "KW"
//!      2     1  envelope version, 1
//!      3     1  codec of the payload, 1 = bincode 2 standard
//!      4     2  message type            all numbers little-endian
//!      6     2  message version
//!      8     2  flags, 0
//!     10     4  payload length
//!     14     4  CRC32C of bytes 0..14 and the payload
//!     18     n  payload
//! ```
//!
//! It must not know what a message means. A length is checked against the limit before a byte of the
//! payload is waited for, so that a stranger's header can reserve nothing.

use crate::limits::FRAME_PAYLOAD_BYTES_MAX;

/// Bytes of a header.
pub const HEADER_BYTES: usize = 18;

const MAGIC: [u8; 2] = *b"KW";
const ENVELOPE: u8 = 1;
/// bincode 2, standard configuration.
pub const CODEC_BINCODE: u8 = 1;

/// One message in its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What kind of message.
    pub message_type: u16,
    /// Which version of it.
    pub message_version: u16,
    /// How its payload is coded.
    pub codec: u8,
    /// The message.
    pub payload: Vec<u8>,
}

/// Why bytes are no frame. The stream cannot be trusted any more: where the next frame begins is not
/// known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not our protocol.
    #[error("the stream does not begin with a Keepwatch frame")]
    NotAFrame,
    /// A newer envelope.
    #[error("the frame's envelope is version {version}, this program knows {ENVELOPE}; upgrade it")]
    UnknownEnvelope {
        /// Which.
        version: u8,
    },
    /// Larger than allowed here.
    #[error("a frame announces {announced} bytes, at most {limit} are allowed here")]
    TooLarge {
        /// What the header says.
        announced: usize,
        /// What is allowed.
        limit: usize,
    },
    /// The bytes changed on their way.
    #[error("a frame's checksum does not match its bytes")]
    Damaged,
    /// The stream ended inside a frame.
    #[error("the stream ended {missing} bytes before its frame did")]
    Cut {
        /// At least so many bytes are missing.
        missing: usize,
    },
    /// A message that cannot be sent because it is too large.
    #[error("a message of {bytes} bytes does not fit a frame of {FRAME_PAYLOAD_BYTES_MAX}")]
    DoesNotFit {
        /// Its size.
        bytes: usize,
    },
}

impl Frame {
    /// The bytes to send.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FrameError> {
        let length = self.payload.len();
        if length > FRAME_PAYLOAD_BYTES_MAX {
            return Err(FrameError::DoesNotFit { bytes: length });
        }
        let announced =
            u32::try_from(length).map_err(|_| FrameError::DoesNotFit { bytes: length })?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + length);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[ENVELOPE, self.codec]);
        bytes.extend_from_slice(&self.message_type.to_le_bytes());
        bytes.extend_from_slice(&self.message_version.to_le_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&announced.to_le_bytes());
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes), &self.payload);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes.extend_from_slice(&self.payload);
        Ok(bytes)
    }
}

/// Collects a stream's bytes and gives whole frames.
#[derive(Debug)]
pub struct FrameReader {
    limit: usize,
    pending: Vec<u8>,
    taken: usize,
}

impl FrameReader {
    /// Accepts payloads up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.min(FRAME_PAYLOAD_BYTES_MAX),
            pending: Vec::new(),
            taken: 0,
        }
    }

    /// Adds bytes as they came. Take every frame before adding more: what is kept is then less than
    /// one frame and what was added.
    pub fn add(&mut self, bytes: &[u8]) {
        self.pending.drain(..self.taken);
        self.taken = 0;
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole frame, `None` when more bytes are needed.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let bytes = &self.pending[self.taken..];
        let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
            return check_beginning(bytes).map(|()| None);
        };
        check_beginning(header)?;
        let [
            _,
            _,
            _,
            codec,
            t0,
            t1,
            v0,
            v1,
            _,
            _,
            l0,
            l1,
            l2,
            l3,
            c0,
            c1,
            c2,
            c3,
        ] = *header;
        let announced = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        if announced > self.limit {
            return Err(FrameError::TooLarge {
                announced,
                limit: self.limit,
            });
        }
        let Some(payload) = bytes.get(HEADER_BYTES..HEADER_BYTES + announced) else {
            return Ok(None);
        };
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&header[..14]), payload);
        if checksum != u32::from_le_bytes([c0, c1, c2, c3]) {
            return Err(FrameError::Damaged);
        }
        let frame = Frame {
            message_type: u16::from_le_bytes([t0, t1]),
            message_version: u16::from_le_bytes([v0, v1]),
            codec,
            payload: payload.to_vec(),
        };
        self.taken += HEADER_BYTES + announced;
        Ok(Some(frame))
    }

    /// The stream has ended: nothing of a frame may be left.
    pub fn end(&self) -> Result<(), FrameError> {
        match self.pending.len() - self.taken {
            0 => Ok(()),
            left => Err(FrameError::Cut {
                missing: HEADER_BYTES.saturating_sub(left).max(1),
            }),
        }
    }
}

/// Refuses a wrong beginning as soon as it can be told.
fn check_beginning(bytes: &[u8]) -> Result<(), FrameError> {
    if !MAGIC
        .iter()
        .zip(bytes)
        .all(|(expected, found)| expected == found)
    {
        return Err(FrameError::NotAFrame);
    }
    match bytes.get(2) {
        Some(version) if *version != ENVELOPE => {
            Err(FrameError::UnknownEnvelope { version: *version })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(payload: Vec<u8>) -> Frame {
        Frame {
            message_type: 3,
            message_version: 1,
            codec: CODEC_BINCODE,
            payload,
        }
    }

    #[test]
    fn the_bytes_of_a_frame_never_change() {
        let bytes = frame(b"abc".to_vec()).to_bytes().unwrap();
        assert_eq!(
            bytes[..14],
            [b'K', b'W', 1, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0]
        );
        assert_eq!(bytes[18..], *b"abc");
    }

    #[test]
    fn an_announced_length_beyond_the_limit_is_refused_before_its_bytes_come() {
        let mut reader = FrameReader::new(10);
        reader.add(&frame(vec![0; 11]).to_bytes().unwrap()[..HEADER_BYTES]);
        let refused = reader.next_frame().unwrap_err();
        assert_eq!(
            refused,
            FrameError::TooLarge {
                announced: 11,
                limit: 10
            }
        );
    }

    #[test]
    fn another_protocol_is_refused_at_its_first_byte() {
        let mut reader = FrameReader::new(10);
        reader.add(b"G");
        assert_eq!(reader.next_frame().unwrap_err(), FrameError::NotAFrame);
    }

    #[test]
    fn a_stream_that_ends_inside_a_frame_was_cut() {
        let mut reader = FrameReader::new(10);
        reader.add(b"KW");
        assert_eq!(reader.next_frame(), Ok(None));
        assert!(matches!(reader.end(), Err(FrameError::Cut { .. })));
    }

    proptest! {
        #[test]
        fn frames_survive_every_way_to_cut_the_stream(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6),
            step in 1_usize..64,
        ) {
            let frames: Vec<_> = payloads.into_iter().map(frame).collect();
            let bytes: Vec<_> = frames.iter().flat_map(|f| f.to_bytes().unwrap()).collect();
            let (mut reader, mut read) = (FrameReader::new(1_000), Vec::new());
            for chunk in bytes.chunks(step) {
                reader.add(chunk);
                while let Some(frame) = reader.next_frame().unwrap() {
                    read.push(frame);
                }
            }
            prop_assert_eq!(reader.end(), Ok(()));
            prop_assert_eq!(read, frames);
        }

        #[test]
        fn one_changed_byte_is_always_noticed(
            payload in prop::collection::vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>(),
            flip in 1_u8..,
        ) {
            let original = frame(payload);
            let mut bytes = original.to_bytes().unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            let mut reader = FrameReader::new(1_000);
            reader.add(&bytes);
            // Either refused, or a longer frame is waited for: never taken for the original.
            if let Ok(found) = reader.next_frame() {
                prop_assert_eq!(found, None);
            }
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = FrameReader::new(100);
            reader.add(&bytes);
            while let Ok(Some(_)) = reader.next_frame() {}
        }
    }
}
