//! Branches.

use clap::Subcommand;
use serde_json::json;

use super::client::Client;
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with branches.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Which branches there are
    List {
        /// At most so many
        #[arg(long, default_value_t = 10_000)]
        limit: usize,
    },
    /// Add a branch
    Add {
        /// Its code
        code: String,
        /// Its name; the code, when it has none
        #[arg(long)]
        name: Option<String>,
        /// Its IANA time zone
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
        /// The code of its region
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
    },
}

const COLUMNS: [Column; 8] = [
    ("CODE", |branch| field(branch, "code")),
    ("NAME", |branch| field(branch, "name")),
    ("REGION", |branch| field(branch, "region")),
    ("ZONE", |branch| field(branch, "time_zone")),
    ("AGENTS", |branch| {
        let (connected, all) = (field(branch, "agents_connected"), field(branch, "agents"));
        format!("{connected}/{all}")
    }),
    ("CAMERAS", |branch| field(branch, "cameras")),
    ("ALERTS", |branch| field(branch, "alerts_standing")),
    ("HEARD", |branch| field(branch, "heard")),
];

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::List { limit } => {
                print::rows(format, &client.list("/branches", &[], *limit)?, &COLUMNS)?;
            }
            Self::Add {
                code,
                name,
                time_zone,
                region,
            } => {
                let body = json!({
                    "code": code, "name": name, "time_zone": time_zone, "region": region,
                });
                let branch = client.post("/branches", &body)?;
                match format {
                    Format::Json => print::value(&branch)?,
                    Format::Table => print::out(&format!("branch {code} is added"))?,
                }
            }
        }
        Ok(())
    }
}
