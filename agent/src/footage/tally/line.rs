//! Clips that wait until their neighbours are known: only these tell whether a camera's clock runs
//! slow, and so how long each clip lasted.

use std::collections::VecDeque;

use keepwatch_common::coverage::{Clip, stretch_ppm, tolerance_ms, wall_ms};

/// Clips that wait at once: enough to tell a slow clock from a few breaks, and few bytes a camera.
const WAITING_MAX: usize = 32;

/// Seams between waiting clips that make it worth to ask; a healthy camera has none.
const SEAMS_MIN: usize = 4;

/// A clip with its path.
#[derive(Debug)]
struct Waiting {
    clip: Clip,
    path: String,
}

/// A clip that need not wait any longer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lasting {
    /// The clip.
    pub(super) clip: Clip,
    /// Its file.
    pub(super) path: String,
    /// How long it lasted, in milliseconds.
    pub(super) ms: i64,
}

/// The waiting clips of one camera, in order of time.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: VecDeque<Waiting>,
    /// Seams between neighbours that are waiting.
    seams: usize,
}

impl Line {
    /// Takes a clip in; the oldest goes when there are too many.
    pub(super) fn push(&mut self, clip: Clip, path: &str) -> Option<Lasting> {
        if let Some(last) = self.waiting.back() {
            self.seams += usize::from(is_seam(last.clip, clip));
        }
        self.waiting.push_back(Waiting {
            clip,
            path: path.to_owned(),
        });
        if self.waiting.len() > WAITING_MAX {
            self.pop()
        } else {
            None
        }
    }

    /// The oldest, as long as it lasted by what is known now.
    pub(super) fn pop(&mut self) -> Option<Lasting> {
        let stretch = self.stretch();
        self.take(stretch)
    }

    /// All of them; they are judged together.
    pub(super) fn drain(&mut self) -> Vec<Lasting> {
        let stretch = self.stretch();
        std::iter::from_fn(|| self.take(stretch)).collect()
    }

    fn stretch(&mut self) -> Option<i64> {
        if self.seams < SEAMS_MIN {
            return None;
        }
        let clips: Vec<_> = self.waiting.iter().map(|one| one.clip).collect();
        stretch_ppm(&clips)
    }

    fn take(&mut self, stretch: Option<i64>) -> Option<Lasting> {
        let Waiting { clip, path } = self.waiting.pop_front()?;
        let next = self.waiting.front().map(|next| next.clip);
        if let Some(next) = next {
            self.seams -= usize::from(is_seam(clip, next));
        }
        let ms = stretch.map_or(clip.media_ms, |ppm| {
            wall_ms(clip, next.map(|next| next.start), ppm)
        });
        Some(Lasting { clip, path, ms })
    }
}

/// Whether more lies between two clips than belongs to one run.
fn is_seam(clip: Clip, next: Clip) -> bool {
    next.start.since(clip.start) - clip.media_ms > tolerance_ms(clip.media_ms)
}
