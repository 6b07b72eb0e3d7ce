//! The configuration file as it is written, and its way to a checked one.
//!
//! Long because every section of one file is checked in one place, in the order it is written.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use keepwatch_common::time::DAY_MS;
use serde::Deserialize;

use super::address::{Host, WebAddress};
use super::channel::{CHANNELS_MAX, Channel, NAME_BYTES_MAX, Webhook, WebhookUrl};
use super::error::FieldError;
use super::settings::{
    Config, Database, Keep, Listen, Log, LogFormat, LogLevel, PolicySource, WebTls,
};

/// Most names: a certificate carries them all in every handshake.
const NAMES_MAX: usize = 32;

type Refused = (String, FieldError);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    state: PathBuf,
    names: Vec<String>,
    database: Option<String>,
    database_url_file: Option<PathBuf>,
    #[serde(default)]
    listen: RawListen,
    #[serde(default)]
    web: RawWeb,
    #[serde(default)]
    policy: RawPolicy,
    #[serde(default)]
    keep: RawKeep,
    #[serde(default)]
    log: RawLog,
    #[serde(default)]
    channel: Vec<RawChannel>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawListen {
    agents: Option<String>,
    join: Option<String>,
    web: Option<String>,
    socket: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWeb {
    address: Option<String>,
    tls: Option<RawTls>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RawTls {
    Word(String),
    Files(RawTlsFiles),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTlsFiles {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    pack: Option<String>,
    pack_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawKeep {
    evidence_days: u64,
    notification_days: u64,
}

impl Default for RawKeep {
    fn default() -> Self {
        Self {
            evidence_days: 400,
            notification_days: 90,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawLog {
    level: String,
    format: String,
}

impl Default for RawLog {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: "text".to_owned(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChannel {
    name: String,
    kind: String,
    url: String,
    secret_file: PathBuf,
    authorities_file: Option<PathBuf>,
    #[serde(default)]
    plain_http: bool,
}

/// Checks every field; the first that cannot be is named with what to write instead.
pub(super) fn check(file: RawConfig) -> Result<Config, Refused> {
    let state = absolute("state", file.state)?;
    Ok(Config {
        names: names(&file.names)?,
        database: database(file.database, file.database_url_file, &state)?,
        listen: file.listen.check(&state)?,
        web_address: web_address(file.web.address)?,
        web_tls: file.web.tls.map_or(Ok(WebTls::Own), RawTls::check)?,
        policy: file.policy.check()?,
        keep: file.keep.check()?,
        log: file.log.check()?,
        channels: channels(file.channel)?,
        state,
    })
}

fn names(texts: &[String]) -> Result<Vec<Host>, Refused> {
    match texts.len() {
        0 => return Err(("names".to_owned(), FieldError::NoHost)),
        count if count > NAMES_MAX => {
            let count_max = NAMES_MAX;
            return Err(("names".to_owned(), FieldError::TooMany { count, count_max }));
        }
        _ => {}
    }
    let host = |(index, text): (usize, &String)| {
        Host::new(text).map_err(|source| {
            let host = text.clone();
            (format!("names[{index}]"), FieldError::Host { host, source })
        })
    };
    texts.iter().enumerate().map(host).collect()
}

fn database(
    word: Option<String>,
    url_file: Option<PathBuf>,
    state: &Path,
) -> Result<Database, Refused> {
    let refused = |wrong| Err(("database".to_owned(), wrong));
    let word = match (word, url_file) {
        (Some(_), Some(_)) => {
            let (one, other) = ("database", "database_url_file");
            return Err((other.to_owned(), FieldError::Both { one, other }));
        }
        (None, Some(path)) => {
            return absolute("database_url_file", path).map(Database::UrlFile);
        }
        (None, None) => "sqlite".to_owned(),
        (Some(word), None) => word,
    };
    if word == "sqlite" {
        return Ok(Database::Sqlite(state.join("keepwatch.db")));
    }
    let server = word
        .strip_prefix("postgres://")
        .or_else(|| word.strip_prefix("postgresql://"));
    let Some(server) = server else {
        // What is no address of ours may still hold a password.
        let word: String = word.chars().take_while(|c| *c != ':').take(20).collect();
        let possible = "sqlite, postgres://USER@HOST/DATABASE";
        return refused(FieldError::Word { word, possible });
    };
    let user = server.split_once('@').map_or("", |(user, _)| user);
    if user.contains(':') || server.contains("password") {
        return refused(FieldError::Password);
    }
    Ok(Database::Postgres(word))
}

fn channels(raw: Vec<RawChannel>) -> Result<Vec<Channel>, Refused> {
    if raw.len() > CHANNELS_MAX {
        let (count, count_max) = (raw.len(), CHANNELS_MAX);
        let many = FieldError::TooMany { count, count_max };
        return Err(("channel".to_owned(), many));
    }
    let mut seen = BTreeSet::new();
    let mut channels = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let at = format!("channel[{index}]");
        let channel = raw.check(&at)?;
        if !seen.insert(channel.name.clone()) {
            let name = channel.name;
            return Err((format!("{at}.name"), FieldError::Twice { name }));
        }
        channels.push(channel);
    }
    Ok(channels)
}

impl RawListen {
    fn check(self, state: &Path) -> Result<Listen, Refused> {
        let socket = self.socket.unwrap_or_else(|| state.join("keepwatch.sock"));
        Ok(Listen {
            agents: socket_address("listen.agents", self.agents, "[::]:7443")?,
            join: socket_address("listen.join", self.join, "[::]:7444")?,
            web: socket_address("listen.web", self.web, "[::]:8443")?,
            socket: absolute("listen.socket", socket)?,
        })
    }
}

fn web_address(text: Option<String>) -> Result<Option<WebAddress>, Refused> {
    let Some(text) = text else { return Ok(None) };
    match WebAddress::new(&text) {
        Some(address) => Ok(Some(address)),
        None => Err(("web.address".to_owned(), FieldError::WebAddress { text })),
    }
}

impl RawTls {
    fn check(self) -> Result<WebTls, Refused> {
        match self {
            Self::Word(word) if word == "own" => Ok(WebTls::Own),
            Self::Word(word) if word == "none" => Ok(WebTls::None),
            Self::Word(word) => {
                let possible = "own, none, { certificate = …, key = … }";
                Err(("web.tls".to_owned(), FieldError::Word { word, possible }))
            }
            Self::Files(files) => Ok(WebTls::Files {
                certificate: absolute("web.tls.certificate", files.certificate)?,
                key: absolute("web.tls.key", files.key)?,
            }),
        }
    }
}

impl RawPolicy {
    fn check(self) -> Result<PolicySource, Refused> {
        match (self.pack, self.pack_file) {
            (Some(_), Some(_)) => {
                let (one, other) = ("pack", "pack_file");
                let both = FieldError::Both { one, other };
                Err(("policy.pack_file".to_owned(), both))
            }
            (None, Some(path)) => absolute("policy.pack_file", path).map(PolicySource::File),
            (Some(word), None) if word != "monitoring-room" => {
                let possible = "monitoring-room, or name a file with pack_file";
                Err((
                    "policy.pack".to_owned(),
                    FieldError::Word { word, possible },
                ))
            }
            (Some(_) | None, None) => Ok(PolicySource::MonitoringRoom),
        }
    }
}

impl RawKeep {
    fn check(&self) -> Result<Keep, Refused> {
        let days = |field: &str, value, min| {
            let days = range(field, value, min, 36_500)?;
            Ok(i64::try_from(days).unwrap_or(0) * DAY_MS)
        };
        Ok(Keep {
            evidence_ms: days("keep.evidence_days", self.evidence_days, 30)?,
            notification_ms: days("keep.notification_days", self.notification_days, 1)?,
        })
    }
}

impl RawLog {
    fn check(self) -> Result<Log, Refused> {
        let level = match self.level.as_str() {
            "error" => LogLevel::Error,
            "warn" => LogLevel::Warn,
            "info" => LogLevel::Info,
            "debug" => LogLevel::Debug,
            "trace" => LogLevel::Trace,
            _ => {
                let (word, possible) = (self.level, "error, warn, info, debug, trace");
                return Err(("log.level".to_owned(), FieldError::Word { word, possible }));
            }
        };
        let format = match self.format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => {
                let (word, possible) = (self.format, "text, json");
                return Err(("log.format".to_owned(), FieldError::Word { word, possible }));
            }
        };
        Ok(Log { level, format })
    }
}

impl RawChannel {
    fn check(self, at: &str) -> Result<Channel, Refused> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let length = self.name.len();
        if !(1..=NAME_BYTES_MAX).contains(&length) || !self.name.chars().all(plain) {
            let name = self.name.chars().take(2 * NAME_BYTES_MAX).collect();
            let bytes_max = NAME_BYTES_MAX;
            let wrong = FieldError::ChannelName { name, bytes_max };
            return Err((format!("{at}.name"), wrong));
        }
        if self.kind != "webhook" {
            let (word, possible) = (self.kind, "webhook");
            return Err((format!("{at}.kind"), FieldError::Word { word, possible }));
        }
        let url = WebhookUrl::new(&self.url, self.plain_http);
        let url = url.map_err(|wrong| (format!("{at}.url"), wrong))?;
        let secret_file = absolute(&format!("{at}.secret_file"), self.secret_file)?;
        let authorities = format!("{at}.authorities_file");
        let authorities = self
            .authorities_file
            .map(|path| absolute(&authorities, path));
        Ok(Channel {
            name: self.name,
            webhook: Webhook {
                url,
                secret_file,
                authorities_file: authorities.transpose()?,
            },
        })
    }
}

fn socket_address(field: &str, text: Option<String>, default: &str) -> Result<SocketAddr, Refused> {
    let text = text.unwrap_or_else(|| default.to_owned());
    text.parse()
        .map_err(|_| (field.to_owned(), FieldError::Socket { text }))
}

fn absolute(field: &str, path: PathBuf) -> Result<PathBuf, Refused> {
    if path.is_absolute() {
        return Ok(path);
    }
    Err((field.to_owned(), FieldError::Relative { path }))
}

fn range(field: &str, value: u64, min: u64, max: u64) -> Result<u64, Refused> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err((field.to_owned(), FieldError::Range { value, min, max }))
}
