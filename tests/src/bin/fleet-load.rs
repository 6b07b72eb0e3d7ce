//! Measures a coordinator under many agents beside bare inserts, and prints the figures as JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use keepwatch_common::error_chain::chain;
use keepwatch_tests::figures::child::Task;
use keepwatch_tests::figures::failure::{Failure, While};
use keepwatch_tests::figures::fleet::load::{Plan, measure};
use keepwatch_tests::figures::fleet::place::Kind;

const MEANING: &str = "\
Figures (JSON on standard output), medians of the runs. Agents, coordinator and database share this
machine; the coordinator is a process of its own.
  observations_per_s      observations stored, judged and acknowledged a second, over all agents,
                          from the first report to the last acknowledgement
  bare_inserts_per_s      rows a second: the same observations as bare rows, 500 a statement and
                          transaction, into the same kind of database, as durable, in the same run
  vs_bare                 observations_per_s ÷ bare_inserts_per_s
  report_to_ack_ms        ms from handing a report to the connection to its acknowledgement; p50 and
                          p99 of all reports, while every agent has as many on their way as allowed
  rss_mib                 MiB: the coordinator's resident memory, all agents connected and quiet
  rss_mib_before          MiB: the same before any agent connected
  rss_mib_after_load      MiB: the same after the last acknowledgement
  rss_kib_per_connection  KiB: (rss_mib − rss_mib_before) ÷ agents
  connections_per_s       handshakes a second until the last agent was welcomed
  observations            acknowledged in each run, and counted in the tables afterwards
  agents, per_report, in_flight, runs, processors   how it was measured";

/// Measures how fast a coordinator takes what many agents tell, and what their connections cost.
#[derive(Debug, Parser)]
#[command(name = "fleet-load", after_help = MEANING)]
struct Options {
    /// Agents, each at a branch of its own
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    agents: u32,
    /// Observations of each agent
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    observations: u32,
    /// Observations of one report at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    per_report: u32,
    /// Reports of one lane that an agent has on their way at most
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=8))]
    in_flight: u32,
    /// Where the coordinator keeps them
    #[arg(long, value_enum, default_value_t = Where::Sqlite)]
    database: Where,
    /// How often, each time with a fresh coordinator and database
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// What is told
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where state is kept while it runs
    #[arg(long, value_name = "FOLDER", default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

/// The databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    /// A file beside the coordinator
    Sqlite,
    /// A server on this machine that is thrown away
    Postgres,
}

fn main() -> ExitCode {
    match Task::of_arguments() {
        Some(task) => ended(task.perform()),
        None => ended(figures(Options::parse())),
    }
}

#[expect(clippy::print_stdout, reason = "the figures are the answer")]
fn figures(options: Options) -> Result<(), Failure> {
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let plan = Plan {
        agents: count(options.agents),
        observations: u64::from(options.observations),
        per_report: count(options.per_report),
        in_flight: count(options.in_flight),
        database: match options.database {
            Where::Sqlite => Kind::Sqlite,
            Where::Postgres => Kind::Postgres,
        },
        runs: count(options.runs),
        seed: options.seed,
        folder: options.folder,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .during("starting a runtime")?;
    let figures = runtime.block_on(measure(&plan))?;
    let text = serde_json::to_string_pretty(&figures).during("writing the figures")?;
    println!("{text}");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a program says why it failed")]
fn ended(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet-load: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}
