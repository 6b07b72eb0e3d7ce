//! Invitations for agents.

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Client;
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a join string that lets an agent join a branch; it is shown this once
    Create(Wish),
    /// Which tokens there are, without their secrets
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
}

/// A token to be.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// The branch whose agent it lets in
    #[arg(long, value_name = "CODE")]
    branch: String,
    /// Make the branch if it is not there
    #[arg(long)]
    create_branch: bool,
    /// The name of a branch that is made
    #[arg(long, requires = "create_branch")]
    name: Option<String>,
    /// The IANA time zone of a branch that is made
    #[arg(long, value_name = "ZONE", requires = "create_branch")]
    time_zone: Option<String>,
    /// The region of a branch that is made
    #[arg(long, value_name = "CODE", requires = "create_branch")]
    region: Option<String>,
    /// For how many minutes it is good
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// How many agents it lets in
    #[arg(long, default_value_t = 1)]
    uses: u32,
}

const COLUMNS: [Column; 6] = [
    ("ID", |token| field(token, "id")),
    ("BRANCH", |token| field(token, "branch")),
    ("USES LEFT", |token| field(token, "uses_left")),
    ("CREATED BY", |token| field(token, "created_by")),
    ("EXPIRES", |token| field(token, "expires")),
    ("USED", |token| field(token, "used")),
];

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::List { limit } => {
                print::rows(format, &client.list("/tokens", &[], *limit)?, &COLUMNS)?;
            }
            Self::Create(wanted) => {
                let body = json!({
                    "branch": wanted.branch, "create_branch": wanted.create_branch,
                    "name": wanted.name, "time_zone": wanted.time_zone,
                    "region": wanted.region, "expires_minutes": wanted.minutes,
                    "uses": wanted.uses,
                });
                let made = client.post("/tokens", &body)?;
                match format {
                    Format::Json => print::value(&made)?,
                    Format::Table => {
                        // The string alone, so that it can be piped to where it belongs.
                        print::out(&field(&made, "join"))?;
                        let (branch, ends) = (field(&made, "branch"), field(&made, "expires"));
                        print::note(&format!(
                            "for branch {branch}, good until {ends}, for {} agent{}; it is not shown again",
                            wanted.uses,
                            if wanted.uses == 1 { "" } else { "s" }
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}
