//! What a checked configuration says.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::address::{Host, WebAddress};
use super::channel::Channel;

/// A whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where keys and the SQLite database are kept.
    pub state: PathBuf,
    /// By which names this coordinator is reached; never empty, the first is for join strings.
    pub names: Vec<Host>,
    /// Where the record is kept.
    pub database: Database,
    /// Where it listens.
    pub listen: Listen,
    /// How pages are served.
    pub web_tls: WebTls,
    /// Where people reach the pages, when that is not the first name at the port of `listen`.
    pub web_address: Option<WebAddress>,
    /// What judging goes by.
    pub policy: PolicySource,
    /// How long what may go is kept.
    pub keep: Keep,
    /// How it logs.
    pub log: Log,
    /// Where alerts are told.
    pub channels: Vec<Channel>,
}

/// Where the record is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In this file.
    Sqlite(PathBuf),
    /// At this address, which holds no password.
    Postgres(String),
    /// At the address that this file holds.
    UrlFile(PathBuf),
}

/// Where the coordinator listens. Port 0 takes any that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// UDP, for agents that have joined.
    pub agents: SocketAddr,
    /// UDP, for agents that join.
    pub join: SocketAddr,
    /// TCP, for pages and the API.
    pub web: SocketAddr,
    /// The Unix socket for the command line on this machine.
    pub socket: PathBuf,
}

/// How pages are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebTls {
    /// With a certificate of the coordinator's own authority.
    Own,
    /// Without TLS.
    None,
    /// With these.
    Files {
        /// The chain, PEM.
        certificate: PathBuf,
        /// Its key, PEM.
        key: PathBuf,
    },
}

/// What judging goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// The pack for monitoring rooms that is compiled in.
    MonitoringRoom,
    /// A pack in a file.
    File(PathBuf),
}

/// How long what may go is kept, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Observations as they came.
    pub evidence_ms: i64,
    /// Notifications that were sent or given up.
    pub notification_ms: i64,
}

/// How the coordinator logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// What is worth a line.
    pub level: LogLevel,
    /// How a line looks.
    pub format: LogFormat,
}

/// What is worth a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Act now.
    Error,
    /// Look later.
    Warn,
    /// Something finished.
    Info,
    /// For whoever works on the program.
    Debug,
    /// Everything.
    Trace,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}
