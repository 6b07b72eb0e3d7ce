//! Regions, which branches belong to.

use clap::Subcommand;
use serde_json::json;

use super::client::Client;
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with regions.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Which regions there are
    List {
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// Add a region
    Add {
        /// Its code
        code: String,
        /// Its name; the code, when it has none
        #[arg(long)]
        name: Option<String>,
        /// The code of the region that it belongs to
        #[arg(long, value_name = "CODE")]
        above: Option<String>,
    },
}

const COLUMNS: [Column; 3] = [
    ("CODE", |region| field(region, "code")),
    ("NAME", |region| field(region, "name")),
    ("ABOVE", |region| field(region, "above")),
];

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::List { limit } => {
                print::rows(format, &client.list("/regions", &[], *limit)?, &COLUMNS)?;
            }
            Self::Add { code, name, above } => {
                let body = json!({ "code": code, "name": name, "above": above });
                let region = client.post("/regions", &body)?;
                match format {
                    Format::Json => print::value(&region)?,
                    Format::Table => print::out(&format!("region {code} is added"))?,
                }
            }
        }
        Ok(())
    }
}
