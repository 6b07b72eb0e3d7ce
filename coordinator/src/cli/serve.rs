//! `keepwatch serve`: runs the coordinator until a signal ends it.

use std::path::PathBuf;

use clap::Args;

use super::voice::{DIED, FAILED, GOOD, complain};
use crate::app;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> u8 {
    let config = match Config::read(&arguments.config) {
        Ok(config) => config,
        Err(error) => {
            complain(&error);
            return FAILED;
        }
    };
    match app::serve(&config) {
        Ok(()) => GOOD,
        Err(error) => {
            complain(&error);
            DIED
        }
    }
}
