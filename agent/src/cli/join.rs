//! `keepwatch-agent join`: makes this machine one of a branch's agents.
//!
//! The join string is a secret, so it comes from a file or from standard input and never from an
//! argument: arguments are seen by every user of the machine and kept by shells.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keepwatch_common::clock::Clock;
use keepwatch_common::model::join::{JoinString, JoinStringError};
use zeroize::Zeroizing;

use super::outcome::{FAILED, GOOD, complain, say};
use crate::config::{Config, ConfigError};
use crate::join::{EnrolError, Enrolled, enrol};
use crate::lifecycle;

/// Bytes read of a file or of standard input: a join string is a few hundred.
const TEXT_BYTES_MAX: u64 = 4 * 1024;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration file; it says where the identity is kept
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The file with the join string [default: standard input]
    #[arg(long, value_name = "FILE")]
    join_string_file: Option<PathBuf>,
    /// Join although this agent has joined before
    #[arg(long)]
    again: bool,
}

#[derive(Debug, thiserror::Error)]
enum JoinFailure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the join string cannot be read")]
    Read(#[source] std::io::Error),
    #[error("the join string cannot be used")]
    Text(#[from] JoinStringError),
    #[error("the system gives no threads")]
    Runtime(#[source] std::io::Error),
    #[error(transparent)]
    Enrol(#[from] EnrolError),
}

pub(super) fn run(arguments: &Arguments, clock: Arc<dyn Clock>) -> u8 {
    match join(arguments, clock) {
        Ok(Enrolled::Now(identity)) => {
            say(format_args!(
                "joined branch {} as agent {}; its certificate is valid until {} and renewed by \
                 itself",
                identity.branch(),
                identity.agent(),
                identity.not_after(),
            ));
            GOOD
        }
        Ok(Enrolled::Already(identity)) => {
            say(format_args!(
                "this agent has joined branch {} as agent {} already; use --again to join anew",
                identity.branch(),
                identity.agent(),
            ));
            GOOD
        }
        Err(error) => {
            complain(&error);
            FAILED
        }
    }
}

fn join(arguments: &Arguments, clock: Arc<dyn Clock>) -> Result<Enrolled, JoinFailure> {
    let config = Config::read(&arguments.config)?;
    let text = text(arguments).map_err(JoinFailure::Read)?;
    let join: JoinString = text.parse()?;
    let runtime = lifecycle::runtime().map_err(JoinFailure::Runtime)?;
    Ok(runtime.block_on(enrol(&config.state, &join, arguments.again, clock))?)
}

fn text(arguments: &Arguments) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(4 * 1024));
    if let Some(path) = &arguments.join_string_file {
        fs_err::File::open(path)?
            .take(TEXT_BYTES_MAX)
            .read_to_string(&mut text)?;
    } else if std::io::stdin().is_terminal() {
        say(format_args!("Paste the join string and press Enter:"));
        std::io::stdin().read_line(&mut text)?;
    } else {
        std::io::stdin()
            .lock()
            .take(TEXT_BYTES_MAX)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}
