//! What the program says of itself while it runs: log lines on standard error.
//!
//! Levels say what an operator must do: an error wants action now, a warning a look later, and an
//! information tells that something finished. It must not know what is logged.

use tracing::Level;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;

use crate::config::{Log, LogFormat, LogLevel};

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Somebody set it up before.
    #[error("logging is set up twice in one process")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Begins to log; once a process.
pub fn begin(log: Log) -> Result<(), TelemetryError> {
    let lines = fmt::Subscriber::builder()
        .with_writer(std::io::stderr)
        .with_max_level(LevelFilter::from_level(level(log.level)));
    match log.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
    .map_err(TelemetryError::Twice)
}

fn level(level: LogLevel) -> Level {
    match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    }
}
