//! The minutes that stand for recorded files: one drawn scene in every container, and one container
//! with everything a picture can be.
//!
//! They are compiled in; `tests/assets/encode-branch` says how they were made. Hikvision's and Dahua's
//! containers are put together here from the bare stream, as no free tool writes them.

use std::sync::LazyLock;

use super::{bare, dhav, program_stream};

/// How long each of them plays, in seconds.
pub const MINUTE_S: i64 = 60;

/// Seconds between key frames, and the length of a fragment.
pub const GROUP_S: i64 = 5;

/// What holds the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    /// MP4 with its index before its media.
    IndexFirst,
    /// MP4 with its index behind its media.
    IndexLast,
    /// MP4 in fragments.
    Fragmented,
    /// Matroska.
    Matroska,
    /// MPEG transport stream.
    TransportStream,
    /// MPEG program stream, as Hikvision writes it.
    ProgramStream,
    /// Dahua's frames.
    Dhav,
    /// AVI.
    Avi,
    /// H.264 without any container.
    Bare,
    /// Encrypted as a whole or its maker's secret: bytes that tell nothing.
    Encrypted,
}

/// What pictures show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// The scene as it should be.
    Scene,
    /// Nothing.
    Black,
    /// The scene, standing still.
    Frozen,
    /// The scene from where the camera should not look.
    Moved,
    /// A lower resolution.
    Small,
    /// A lower frame rate.
    Slow,
    /// Fewer and smaller frames: what is left when old footage is thinned.
    Thin,
}

impl Look {
    /// Everything but the scene itself.
    pub const ALL: [Self; 6] = [
        Self::Black,
        Self::Frozen,
        Self::Moved,
        Self::Small,
        Self::Slow,
        Self::Thin,
    ];

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Scene => include_bytes!("../../assets/branch/index-first.mp4"),
            Self::Black => include_bytes!("../../assets/branch/black.mp4"),
            Self::Frozen => include_bytes!("../../assets/branch/frozen.mp4"),
            Self::Moved => include_bytes!("../../assets/branch/moved.mp4"),
            Self::Small => include_bytes!("../../assets/branch/small.mp4"),
            Self::Slow => include_bytes!("../../assets/branch/slow.mp4"),
            Self::Thin => include_bytes!("../../assets/branch/thin.mp4"),
        }
    }
}

static PROGRAM_STREAM: LazyLock<Vec<u8>> = LazyLock::new(|| program_stream::of(bare::MINUTE));
static DHAV: LazyLock<Vec<u8>> = LazyLock::new(|| dhav::of(bare::MINUTE));

impl Container {
    /// A whole minute of this look. Only MP4 with its index first has other looks than the scene.
    pub fn minute(self, look: Look) -> &'static [u8] {
        match self {
            Self::IndexFirst => look.bytes(),
            Self::IndexLast => include_bytes!("../../assets/branch/index-last.mp4"),
            Self::Fragmented => include_bytes!("../../assets/branch/fragmented.mp4"),
            Self::Matroska => include_bytes!("../../assets/branch/minute.mkv"),
            Self::TransportStream => include_bytes!("../../assets/branch/minute.ts"),
            Self::Avi => include_bytes!("../../assets/branch/minute.avi"),
            Self::ProgramStream => &PROGRAM_STREAM,
            Self::Dhav => &DHAV,
            Self::Bare | Self::Encrypted => bare::MINUTE,
        }
    }

    /// Whether other looks than the scene can be had.
    pub fn has_looks(self) -> bool {
        self == Self::IndexFirst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_small_enough_to_be_copied_by_the_thousand() {
        let scene = |container: Container| container.minute(Look::Scene).len();
        for container in [
            Container::IndexFirst,
            Container::Fragmented,
            Container::Matroska,
            Container::TransportStream,
            Container::ProgramStream,
            Container::Dhav,
            Container::Avi,
        ] {
            assert!(scene(container) <= 48 * 1_024, "{container:?}");
        }
        for look in Look::ALL {
            assert_ne!(Container::IndexFirst.minute(look), Look::Scene.bytes());
        }
    }
}
