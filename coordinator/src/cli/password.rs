//! Passwords: from a file, from a pipe, or typed twice. Never from the arguments, which every user of
//! this machine can read.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use keepwatch_common::secret::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::error::CliError;
use crate::auth::password::PASSWORD_BYTES_MAX;

/// Bytes read of a password: one more than it may have, so that a longer one is refused and not cut,
/// and the end of its line.
const READ_BYTES_MAX: u64 = PASSWORD_BYTES_MAX as u64 + 3;

/// The password: from the file, or else from standard input.
pub(super) fn read(file: Option<&Path>) -> Result<Secret, CliError> {
    let password = match file {
        Some(path) => {
            let file = fs_err::File::open(path).map_err(CliError::PasswordFile)?;
            first_line(io::BufReader::new(file))?
        }
        None if io::stdin().is_terminal() => typed_twice()?,
        None => first_line(io::stdin().lock())?,
    };
    if password.expose().is_empty() {
        return Err(CliError::PasswordEmpty);
    }
    Ok(password)
}

fn first_line(from: impl BufRead) -> Result<Secret, CliError> {
    let mut line = Zeroizing::new(String::new());
    from.take(READ_BYTES_MAX)
        .read_line(&mut line)
        .map_err(CliError::PasswordFile)?;
    let line = line.trim_end_matches(['\n', '\r']);
    Ok(Secret::new(line.to_owned()))
}

fn typed_twice() -> Result<Secret, CliError> {
    let first = typed("Password: ")?;
    if first != typed("The same again: ")? {
        return Err(CliError::PasswordDiffers);
    }
    Ok(first)
}

fn typed(prompt: &str) -> Result<Secret, CliError> {
    let mut terminal = io::stderr().lock();
    terminal.write_all(prompt.as_bytes())?;
    terminal.flush()?;
    let silent = Silence::begin()?;
    let line = first_line(io::stdin().lock());
    drop(silent);
    // The end of the line was not shown either.
    terminal.write_all(b"\n")?;
    line
}

/// A terminal that does not show what is typed, until it is dropped.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin() -> Result<Self, CliError> {
        let before = tcgetattr(io::stdin()).map_err(io::Error::from)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).map_err(io::Error::from)?;
        Ok(Self { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let (Ok(()) | Err(_)) = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        for text in [
            "correct horse\n",
            "correct horse\r\nand more",
            "correct horse",
        ] {
            assert_eq!(
                first_line(text.as_bytes()).unwrap().expose(),
                "correct horse"
            );
        }
        assert_eq!(first_line(" a b \n".as_bytes()).unwrap().expose(), " a b ");
    }

    #[test]
    fn an_empty_file_holds_no_password() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("password");
        fs_err::write(&path, "\n").unwrap();
        assert!(matches!(read(Some(&path)), Err(CliError::PasswordEmpty)));
        let missing = read(Some(&scratch.path().join("none")));
        assert!(matches!(missing, Err(CliError::PasswordFile(_))));
    }

    #[test]
    fn a_password_that_is_too_long_is_not_cut_to_one_that_is_not() {
        let long = "x".repeat(5_000);
        let read = first_line(long.as_bytes()).unwrap();
        assert!(read.expose().len() > PASSWORD_BYTES_MAX);
    }
}
