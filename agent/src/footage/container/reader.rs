//! Reading a file here and there, within a budget: the one place that asks for bytes.
//!
//! A window of fixed size holds the part of the file that is being looked at, so no length in a file
//! decides how much memory is taken.
//! It must not know what the bytes mean.

use std::cell::Cell;
use std::fmt;
use std::io;

use super::detail::{Detail, Flaw, Unread};
use super::structure::Cost;

/// Bytes that can be looked at without reading again. The movie of five minutes of video and audio,
/// written alternately, is 200 KiB.
const WINDOW_BYTES: usize = 256 * 1024;

/// Bytes read when a box head is asked for: a page, since the kernel reads no less, and enough for
/// the head of a fragment of one second.
pub(super) const STEP_BYTES: usize = 4096;

/// Most reads of one file: two for each of the 86 400 one-second fragments of a day.
const READS_MAX: u32 = 200_000;

/// Most places of one file that are looked at: a day of one-second fragments with two tracks has
/// 1.2 million boxes.
const PLACES_MAX: u32 = 2_000_000;

/// Something bytes can be read from at any place: a file, or a slice in tests.
pub trait ReadAt {
    /// Reads into `buf` from `offset` on; says how many bytes came, 0 at the end.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for &[u8] {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|at| self.get(at..))
            .unwrap_or_default();
        let (buf, _) = buf.split_at_mut(rest.len().min(buf.len()));
        let (rest, _) = rest.split_at(buf.len());
        buf.copy_from_slice(rest);
        Ok(rest.len())
    }
}

/// Why a check ends before it has seen everything.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file could not be read.
    Read(io::Error),
    /// Enough was found.
    Found(Detail),
}

/// The result of one step of a check.
pub(super) type Step<T> = Result<T, Stop>;

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<Flaw> for Stop {
    fn from(flaw: Flaw) -> Self {
        Self::Found(flaw.into())
    }
}

impl From<Unread> for Stop {
    fn from(unread: Unread) -> Self {
        Self::Found(unread.into())
    }
}

/// A piece of a file in memory; kept from file to file, so that it is allocated once.
pub(super) struct Window {
    bytes: Vec<u8>,
    at: u64,
    len: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            bytes: vec![0; WINDOW_BYTES],
            at: 0,
            len: 0,
        }
    }
}

/// Says where it is and not what is in it, which may be a picture.
impl fmt::Debug for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Window({}+{})", self.at, self.len)
    }
}

impl Window {
    fn held(&self, at: u64, len: usize) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.at)?).ok()?;
        self.bytes
            .get(..self.len)?
            .get(from..from.checked_add(len)?)
    }
}

/// One file being read.
pub(super) struct Reader<'a> {
    source: &'a dyn ReadAt,
    size: u64,
    window: &'a mut Window,
    cost: Cell<Cost>,
    places: u32,
    /// Bytes read at once where something is asked for that is not in the window.
    step: usize,
}

impl<'a> Reader<'a> {
    /// Reads `source`, which has `size` bytes, through `window`.
    pub(super) fn new(source: &'a dyn ReadAt, size: u64, window: &'a mut Window) -> Self {
        window.len = 0;
        Self {
            source,
            size,
            window,
            cost: Cell::new(Cost::default()),
            places: 0,
            step: STEP_BYTES,
        }
    }

    /// Bytes in the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What was read so far.
    pub(super) fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// Counts a place that is looked at, so that no arrangement of places is a loop without end.
    pub(super) fn visit(&mut self, at: u64) -> Step<()> {
        if self.places >= PLACES_MAX {
            return Err(Unread::Places { at }.into());
        }
        self.places += 1;
        Ok(())
    }

    /// Reads so many bytes at once from here on, up to a window: more where what is wanted follows in
    /// a row, few where it is scattered.
    pub(super) fn stride(&mut self, bytes: usize) {
        self.step = bytes.clamp(STEP_BYTES, WINDOW_BYTES);
    }

    /// The `len` bytes at `at`, which must be within the file and no more than a step.
    pub(super) fn bytes(&mut self, at: u64, len: usize) -> Step<&[u8]> {
        if self.window.held(at, len).is_none() {
            self.load(at, self.step)?;
        }
        self.window
            .held(at, len)
            .ok_or_else(|| Stop::Read(io::ErrorKind::UnexpectedEof.into()))
    }

    /// Takes the whole of a region into the window with one read, if it fits; else does nothing,
    /// and its parts are read as they are asked for.
    pub(super) fn hold(&mut self, at: u64, len: u64) -> Step<()> {
        match usize::try_from(len) {
            Ok(len) if len <= WINDOW_BYTES && self.window.held(at, len).is_none() => {
                self.load(at, len)
            }
            _ => Ok(()),
        }
    }

    /// What a table needs to be read while other tables are.
    pub(super) fn view(&self) -> View<'_> {
        View {
            source: self.source,
            window: self.window,
            cost: &self.cost,
        }
    }

    fn load(&mut self, at: u64, len: usize) -> Step<()> {
        let rest = self.size.saturating_sub(at);
        let len = usize::try_from(rest)
            .map_or(len, |rest| rest.min(len))
            .min(WINDOW_BYTES);
        self.window.len = 0;
        let into = self.window.bytes.get_mut(..len).unwrap_or_default();
        fill(self.source, &self.cost, at, into)?;
        (self.window.at, self.window.len) = (at, len);
        Ok(())
    }
}

/// A file and what is in memory of it, shared by the tables that are read side by side.
#[derive(Clone, Copy)]
pub(super) struct View<'r> {
    source: &'r dyn ReadAt,
    window: &'r Window,
    cost: &'r Cell<Cost>,
}

impl<'r> View<'r> {
    /// The `len` bytes at `at`, if they are in memory.
    pub(super) fn held(self, at: u64, len: usize) -> Option<&'r [u8]> {
        self.window.held(at, len)
    }

    /// Reads the bytes at `at` into `buf`, all of it.
    pub(super) fn fill(self, at: u64, buf: &mut [u8]) -> Step<()> {
        fill(self.source, self.cost, at, buf)
    }
}

/// Fills `buf` from `at`; a file that ends before has shrunk since its size was asked.
fn fill(source: &dyn ReadAt, cost: &Cell<Cost>, at: u64, mut buf: &mut [u8]) -> Step<()> {
    let mut from = at;
    while !buf.is_empty() {
        let Cost { reads, bytes } = cost.get();
        if reads >= READS_MAX {
            return Err(Unread::Reads { at }.into());
        }
        let count = source.read_at(buf, from)?;
        if count == 0 {
            return Err(Stop::Read(io::ErrorKind::UnexpectedEof.into()));
        }
        let count64 = u64::try_from(count).unwrap_or(u64::MAX);
        cost.set(Cost {
            reads: reads + 1,
            bytes: bytes.saturating_add(count64),
        });
        from = from.saturating_add(count64);
        buf = buf.get_mut(count..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_larger_than_the_window_is_not_held() {
        let bytes = vec![7; 300_000];
        let slice = bytes.as_slice();
        let mut window = Window::default();
        let mut reader = Reader::new(&slice, 300_000, &mut window);
        reader.hold(0, 300_000).unwrap();
        assert_eq!(reader.cost(), Cost::default());
        assert_eq!(reader.bytes(299_998, 2).unwrap(), [7, 7]);
    }

    #[test]
    fn a_file_that_shrank_is_an_error_of_reading() {
        let slice = [1, 2, 3].as_slice();
        let mut window = Window::default();
        let mut reader = Reader::new(&slice, 10, &mut window);
        assert!(matches!(reader.bytes(0, 8), Err(Stop::Read(_))));
    }

    /// Gives one byte at a time.
    struct Dripping;

    impl ReadAt for Dripping {
        fn read_at(&self, buf: &mut [u8], _offset: u64) -> io::Result<usize> {
            Ok(buf.len().min(1))
        }
    }

    #[test]
    fn a_file_that_takes_too_many_reads_is_not_read_to_its_end() {
        let mut window = Window::default();
        let mut reader = Reader::new(&Dripping, u64::MAX, &mut window);
        let len = 250_000;
        let stop = reader.hold(9, len);
        assert!(matches!(
            stop,
            Err(Stop::Found(Detail::Opaque(Unread::Reads { at: 9 })))
        ));
        assert_eq!(reader.cost().reads, READS_MAX);
    }
}
