//! `ffmpeg` for what our decoders refuse: a process for one picture, started through this program,
//! so that it is confined before it begins.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::confine::confine_for_program;
use super::process::{Coming, Deadline, Process, TalkError};
use crate::picture::frame::{Codec, KeyFrame};
use crate::picture::raster::Picture;

/// Longest side of what it answers, in pixels: it shrinks the picture itself, so that this process
/// never holds more than six megabytes of it.
const SIDE_MAX: usize = 1_920;

/// Bytes of the line before the picture at most; it has about eighty.
const LINE_BYTES_MAX: usize = 256;

/// What begins a picture.
const FRAME: &[u8] = b"FRAME\n";

/// How its options name the codecs.
impl Codec {
    pub(super) fn option(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::H265 => "hevc",
        }
    }
}

/// Becomes `ffmpeg`, confined. Returns only if that fails.
pub fn become_ffmpeg(program: &Path, codec: Codec) -> io::Error {
    let confinement = confine_for_program();
    if !confinement.seccomp {
        return io::Error::from(io::ErrorKind::PermissionDenied);
    }
    Command::new(program)
        .args(["-hide_banner", "-nostdin", "-loglevel", "quiet"])
        .args(["-threads", "1", "-filter_threads", "1"])
        .args(["-protocol_whitelist", "pipe", "-f", codec.option()])
        .args(["-i", "pipe:0", "-map", "0:v:0", "-frames:v", "1", "-vf"])
        .arg(
            "scale=w='min(1920,iw)':h='min(1920,ih)':force_original_aspect_ratio=decrease\
             :force_divisible_by=2:flags=area",
        )
        .args(["-pix_fmt", "yuv420p", "-threads", "1"])
        .args(["-f", "yuv4mpegpipe", "pipe:1"])
        .exec()
}

/// Decodes one key frame.
pub(super) fn decode(
    through: &Path,
    role: &[&OsStr],
    key: KeyFrame<'_>,
    deadline: Deadline<'_>,
) -> Result<Shrunk, TalkError> {
    let mut process = Process::start(Command::new(through).args(role)).map_err(TalkError::Pipes)?;
    let bytes = process.exchange(&[key.annexb], true, coming, deadline)?;
    Shrunk::of(bytes).ok_or(TalkError::Wrong)
}

fn coming(bytes: &[u8]) -> Coming {
    match Head::of(bytes) {
        Ok(Some(head)) if bytes.len() >= head.end() => Coming::Whole,
        Ok(_) => Coming::More,
        Err(()) => Coming::Wrong,
    }
}

/// What the line before the picture says.
#[derive(Debug, Clone, Copy)]
struct Head {
    width: usize,
    height: usize,
    /// Where the picture begins.
    start: usize,
}

/// The head is none.
type NoHead = ();

impl Head {
    /// `Ok(None)` when the line is not whole.
    fn of(bytes: &[u8]) -> Result<Option<Self>, NoHead> {
        let seen = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
        let Some(line_end) = seen.iter().position(|byte| *byte == b'\n') else {
            return if seen.len() < LINE_BYTES_MAX {
                Ok(None)
            } else {
                Err(())
            };
        };
        let line = str::from_utf8(&seen[..line_end]).map_err(|_| ())?;
        let rest = line.strip_prefix("YUV4MPEG2 ").ok_or(())?;
        let side = |letter: char| {
            let mut words = rest.split(' ');
            let told = words.find_map(|word| word.strip_prefix(letter));
            let side = told.and_then(|digits| digits.parse::<usize>().ok());
            side.filter(|side| (2..=SIDE_MAX).contains(side) && side % 2 == 0)
        };
        let (width, height) = (side('W').ok_or(())?, side('H').ok_or(())?);
        let after = &bytes[line_end + 1..];
        let begun = after.len().min(FRAME.len());
        if after[..begun] != FRAME[..begun] {
            return Err(());
        }
        Ok(Some(Self {
            width,
            height,
            start: line_end + 1 + FRAME.len(),
        }))
    }

    fn end(self) -> usize {
        self.start + self.width * self.height * 3 / 2
    }
}

/// A picture of 8 bits, 4:2:0, at most 1 920 pixels wide and high.
#[derive(Debug)]
pub(super) struct Shrunk {
    head: Head,
    bytes: Vec<u8>,
}

impl Shrunk {
    fn of(bytes: Vec<u8>) -> Option<Self> {
        let head = Head::of(&bytes).ok().flatten()?;
        (bytes.len() >= head.end()).then_some(Self { head, bytes })
    }
}

impl Picture for Shrunk {
    fn size(&self) -> (usize, usize) {
        (self.head.width, self.head.height)
    }

    fn luma(&self, y: usize, row: &mut [u8]) {
        let Head { width, start, .. } = self.head;
        row.copy_from_slice(&self.bytes[start + y * width..][..width]);
    }

    fn chroma(&self, x: usize, y: usize) -> (u8, u8) {
        let Head {
            width,
            height,
            start,
        } = self.head;
        let quarter = width * height / 4;
        let at = start + width * height + y / 2 * (width / 2) + x / 2;
        (self.bytes[at], self.bytes[at + quarter])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_picture_is_whole_when_all_of_it_has_come() {
        let head = b"YUV4MPEG2 W4 H2 F25:1 Ip A1:1 C420mpeg2\nFRAME\n";
        let mut bytes = head.to_vec();
        assert_eq!(coming(&bytes), Coming::More);
        bytes.extend([10, 20, 30, 40, 50, 60, 70, 80, 1, 2, 3]);
        assert_eq!(coming(&bytes), Coming::More);
        bytes.push(4);
        assert_eq!(coming(&bytes), Coming::Whole);
        let picture = Shrunk::of(bytes).unwrap();
        let mut row = [0; 4];
        picture.luma(1, &mut row);
        assert_eq!((picture.size(), row), ((4, 2), [50, 60, 70, 80]));
        assert_eq!(
            (picture.chroma(0, 0), picture.chroma(3, 1)),
            ((1, 3), (2, 4))
        );
    }

    #[test]
    fn heads_that_claim_too_much_are_wrong() {
        for head in [
            "YUV4MPEG2 W40000 H2 C420\nFRAME\n",
            "YUV4MPEG2 W0 H2\nFRAME\n",
            "YUV4MPEG2 W4\nFRAME\n",
            "YUV4MPEG2 W4 H2\nfrAME\n",
            "P5 4 2 255\n",
        ] {
            assert_eq!(coming(head.as_bytes()), Coming::Wrong, "{head}");
        }
        assert_eq!(coming(&[b'Y'; LINE_BYTES_MAX]), Coming::Wrong);
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let whole = coming(&bytes) == Coming::Whole;
            prop_assert_eq!(Shrunk::of(bytes).is_some(), whole);
        }
    }
}
