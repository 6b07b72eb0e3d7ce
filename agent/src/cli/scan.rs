//! `keepwatch-agent scan`: audits a tree and prints it as a table for people or as JSON for programs.
//!
//! The JSON's keys are a contract: they are only ever added to.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use keepwatch_common::clock::Clock;
use keepwatch_common::time::{DAY_MS, Instant, Zone};

use super::outcome::{FAILED, FINDINGS, GOOD, complain, say, unprinted};
use crate::footage::audit::{Audit, Plan, Progress, Until, Verify};
use crate::footage::layout::ZoneRule;
use crate::footage::layouts;
use crate::footage::recognise::{RecogniseError, Recognised, recognise};
use crate::footage::scan::scan;

mod json;
mod table;

/// Days of footage a policy can ask for, at most: ten years.
const RETENTION_DAYS_MAX: i64 = 3_650;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The recorder's root folder
    path: PathBuf,
    /// How footage is laid: a name that `keepwatch-agent layouts` lists, or auto to recognise it
    #[arg(long)]
    layout: String,
    /// The IANA time zone that file names are in [default: UTC where the layout allows]
    #[arg(long, value_name = "IANA")]
    layout_timezone: Option<String>,
    /// The recorder's own database or list, where it lies elsewhere than the footage
    #[arg(long, value_name = "PATH")]
    index: Option<PathBuf>,
    /// The IANA time zone whose days are counted
    #[arg(long, default_value = "UTC", value_name = "IANA")]
    timezone: String,
    /// Begin of the audited range, RFC 3339 [default: each camera's oldest segment]
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// End of the audited range, RFC 3339 or now [default: the newest segment of any camera]
    #[arg(long, value_name = "T|now")]
    to: Option<String>,
    /// Days of unbroken footage that are required
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(0..=RETENTION_DAYS_MAX))]
    retention_days: i64,
    /// Whether each file is opened and its structure checked
    #[arg(long, value_enum, default_value = "structure")]
    verify: Depth,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Depth {
    None,
    Structure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Why the arguments make no plan.
#[derive(Debug, thiserror::Error)]
enum PlanError {
    #[error("--layout")]
    Layout(#[from] layouts::LayoutError),
    #[error("--layout auto")]
    Recognise(#[from] RecogniseError),
    #[error("recognised {layout}: {reason}; {hint}")]
    ZoneMissing {
        layout: &'static str,
        reason: String,
        hint: String,
    },
    #[error(
        "--from cannot be now: the range would be empty; write a time like 2026-11-23T08:00:00Z"
    )]
    FromNow,
    #[error("{option}")]
    Time {
        option: &'static str,
        #[source]
        source: keepwatch_common::time::TimeError,
    },
}

pub(super) fn run(arguments: &Arguments, clock: &dyn Clock) -> u8 {
    let (plan, recognised) = match plan(arguments) {
        Ok(plan) => plan,
        Err(error) => {
            complain(&error);
            return FAILED;
        }
    };
    if let Some(recognised) = &recognised {
        note(recognised);
    }
    let bar = progress_bar();
    let outcome = scan(&plan, clock, &mut |progress| show(&bar, progress));
    bar.finish_and_clear();
    let audit = match outcome {
        Ok(audit) => audit,
        Err(error) => {
            complain(&error);
            return FAILED;
        }
    };
    let printed = print(&audit, &plan, recognised.as_ref(), arguments);
    for trouble in &audit.unreadable {
        complain(trouble);
    }
    let code = verdict(&audit, arguments.retention_days);
    printed.map_or_else(|error| unprinted(error, code), |()| code)
}

fn plan(arguments: &Arguments) -> Result<(Plan, Option<Recognised>), PlanError> {
    let zone =
        |option, name: &str| Zone::named(name).map_err(|source| PlanError::Time { option, source });
    let instant = |option, text: &str| {
        Instant::parse(text).map_err(|source| PlanError::Time { option, source })
    };
    if arguments.from.as_deref() == Some("now") {
        return Err(PlanError::FromNow);
    }
    let layout_zone = arguments
        .layout_timezone
        .as_deref()
        .map(|name| zone("--layout-timezone", name))
        .transpose()?;
    let recognised = (arguments.layout == layouts::AUTO)
        .then(|| recognise(&arguments.path))
        .transpose()?;
    if let Some(found) = &recognised
        && (found.zone, &layout_zone) == (ZoneRule::Local, &None)
    {
        return Err(PlanError::ZoneMissing {
            layout: found.layout,
            reason: found.reason(),
            hint: found.zone_hint(),
        });
    }
    let name = recognised
        .as_ref()
        .map_or(arguments.layout.as_str(), |found| found.layout);
    let layout = layouts::indexed(name, layout_zone, arguments.index.as_deref())?;
    let until = match arguments.to.as_deref() {
        None => Until::NewestOfAny,
        Some("now") => Until::Now,
        Some(text) => Until::At(instant("--to", text)?),
    };
    let plan = Plan {
        root: layouts::root(&arguments.path, layout.as_ref()),
        from: arguments
            .from
            .as_deref()
            .map(|text| instant("--from", text))
            .transpose()?,
        until,
        verify: match arguments.verify {
            Depth::None => Verify::None,
            Depth::Structure => Verify::Structure,
        },
        zone: zone("--timezone", &arguments.timezone)?,
        layout,
    };
    Ok((plan, recognised))
}

/// Why this layout and no other.
fn note(recognised: &Recognised) {
    say(format_args!(
        "recognised {}: {}",
        recognised.layout,
        recognised.reason()
    ));
}

/// A bar on a terminal, nothing in a pipe.
fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("{bar:32} {pos}/{len} folders · {msg} · {elapsed}")
    {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_length(u64::try_from(progress.total).unwrap_or(u64::MAX));
    bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
    bar.set_message(format!("{} segments", progress.files));
}

fn print(
    audit: &Audit,
    plan: &Plan,
    recognised: Option<&Recognised>,
    arguments: &Arguments,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match arguments.format {
        Format::Json => {
            serde_json::to_writer(
                &mut out,
                &json::document(audit, &plan.layout.name(), recognised),
            )?;
            writeln!(out)
        }
        Format::Table => table::write(&mut out, audit, arguments.retention_days),
    }
}

/// Not everything read is not measured; then gaps, faults and short retention are findings.
fn verdict(audit: &Audit, retention_days: i64) -> u8 {
    let wrong = audit.cameras.iter().any(|camera| {
        !camera.gaps.is_empty()
            || camera.fault_count > 0
            || camera.continuous.ms < retention_days * DAY_MS
    });
    match (audit.unreadable_count, wrong) {
        (0, false) => GOOD,
        (0, true) => FINDINGS,
        _ => FAILED,
    }
}
