//! `keepwatch check`: says whether a configuration can be used, and starts nothing.

use std::path::PathBuf;

use clap::Args;

use super::voice::{FAILED, GOOD, complain, say};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> u8 {
    match Config::read(&arguments.config) {
        Ok(config) => {
            say(format_args!(
                "{} can be used; {} channels hear of alerts",
                arguments.config.display(),
                config.channels.len()
            ));
            GOOD
        }
        Err(error) => {
            complain(&error);
            FAILED
        }
    }
}
