//! Log lines: for people on a terminal, JSON for the journal.
//!
//! They go to standard error and never hold a secret. It must not know what is logged.

use std::io::IsTerminal;

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer};

/// What is written unless somebody asks for something else.
const DEFAULT_FILTER: &str = "info";

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is none.
    #[error(
        "the log filter “{filter}” cannot be read; write it like info or keepwatch_agent=debug"
    )]
    Filter {
        /// What is written.
        filter: String,
        /// Why.
        #[source]
        source: ParseError,
    },
    /// Somebody logs already.
    #[error("log lines are already written elsewhere")]
    Twice(#[source] TryInitError),
}

/// Begins to write log lines that pass the filter. Once a process.
pub fn start(filter: Option<&str>) -> Result<(), TelemetryError> {
    let filter = filter.unwrap_or(DEFAULT_FILTER);
    let passes = EnvFilter::try_new(filter).map_err(|source| TelemetryError::Filter {
        filter: filter.to_owned(),
        source,
    })?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if std::io::stderr().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).boxed()
    };
    registry()
        .with(lines)
        .with(passes)
        .try_init()
        .map_err(TelemetryError::Twice)
}
