//! The coordinator as a process: a runtime, log lines, signals.

use std::sync::Arc;

use keepwatch_common::clock::SystemClock;
use tokio_util::sync::CancellationToken;

use super::running::{RunError, run};
use crate::authority::SystemRandomness;
use crate::config::Config;
use crate::lifecycle::{SOFT_END, Signals};
use crate::telemetry::{self, TelemetryError};

/// Why the process did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It cannot log.
    #[error("the coordinator cannot log")]
    Telemetry(#[from] TelemetryError),
    /// There are no threads, or signals are not heard.
    #[error("the system does not give what a process needs")]
    System(#[from] std::io::Error),
    /// The coordinator.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It was told to stop at once, or took too long.
    #[error("the coordinator was stopped before it had finished")]
    CutShort,
}

/// Runs a coordinator until a signal ends it. The first signal asks, the second one does not.
pub fn serve(config: &Config) -> Result<(), ServeError> {
    telemetry::begin(config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("keepwatch")
        .build()?;
    let outcome = runtime.block_on(async {
        let signals = Signals::listen()?;
        let stop = CancellationToken::new();
        let clock = Arc::new(SystemClock::new());
        let running = run(config, clock, Arc::new(SystemRandomness), stop.clone());
        tokio::select! {
            ended = running => Ok(ended?),
            () = signals.conduct(stop, SOFT_END) => Err(ServeError::CutShort),
        }
    });
    // What is left does not hold the process back.
    runtime.shutdown_background();
    outcome
}
