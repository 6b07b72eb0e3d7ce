//! Why a decoder gives no picture. It travels from the child, so it is made of numbers only.

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It uses tools that the decoder does not know: interlaced pictures, other colours.
    #[error("it is coded with tools that this decoder does not know")]
    Unsupported,
    /// It is not what its codec prescribes.
    #[error("it is damaged")]
    Damaged,
    /// Nothing in it is a whole picture.
    #[error("it holds no whole picture")]
    NoPicture,
    /// It does not say how large it is.
    #[error("it holds no parameter set that tells its size")]
    NoParameters,
    /// It says that it is larger than is decoded.
    #[error("it says that it is {width} × {height} pixels, more than is decoded")]
    TooLarge {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The decoder failed of itself.
    #[error("the decoder failed on it")]
    Broken,
}

/// Bytes of a refusal on the pipe.
pub(super) const REFUSAL_BYTES: usize = 9;

impl Refusal {
    /// Whether another decoder may do better.
    pub fn is_worth_another(self) -> bool {
        !matches!(self, Self::TooLarge { .. } | Self::NoParameters)
    }

    pub(super) fn to_bytes(self) -> [u8; REFUSAL_BYTES] {
        let (code, width, height) = match self {
            Self::Unsupported => (1, 0, 0),
            Self::Damaged => (2, 0, 0),
            Self::NoPicture => (3, 0, 0),
            Self::NoParameters => (4, 0, 0),
            Self::TooLarge { width, height } => (5, width, height),
            Self::Broken => (6, 0, 0),
        };
        let mut bytes = [code; REFUSAL_BYTES];
        bytes[1..5].copy_from_slice(&u32::to_le_bytes(width));
        bytes[5..].copy_from_slice(&u32::to_le_bytes(height));
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (code, sides) = bytes.split_first()?;
        let [width, height] = *sides.as_chunks().0.as_array()?;
        let (width, height) = (u32::from_le_bytes(width), u32::from_le_bytes(height));
        let refusal = match code {
            1 => Self::Unsupported,
            2 => Self::Damaged,
            3 => Self::NoPicture,
            4 => Self::NoParameters,
            5 => Self::TooLarge { width, height },
            6 => Self::Broken,
            _ => return None,
        };
        Some(refusal)
    }
}
