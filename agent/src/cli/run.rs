//! `keepwatch-agent run`: the agent itself, until it is asked to stop.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keepwatch_common::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::outcome::{DIED, FAILED, GOOD, complain};
use crate::app::{self, RunError};
use crate::config::{self, Config};
use crate::{lifecycle, telemetry};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Asked twice to stop: what was not put away is found again at the next start.
#[derive(Debug, thiserror::Error)]
#[error("stopped at once")]
struct Hurried;

pub(super) fn run(arguments: &Arguments, clock: Arc<dyn Clock>) -> u8 {
    let config = match Config::read(&arguments.config) {
        Ok(config) => config,
        Err(error) => {
            complain(&error);
            return FAILED;
        }
    };
    let filter = config::log_filter().or_else(|| config.log.clone());
    if let Err(error) = telemetry::start(filter.as_deref()) {
        complain(&error);
        return FAILED;
    }
    let runtime = match lifecycle::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&error);
            return DIED;
        }
    };
    let stop = CancellationToken::new();
    let code = runtime.block_on(async {
        tokio::select! {
            outcome = app::serve(config, clock, stop.clone()) => ended(outcome),
            asked = lifecycle::heed_signals(stop) => {
                match asked {
                    Ok(()) => complain(&Hurried),
                    Err(error) => complain(&error),
                }
                DIED
            }
        }
    });
    // What is still blocked on a disk is left behind.
    runtime.shutdown_background();
    code
}

fn ended(outcome: Result<(), RunError>) -> u8 {
    match outcome {
        Ok(()) => GOOD,
        Err(error) => {
            complain(&error);
            if error.has_run() { DIED } else { FAILED }
        }
    }
}
