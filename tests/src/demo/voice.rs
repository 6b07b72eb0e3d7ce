//! What the demo says while it works: a bar on a terminal, lines elsewhere, all on standard error.
//!
//! It also remembers what is being waited for, so that giving up can say it.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two movements of the bar that only says “still here”.
const BEAT: Duration = Duration::from_millis(120);

/// See the module.
#[derive(Debug)]
pub(super) struct Voice {
    bar: ProgressBar,
    is_terminal: bool,
    waiting_for: Mutex<String>,
}

impl Voice {
    /// Says nothing yet.
    pub(super) fn new() -> Self {
        let is_terminal = io::stderr().is_terminal();
        let target = if is_terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            is_terminal,
            waiting_for: Mutex::default(),
        }
    }

    /// Begins something that takes a while; with a number of steps when that is known.
    pub(super) fn begin(&self, what: impl Into<Cow<'static, str>>, steps: Option<u64>) {
        let what = what.into();
        if !self.is_terminal {
            self.line(&what);
        }
        self.wait_for(&what);
        self.bar.reset();
        let style = match steps {
            Some(steps) => {
                self.bar.set_length(steps);
                ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len}")
            }
            None => ProgressStyle::with_template("{msg} {spinner}"),
        };
        if let Ok(style) = style {
            self.bar.set_style(style);
        }
        self.bar.set_message(what);
        self.bar.enable_steady_tick(BEAT);
    }

    /// So many steps more are done.
    pub(super) fn step(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// What is waited for, more exactly, without a line of its own.
    pub(super) fn wait_for(&self, what: &str) {
        let mut text = self.text();
        what.clone_into(&mut text);
    }

    /// What is waited for.
    pub(super) fn waiting_for(&self) -> String {
        self.text().clone()
    }

    /// A line that stays.
    #[expect(clippy::print_stderr, reason = "the demo speaks to a person")]
    pub(super) fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    fn text(&self) -> MutexGuard<'_, String> {
        let text = self.waiting_for.lock();
        text.unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the bar away.
    pub(super) fn rest(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}

/// Says on standard output what the demo is asked for: where to look, or the report.
/// Whoever reads no further has what they wanted.
pub(super) fn answer(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
