//! `keepwatch migrate`: brings the database to this program's schema. It opens the store alone, so
//! it refuses while a coordinator runs.

use std::path::PathBuf;

use clap::Args;

use super::voice::{FAILED, GOOD, complain, say};
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
    match app::migrate(&config) {
        Ok(steps) if steps.is_empty() => {
            say(format_args!("nothing to do; the schema is current"));
            GOOD
        }
        Ok(steps) => {
            for step in steps {
                say(format_args!("applied {step}"));
            }
            GOOD
        }
        Err(error) => {
            complain(&error);
            FAILED
        }
    }
}
