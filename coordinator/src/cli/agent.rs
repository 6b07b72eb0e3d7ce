//! Agents.

use clap::Subcommand;
use serde_json::json;

use super::client::{Client, part};
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with agents.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Which agents there are, and when each was heard
    List {
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// Shut an agent out for good; its connection ends at once
    Revoke {
        /// Its id
        id: String,
        /// Why, for the record
        #[arg(long)]
        reason: String,
    },
}

const COLUMNS: [Column; 7] = [
    ("ID", |agent| field(agent, "id")),
    ("BRANCH", |agent| field(agent, "branch")),
    ("STATE", |agent| field(agent, "state")),
    ("HOST", |agent| field(agent, "host")),
    ("VERSION", |agent| field(agent, "version")),
    ("HEARD", |agent| field(agent, "heard")),
    ("JOINED", |agent| field(agent, "joined")),
];

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::List { limit } => {
                print::rows(format, &client.list("/agents", &[], *limit)?, &COLUMNS)?;
            }
            Self::Revoke { id, reason } => {
                let path = format!("/agents/{}/revoke", part(id));
                let agent = client.post(&path, &json!({ "reason": reason }))?;
                match format {
                    Format::Json => print::value(&agent)?,
                    Format::Table => {
                        let branch = field(&agent, "branch");
                        print::out(&format!("agent {id} of branch {branch} is shut out"))?;
                    }
                }
            }
        }
        Ok(())
    }
}
