//! Payload bytes to messages and back. The one file that names the codec.
//!
//! The codec, bincode 2, aborts the process on a few hostile bytes when it is used without a limit,
//! and ignores bytes that follow a message. So a limit is always set, and every byte must be used.
//! It is not self-describing and is not maintained any more: that is why the frame names it, and why
//! no other file does.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::frame::{CODEC_BINCODE, Frame};
use crate::limits::{
    FRAME_PAYLOAD_BYTES_MAX, INTENTION_BYTES_MAX, JOIN_PAYLOAD_BYTES_MAX, OBSERVATION_BYTES_MAX,
};

/// Why a payload is no message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Coded in a way this program does not know.
    #[error(
        "a message is coded with codec {codec}, this program knows {CODEC_BINCODE}; upgrade it"
    )]
    UnknownCodec {
        /// Which.
        codec: u8,
    },
    /// Not the message it says it is.
    #[error("message type {message_type} version {message_version} cannot be read")]
    Unreadable {
        /// The type in the envelope.
        message_type: u16,
        /// The version in the envelope.
        message_version: u16,
        /// Why.
        #[source]
        source: bincode::error::DecodeError,
    },
    /// An observation that cannot be read.
    #[error("a stored observation cannot be read")]
    UnreadableObservation(#[source] bincode::error::DecodeError),
    /// An intention that cannot be read.
    #[error("an intention cannot be read")]
    UnreadableIntention(#[source] bincode::error::DecodeError),
    /// More bytes than the message has.
    #[error("{extra} bytes follow the end of a message")]
    TrailingBytes {
        /// How many.
        extra: usize,
    },
}

/// Why a message cannot be coded: it is too large, or of a shape the codec refuses.
#[derive(Debug, thiserror::Error)]
#[error("a message cannot be coded")]
pub struct EncodeError(#[source] bincode::error::EncodeError);

/// How large a decoded message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Between agent and coordinator that know each other.
    Known,
    /// From a stranger who wants to join.
    Stranger,
}

/// Puts a message into a frame.
pub fn to_frame<M: Serialize>(
    message_type: u16,
    message_version: u16,
    message: &M,
) -> Result<Frame, EncodeError> {
    let payload = encode(message)?;
    Ok(Frame {
        message_type,
        message_version,
        codec: CODEC_BINCODE,
        payload,
    })
}

/// Takes a message out of a frame.
pub fn from_frame<M: DeserializeOwned>(frame: &Frame, bound: Bound) -> Result<M, DecodeError> {
    if frame.codec != CODEC_BINCODE {
        return Err(DecodeError::UnknownCodec { codec: frame.codec });
    }
    let decoded = match bound {
        Bound::Known => decode::<M, FRAME_PAYLOAD_BYTES_MAX>(&frame.payload),
        Bound::Stranger => decode::<M, JOIN_PAYLOAD_BYTES_MAX>(&frame.payload),
    };
    let (message, used) = decoded.map_err(|source| DecodeError::Unreadable {
        message_type: frame.message_type,
        message_version: frame.message_version,
        source,
    })?;
    all_used(message, used, frame.payload.len())
}

/// Codes one observation for the spool.
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, EncodeError> {
    bincode::serde::encode_to_vec(message, bincode::config::standard()).map_err(EncodeError)
}

/// Reads one observation back from the spool.
pub fn decode_observation<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, DecodeError> {
    let (message, used) =
        decode::<M, OBSERVATION_BYTES_MAX>(bytes).map_err(DecodeError::UnreadableObservation)?;
    all_used(message, used, bytes.len())
}

/// Reads one intention.
pub fn decode_intention<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, DecodeError> {
    let (message, used) =
        decode::<M, INTENTION_BYTES_MAX>(bytes).map_err(DecodeError::UnreadableIntention)?;
    all_used(message, used, bytes.len())
}

/// Reads a whole list of intentions back from a file.
pub fn decode_desired<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, DecodeError> {
    let (message, used) =
        decode::<M, FRAME_PAYLOAD_BYTES_MAX>(bytes).map_err(DecodeError::UnreadableIntention)?;
    all_used(message, used, bytes.len())
}

fn decode<M: DeserializeOwned, const LIMIT: usize>(
    bytes: &[u8],
) -> Result<(M, usize), bincode::error::DecodeError> {
    bincode::serde::decode_from_slice(bytes, bincode::config::standard().with_limit::<LIMIT>())
}

fn all_used<M>(message: M, used: usize, length: usize) -> Result<M, DecodeError> {
    match length - used {
        0 => Ok(message),
        extra => Err(DecodeError::TrailingBytes { extra }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame_of(payload: Vec<u8>) -> Frame {
        Frame {
            message_type: 1,
            message_version: 1,
            codec: CODEC_BINCODE,
            payload,
        }
    }

    #[test]
    fn a_length_that_lies_is_refused_and_reserves_nothing() {
        // A text of 2^40 bytes: nine bytes that abort a decoder without a limit.
        let mut payload = vec![253];
        payload.extend_from_slice(&(1_u64 << 40).to_le_bytes());
        let refused = from_frame::<String>(&frame_of(payload), Bound::Known).unwrap_err();
        assert!(
            matches!(refused, DecodeError::Unreadable { .. }),
            "{refused}"
        );
    }

    #[test]
    fn bytes_after_the_message_are_refused() {
        let mut frame = to_frame(1, 1, &"abc").unwrap();
        frame.payload.push(0);
        let refused = from_frame::<String>(&frame, Bound::Known).unwrap_err();
        assert!(
            matches!(refused, DecodeError::TrailingBytes { extra: 1 }),
            "{refused}"
        );
    }

    #[test]
    fn a_stranger_may_say_less() {
        let frame = to_frame(1, 1, &"x".repeat(JOIN_PAYLOAD_BYTES_MAX + 1)).unwrap();
        assert!(from_frame::<String>(&frame, Bound::Stranger).is_err());
        assert!(from_frame::<String>(&frame, Bound::Known).is_ok());
    }

    #[test]
    fn another_codec_is_named() {
        let frame = Frame {
            codec: 9,
            ..to_frame(1, 1, &1_u8).unwrap()
        };
        let refused = from_frame::<u8>(&frame, Bound::Known).unwrap_err();
        assert!(refused.to_string().contains("codec 9"), "{refused}");
    }
}
