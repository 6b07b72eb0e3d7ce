//! What can go wrong on the command line, and the exit code that it gives.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::app::{MigrateError, RunError, ServeError, StateError};
use crate::auth::password::HashError;
use crate::auth::people::AddPersonError;
use crate::config::ConfigError;
use crate::store::{OpenError, StoreError};

/// The coordinator refused.
const REFUSED: u8 = 1;
/// It could not be done.
const FAILED: u8 = 2;
/// The coordinator ran and died of a fault (`EX_SOFTWARE` of BSD's `sysexits.h`).
const DIED: u8 = 70;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nobody answers.
    #[error("no coordinator answers at {}", path.display())]
    Unreachable {
        /// The socket.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody answers who does not speak HTTP, or stops in between.
    #[error("the coordinator's answer was lost")]
    Lost(#[source] hyper::Error),
    /// The answer is too long, or ends too early.
    #[error("the coordinator's answer cannot be read")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer takes too long.
    #[error("the coordinator did not answer within {} s", after.as_secs())]
    Slow {
        /// How long was waited.
        after: Duration,
    },
    /// The request cannot be written.
    #[error("the request cannot be written")]
    Request(#[from] hyper::http::Error),
    /// The answer is not what this version of the interface says.
    #[error("the coordinator's answer is not understood; is it another version?")]
    Answer(#[from] serde_json::Error),
    /// The coordinator refused, and says why.
    #[error("{message}")]
    Refused {
        /// The status.
        status: u16,
        /// Why.
        message: String,
        /// What to do.
        remedy: Option<String>,
    },
    /// There is no runtime or terminal.
    #[error("the system does not give what the program needs")]
    System(#[from] io::Error),
    /// Standard output takes nothing.
    #[error("it was done, but the answer cannot be printed")]
    Print(#[source] io::Error),
    /// A password's file cannot be read.
    #[error("the password cannot be read")]
    PasswordFile(#[source] io::Error),
    /// The same was not typed twice.
    #[error("the two passwords are not the same; nothing was changed")]
    PasswordDiffers,
    /// There is no password.
    #[error("the password is empty; nothing was changed")]
    PasswordEmpty,
    /// The coordinator ended badly.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The database was not migrated.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// What the coordinator keeps.
    #[error(transparent)]
    State(#[from] StateError),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database fails.
    #[error("the database does not take it")]
    Store(#[from] StoreError),
    /// A person cannot be added.
    #[error(transparent)]
    AddPerson(#[from] AddPersonError),
    /// A password cannot be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database has people, so the coordinator is to be asked.
    #[error("there are people already, and no coordinator answers at {}", path.display())]
    NotFirst {
        /// The socket.
        path: PathBuf,
    },
    /// The first person could add nobody.
    #[error("the first person must be an administrator, or nobody could ever add another")]
    FirstIsNoAdministrator,
}

impl CliError {
    /// 1 when the coordinator refused, 2 when it could not be done, 70 when the coordinator died.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Serve(ServeError::Run(RunError::Died(_)) | ServeError::CutShort) => DIED,
            Self::Refused { status, .. } if *status < 500 => REFUSED,
            Self::AddPerson(AddPersonError::Store(_)) => FAILED,
            Self::AddPerson(_)
            | Self::FirstIsNoAdministrator
            | Self::PasswordDiffers
            | Self::PasswordEmpty => REFUSED,
            _ => FAILED,
        }
    }

    /// What to do, where the error itself does not say it.
    pub(super) fn remedy(&self) -> Option<&str> {
        match self {
            Self::Refused { remedy, .. } => remedy.as_deref(),
            Self::Unreachable { source, .. }
                if source.kind() == io::ErrorKind::PermissionDenied =>
            {
                Some("run this as the coordinator's own user, or as root")
            }
            Self::Unreachable { .. } | Self::NotFirst { .. } => Some(
                "start it with “keepwatch serve”, or say where its socket is with --config or --socket",
            ),
            _ => None,
        }
    }
}
