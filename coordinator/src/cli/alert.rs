//! Alerts.

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Client;
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with alerts.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Which alerts there are, newest first
    List(List),
    /// Say that an alert was seen
    Ack {
        /// Its number
        id: u64,
        /// What is to be said about it
        #[arg(long, default_value = "")]
        note: String,
    },
}

/// Which alerts.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this branch
    #[arg(long, value_name = "CODE")]
    branch: Option<String>,
    /// Only of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only this bad
    #[arg(long)]
    severity: Option<String>,
    /// Only in this condition
    #[arg(long)]
    condition: Option<String>,
    /// Only handled so
    #[arg(long)]
    handling: Option<String>,
    /// Also those that recovered and were closed
    #[arg(long)]
    settled: bool,
    /// At most so many
    #[arg(long, default_value_t = 1_000)]
    limit: usize,
}

const COLUMNS: [Column; 9] = [
    ("ID", |alert| field(alert, "id")),
    ("SEVERITY", |alert| field(alert, "severity")),
    ("KIND", |alert| field(alert, "kind")),
    ("CLAUSE", |alert| field(alert, "clause")),
    ("BRANCH", |alert| field(alert, "branch")),
    ("SUBJECT", |alert| field(alert, "subject")),
    ("CONDITION", |alert| field(alert, "condition")),
    ("HANDLING", |alert| field(alert, "handling")),
    ("SINCE", |alert| field(alert, "since")),
];

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::List(wanted) => {
                let query = [
                    ("branch", wanted.branch.as_deref()),
                    ("kind", wanted.kind.as_deref()),
                    ("severity", wanted.severity.as_deref()),
                    ("condition", wanted.condition.as_deref()),
                    ("handling", wanted.handling.as_deref()),
                    ("settled", wanted.settled.then_some("true")),
                ];
                let rows = client.list("/alerts", &query, wanted.limit)?;
                print::rows(format, &rows, &COLUMNS)?;
            }
            Self::Ack { id, note } => {
                let body = json!({ "note": note });
                let alert = client.post(&format!("/alerts/{id}/acknowledge"), &body)?;
                match format {
                    Format::Json => print::value(&alert)?,
                    Format::Table => print::out(&format!("alert {id} is acknowledged"))?,
                }
            }
        }
        Ok(())
    }
}
