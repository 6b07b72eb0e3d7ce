//! Why a configuration cannot be used: file, field, remedy. No error repeats a secret.

use std::path::PathBuf;

use keepwatch_common::model::address::AddressError;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is a folder, a pipe or a device.
    #[error("{} is no regular file; name the file that holds the configuration", path.display())]
    NotRegular {
        /// The file.
        path: PathBuf,
    },
    /// The file is too large to be a configuration.
    #[error("{} has {bytes} bytes; a configuration has at most {bytes_max}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// Not TOML, a field that does not exist, or one of another type.
    #[error("{}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        source: toml::de::Error,
    },
    /// A field whose value cannot be.
    #[error("{}: {field}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, e.g. `channel[1].url`.
        field: String,
        /// What is wrong, and what to write.
        #[source]
        source: FieldError,
    },
}

/// What is wrong with a field.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// Not an absolute path.
    #[error("{} must be an absolute path; begin it with /", path.display())]
    Relative {
        /// The path.
        path: PathBuf,
    },
    /// Outside its range.
    #[error("{value} is outside {min} to {max}")]
    Range {
        /// What is written.
        value: u64,
        /// The smallest allowed.
        min: u64,
        /// The largest allowed.
        max: u64,
    },
    /// A word that is none of those possible.
    #[error("“{word}” is not possible; use one of {possible}")]
    Word {
        /// What is written.
        word: String,
        /// What could be.
        possible: &'static str,
    },
    /// Not a name or an address of a host.
    #[error("“{host}” is no host")]
    Host {
        /// What is written.
        host: String,
        /// Why not.
        #[source]
        source: AddressError,
    },
    /// No host at all.
    #[error("name at least one host by which branches reach this coordinator")]
    NoHost,
    /// Not an IP address with a port.
    #[error("“{text}” is no IP address with a port; write it like [::]:7443 or 192.0.2.7:7443")]
    Socket {
        /// What is written.
        text: String,
    },
    /// A password where everybody reads it.
    #[error("a password does not belong here; put the whole address into database_url_file")]
    Password,
    /// Two ways at once.
    #[error("give one of {one} and {other}, not both")]
    Both {
        /// This one.
        one: &'static str,
        /// And this.
        other: &'static str,
    },
    /// Two of one name.
    #[error("the name {name} is given twice; each needs its own")]
    Twice {
        /// The name.
        name: String,
    },
    /// Not the name of a channel.
    #[error(
        "“{name}” is no channel's name; write 1 to {bytes_max} small letters, digits and dashes"
    )]
    ChannelName {
        /// What is written.
        name: String,
        /// The longest.
        bytes_max: usize,
    },
    /// Too many.
    #[error("has {count} entries, at most {count_max} are possible")]
    TooMany {
        /// How many.
        count: usize,
        /// The most.
        count_max: usize,
    },
    /// Not where pages can be reached.
    #[error("“{text}” is no address of pages; write https://HOST or https://HOST:PORT")]
    WebAddress {
        /// As written.
        text: String,
    },
    /// Not an address that can be posted to. The text is not repeated: it may hold a secret.
    #[error("is no address to post to; write https://HOST/PATH, without a user or a password")]
    Url,
    /// Everybody on the way could read it.
    #[error(
        "http:// leaves this machine unprotected; use https://, or allow it with plain_http = true"
    )]
    PlainHttp,
}
