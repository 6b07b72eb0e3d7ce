//! Another process and its two pipes, spoken with until a point in time and not beyond.
//!
//! Never waits for a process that does not answer: it is killed when it is dropped.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use keepwatch_common::clock::{Clock, Tick};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;

/// A running process; killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
}

/// Until when a process may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline<'a> {
    clock: &'a dyn Clock,
    end: Tick,
}

/// What is known of an answer that is still coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coming {
    /// There is more of it.
    More,
    /// It is whole.
    Whole,
    /// It is none.
    Wrong,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum TalkError {
    /// It took too long.
    #[error("it did not answer in time")]
    Late,
    /// It ended.
    #[error("it ended before it had answered")]
    Ended,
    /// It said what it never should.
    #[error("it answered with something else")]
    Wrong,
    /// The pipes failed.
    #[error("its pipes failed")]
    Pipes(#[source] io::Error),
}

impl<'a> Deadline<'a> {
    pub(super) fn in_ms(clock: &'a dyn Clock, ms: u64) -> Self {
        Self {
            clock,
            end: clock.tick().after(ms),
        }
    }

    fn left_ms(&self) -> u64 {
        self.end.since(self.clock.tick())
    }
}

impl Process {
    /// Starts a program with an empty environment and no place of its own.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = pipes else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe));
        };
        let process = Self {
            child,
            input: Some(input),
            output,
        };
        if let Some(input) = &process.input {
            never_block(input)?;
        }
        never_block(&process.output)?;
        Ok(process)
    }

    /// Sends some bytes and hears the answer. With `last`, the process is told that no more follows.
    ///
    /// `coming` looks at what has come so far.
    pub(super) fn exchange(
        &mut self,
        sent: &[&[u8]],
        last: bool,
        mut coming: impl FnMut(&[u8]) -> Coming,
        deadline: Deadline<'_>,
    ) -> Result<Vec<u8>, TalkError> {
        let mut parts = sent.iter().copied();
        let mut unsent = parts.next().unwrap_or_default();
        let mut heard = Vec::new();
        loop {
            while unsent.is_empty()
                && let Some(part) = parts.next()
            {
                unsent = part;
            }
            if unsent.is_empty() && last {
                self.input = None;
            }
            let (writable, readable) = self.wait(!unsent.is_empty(), deadline)?;
            if writable {
                unsent = self.send(unsent)?;
            }
            if readable {
                let ended = self.hear(&mut heard)?;
                match coming(&heard) {
                    Coming::Whole => return Ok(heard),
                    Coming::Wrong => return Err(TalkError::Wrong),
                    Coming::More if ended => return Err(TalkError::Ended),
                    Coming::More => {}
                }
            }
        }
    }

    /// Waits until a pipe is ready: whether it can be written to, and read from.
    fn wait(&self, sending: bool, deadline: Deadline<'_>) -> Result<(bool, bool), TalkError> {
        let left_ms = deadline.left_ms();
        if left_ms == 0 {
            return Err(TalkError::Late);
        }
        let mut pipes = vec![PollFd::new(&self.output, PollFlags::IN)];
        if let Some(input) = self.input.as_ref().filter(|_| sending) {
            pipes.push(PollFd::new(input, PollFlags::OUT));
        }
        let left = Timespec {
            tv_sec: i64::try_from(left_ms / 1_000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(left_ms % 1_000 * 1_000_000).unwrap_or(0),
        };
        match poll(&mut pipes, Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(TalkError::Pipes(error.into())),
        }
        let ready = |at: usize| pipes.get(at).is_some_and(|pipe| !pipe.revents().is_empty());
        Ok((ready(1), ready(0)))
    }

    /// Sends what fits; what is left. To one that listens no more, nothing is left.
    fn send<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], TalkError> {
        let Some(input) = &mut self.input else {
            return Ok(&[]);
        };
        match input.write(bytes) {
            Ok(sent) => Ok(&bytes[sent..]),
            Err(error) if is_later(&error) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.input = None;
                Ok(&[])
            }
            Err(error) => Err(TalkError::Pipes(error)),
        }
    }

    /// Hears what is there; whether that was all there will ever be.
    fn hear(&mut self, heard: &mut Vec<u8>) -> Result<bool, TalkError> {
        let before = heard.len();
        heard.resize(before + READ_BYTES, 0);
        let read = self.output.read(&mut heard[before..]);
        let (bytes, ended) = match read {
            Ok(0) => (0, true),
            Ok(bytes) => (bytes, false),
            Err(error) if is_later(&error) => (0, false),
            Err(error) => return Err(TalkError::Pipes(error)),
        };
        heard.truncate(before + bytes);
        Ok(ended)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or does so now; either way it leaves nothing behind.
        let (Ok(()) | Err(_)) = self.child.kill();
        let (Ok(_) | Err(_)) = self.child.wait();
    }
}

fn is_later(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

fn never_block(pipe: impl AsFd) -> io::Result<()> {
    let flags = fcntl_getfl(&pipe)?;
    Ok(fcntl_setfl(&pipe, flags | OFlags::NONBLOCK)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepwatch_common::clock::SystemClock;

    fn shell(script: &str) -> Process {
        Process::start(Command::new("/bin/sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn more_than_a_pipe_holds_goes_both_ways() {
        let (clock, sent) = (SystemClock::new(), vec![7_u8; 1 << 20]);
        let coming = |heard: &[u8]| match heard.len() {
            length if length < sent.len() => Coming::More,
            _ => Coming::Whole,
        };
        let heard = shell("exec cat").exchange(
            &[&sent[..9], &[], &sent[9..]],
            false,
            coming,
            Deadline::in_ms(&clock, 60_000),
        );
        assert_eq!(heard.unwrap(), sent);
    }

    #[test]
    fn one_that_says_nothing_is_late() {
        let clock = SystemClock::new();
        let told = shell("exec sleep 600").exchange(
            &[],
            false,
            |_| Coming::More,
            Deadline::in_ms(&clock, 20),
        );
        assert!(matches!(told, Err(TalkError::Late)), "{told:?}");
    }

    #[test]
    fn one_that_ends_is_heard_to_end() {
        let clock = SystemClock::new();
        let told = shell("exit 0").exchange(
            &[b"are you there"],
            false,
            |_| Coming::More,
            Deadline::in_ms(&clock, 60_000),
        );
        assert!(matches!(told, Err(TalkError::Ended)), "{told:?}");
    }

    #[test]
    fn one_that_must_know_the_end_of_its_input_is_told() {
        let clock = SystemClock::new();
        let coming = |heard: &[u8]| {
            if heard.ends_with(b"\n") {
                Coming::Whole
            } else {
                Coming::More
            }
        };
        let heard =
            shell("wc -c").exchange(&[b"four"], true, coming, Deadline::in_ms(&clock, 60_000));
        assert_eq!(heard.unwrap().trim_ascii(), b"4");
    }
}
