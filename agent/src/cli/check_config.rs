//! `keepwatch-agent check-config`: whether a configuration can be run, before it is.
//!
//! What the configuration names and is not there now is warned of and no failure: a machine may be
//! checked before its disks are mounted.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::count::counted;
use super::outcome::{FAILED, GOOD, complain, say, unprinted};
use super::premises;
use crate::app::plan::{Plan, PlanError};
use crate::config::{Config, ConfigError};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{}", path.display())]
    Plan {
        path: PathBuf,
        #[source]
        source: PlanError,
    },
}

pub(super) fn run(arguments: &Arguments) -> u8 {
    match check(arguments) {
        Ok(config) => {
            let said = writeln!(
                std::io::stdout().lock(),
                "{}: good; {}, {}, {}",
                arguments.config.display(),
                counted(config.recorders.len(), "recorder"),
                counted(config.volumes.len(), "volume"),
                counted(config.watched.len(), "watched file"),
            );
            for warning in premises::lacking(&config) {
                say(format_args!("warning: {warning}"));
            }
            said.map_or_else(|error| unprinted(error, GOOD), |()| GOOD)
        }
        Err(error) => {
            complain(&error);
            FAILED
        }
    }
}

fn check(arguments: &Arguments) -> Result<Config, CheckError> {
    let config = Config::read(&arguments.config)?;
    Plan::of(&config).map_err(|source| CheckError::Plan {
        path: arguments.config.clone(),
        source,
    })?;
    Ok(config)
}
