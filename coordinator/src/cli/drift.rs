//! Watched files against what was approved.

use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{Client, Rows, part};
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with watched files.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// How each watched file stands
    List {
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// What of one file differs, setting by setting
    Show {
        /// The branch's code
        branch: String,
        /// The file's name
        name: String,
    },
    /// Approve what was read as the baseline
    Approve {
        /// The branch's code
        branch: String,
        /// The file's name
        name: String,
        /// The reading that you looked at, as “show” prints it
        #[arg(long)]
        reading: i64,
        /// Why it is as it should be, for the record
        #[arg(long)]
        reason: String,
    },
}

const COLUMNS: [Column; 7] = [
    ("BRANCH", |file| field(file, "branch")),
    ("NAME", |file| field(file, "name")),
    ("STATE", |file| field(file, "state")),
    ("CHANGES", |file| field(file, "changes")),
    ("READING", |file| field(file, "reading")),
    ("READ", |file| field(file, "read")),
    ("PATH", |file| field(file, "path")),
];

const ONE: [Column; 9] = [
    ("branch", |file| field(file, "branch")),
    ("name", |file| field(file, "name")),
    ("path", |file| field(file, "path")),
    ("state", |file| field(file, "state")),
    ("reading", |file| field(file, "reading")),
    ("read", |file| field(file, "read")),
    ("owner", |file| field(file, "owner")),
    ("unreadable", |file| field(file, "reason")),
    ("approved", approved),
];

const CHANGES: [Column; 4] = [
    ("SETTING", |change| field(change, "path")),
    ("CHANGE", |change| field(change, "change")),
    ("BEFORE", |change| field(change, "before")),
    ("AFTER", |change| field(change, "after")),
];

fn approved(file: &Value) -> String {
    let baseline = &file["baseline"];
    if baseline.is_null() {
        return "never".to_owned();
    }
    let (when, by) = (field(baseline, "approved"), field(baseline, "approved_by"));
    let (reading, reason) = (field(baseline, "reading"), field(baseline, "reason"));
    format!("reading {reading} on {when} by {by}: {reason}")
}

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::List { limit } => {
                print::rows(format, &client.list("/drift", &[], *limit)?, &COLUMNS)?;
            }
            Self::Show { branch, name } => {
                let path = format!("/drift/{}/{}", part(branch), part(name));
                show(&client.get(&path)?, format)?;
            }
            Self::Approve {
                branch,
                name,
                reading,
                reason,
            } => {
                let path = format!("/drift/{}/{}/approve", part(branch), part(name));
                let body = json!({ "reading": reading, "reason": reason });
                let file = client.post(&path, &body)?;
                match format {
                    Format::Json => print::value(&file)?,
                    Format::Table => print::out(&format!(
                        "reading {reading} is the baseline of {name} at branch {branch}"
                    ))?,
                }
            }
        }
        Ok(())
    }
}

fn show(file: &Value, format: Format) -> Result<(), CliError> {
    print::one(format, file, &ONE)?;
    if format == Format::Json {
        return Ok(());
    }
    let changes = file["changes"].as_array().cloned().unwrap_or_default();
    if changes.is_empty() {
        return Ok(());
    }
    print::out("")?;
    let rows = Rows {
        items: changes,
        next: None,
    };
    print::rows(format, &rows, &CHANGES)?;
    let more = file["changes_more"].as_u64().unwrap_or(0);
    if more > 0 {
        print::note(&format!("and {more} more"));
    }
    Ok(())
}
