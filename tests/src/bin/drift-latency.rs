//! Measures how long it takes from the change of a watched file to the receiver of notifications.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use keepwatch_common::error_chain::chain;
use keepwatch_tests::figures::child::Task;
use keepwatch_tests::figures::drift::measure;
use keepwatch_tests::figures::failure::{Failure, While};

const MEANING: &str = "\
Figures (JSON on standard output), in milliseconds, as p50, p99 and max of all changes:
  change_to_webhook_ms     from before the file is written until its notification has been received
  change_to_judged_ms      of it: until the coordinator judges (millisecond clock of this machine);
                           it includes the 50 ms for which the agent lets a file come to rest
  judged_to_webhook_ms     of it: commit, and delivery to the receiver
  restored_to_webhook_ms   the same as the first for putting the file back
  changes                  changes that were made, each answered by a notification of its own
  files                    files that took turns; an agent reads one that never rests more rarely
  processors               of this machine, shared by agent, coordinator and receiver
A drift is told when it begins and when it is over, so each change is put back before the next.";

/// Changes watched files of a real agent and waits for the webhook of a real coordinator.
#[derive(Debug, Parser)]
#[command(name = "drift-latency", after_help = MEANING)]
struct Options {
    /// Changes, one after the other
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    changes: u32,
    /// Where state is kept while it runs
    #[arg(long, value_name = "FOLDER", default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match Task::of_arguments() {
        Some(task) => ended(task.perform()),
        None => ended(figures(&Options::parse())),
    }
}

#[expect(clippy::print_stdout, reason = "the figures are the answer")]
fn figures(options: &Options) -> Result<(), Failure> {
    let changes = usize::try_from(options.changes).unwrap_or(usize::MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .during("starting a runtime")?;
    let figures = runtime.block_on(measure(changes, &options.folder))?;
    let text = serde_json::to_string_pretty(&figures).during("writing the figures")?;
    println!("{text}");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a program says why it failed")]
fn ended(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("drift-latency: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}
