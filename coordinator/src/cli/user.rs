//! People who may sign in.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::client::Client;
use super::error::CliError;
use super::print::{self, Column, Format, field};
use super::{password, upkeep};
use crate::auth::people::WantedPerson;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a person; the password is asked for, or read from a file or a pipe
    Add {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum)]
        role: Role,
        /// The branch of a branch's person
        #[arg(long, value_name = "CODE")]
        branch: Option<String>,
        /// The region of a region's person
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
        /// A file whose first line is the password
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Who may sign in
    List {
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
}

/// The roles' words.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Role {
    /// Runs the installation
    Administrator,
    /// Sets the standard and supervises
    Headquarters,
    /// Supervises the branches of a region
    Region,
    /// Runs one branch
    Branch,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Headquarters => "headquarters",
            Self::Region => "region",
            Self::Branch => "branch",
        }
    }
}

const COLUMNS: [Column; 6] = [
    ("NAME", |user| field(user, "name")),
    ("ROLE", |user| field(user, "role")),
    ("REGION", |user| field(user, "region")),
    ("BRANCH", |user| field(user, "branch")),
    ("CREATED", |user| field(user, "created")),
    ("DISABLED", |user| field(user, "disabled")),
];

impl Command {
    /// Does it.
    pub(super) fn run(
        &self,
        client: &Client,
        config: &Path,
        format: Format,
    ) -> Result<(), CliError> {
        match self {
            Self::List { limit } => {
                print::rows(format, &client.list("/users", &[], *limit)?, &COLUMNS)?;
                Ok(())
            }
            Self::Add {
                name,
                role,
                branch,
                region,
                password_file,
            } => {
                let password = password::read(password_file.as_deref())?;
                let person = WantedPerson {
                    name: name.clone(),
                    role: role.word().to_owned(),
                    region: region.clone(),
                    branch: branch.clone(),
                };
                if !client.answers()? {
                    upkeep::first_person(config, client.socket(), &person, password)?;
                    return added(format, name);
                }
                let body = json!({
                    "name": name, "role": role.word(), "branch": branch, "region": region,
                    "password": password.expose(),
                });
                client.post("/users", &body)?;
                added(format, name)
            }
        }
    }
}

fn added(format: Format, name: &str) -> Result<(), CliError> {
    match format {
        Format::Json => print::value(&json!({ "name": name }))?,
        Format::Table => print::out(&format!("{name} may sign in"))?,
    }
    Ok(())
}
