//! Footage that must outlive its retention.

use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{Client, part};
use super::error::CliError;
use super::print::{self, Column, Format, field};

/// What can be done with holds.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Hold a camera's footage of a stretch; it may reach up to 31 days ahead
    Add {
        /// The branch's code
        branch: String,
        /// The recorder, as “branch show” names it
        recorder: String,
        /// The camera
        camera: String,
        /// From when, as in 2026-11-23T08:00:00+08:00
        #[arg(long)]
        from: String,
        /// To when
        #[arg(long)]
        to: String,
        /// What for, for the record
        #[arg(long)]
        reason: String,
    },
    /// Which footage is held, newest hold first
    List {
        /// Also what was released
        #[arg(long)]
        released: bool,
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// How one hold stands
    Show {
        /// Its number
        hold: i64,
    },
    /// Let footage go its way again; copies are removed after the branch's grace
    Release {
        /// Its number
        hold: i64,
        /// Why, for the record
        #[arg(long)]
        reason: String,
    },
}

const COLUMNS: [Column; 9] = [
    ("ID", |hold| field(hold, "id")),
    ("BRANCH", |hold| field(hold, "branch")),
    ("RECORDER", |hold| field(hold, "recorder")),
    ("CAMERA", |hold| field(hold, "camera")),
    ("FROM", |hold| field(hold, "from")),
    ("TO", |hold| field(hold, "to")),
    ("OUTCOME", |hold| field(hold, "outcome")),
    ("STANDING", |hold| field(hold, "standing")),
    ("REASON", |hold| field(hold, "reason")),
];

const ONE: [Column; 20] = [
    ("id", |hold| field(hold, "id")),
    ("branch", |hold| field(hold, "branch")),
    ("recorder", |hold| field(hold, "recorder")),
    ("camera", |hold| field(hold, "camera")),
    ("from", |hold| field(hold, "from")),
    ("to", |hold| field(hold, "to")),
    ("reason", |hold| field(hold, "reason")),
    ("placed", |hold| done(hold, "placed", "placed_by")),
    ("outcome", |hold| field(hold, "outcome")),
    ("standing", |hold| field(hold, "standing")),
    ("since", |hold| field(hold, "standing_since")),
    ("segments", |hold| field(hold, "segments")),
    ("bytes", |hold| field(hold, "bytes")),
    ("in the vault", |hold| field(hold, "copied")),
    ("gone", |hold| field(hold, "gone")),
    ("changed", |hold| field(hold, "changed")),
    ("missing from", |hold| field(hold, "first_missing")),
    ("verified", |hold| field(hold, "verified")),
    ("released", |hold| done(hold, "released", "released_by")),
    ("because", |hold| field(hold, "release_reason")),
];

fn done(hold: &Value, when: &str, by: &str) -> String {
    match (field(hold, when), field(hold, by)) {
        (when, _) if when.is_empty() => when,
        (when, by) => format!("{when} by {by}"),
    }
}

impl Command {
    /// Does it.
    pub(super) fn run(&self, client: &Client, format: Format) -> Result<(), CliError> {
        match self {
            Self::Add {
                branch,
                recorder,
                camera,
                from,
                to,
                reason,
            } => {
                let body = json!({
                    "branch": branch, "recorder": recorder, "camera": camera,
                    "from": from, "to": to, "reason": reason,
                });
                told(&client.post("/holds", &body)?, format, "is placed")
            }
            Self::List { released, limit } => {
                let released = released.to_string();
                let query = [("released", Some(released.as_str()))];
                print::rows(format, &client.list("/holds", &query, *limit)?, &COLUMNS)
            }
            Self::Show { hold } => {
                let path = format!("/holds/{}", part(&hold.to_string()));
                print::one(format, &client.get(&path)?, &ONE)
            }
            Self::Release { hold, reason } => {
                let path = format!("/holds/{}/release", part(&hold.to_string()));
                let body = json!({ "reason": reason });
                told(&client.post(&path, &body)?, format, "is released")
            }
        }
    }
}

fn told(hold: &Value, format: Format, what: &str) -> Result<(), CliError> {
    match format {
        Format::Json => print::value(hold),
        Format::Table => print::out(&format!("hold {} {what}", field(hold, "id"))),
    }
}
