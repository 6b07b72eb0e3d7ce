//! The agent's command line: reads arguments, calls what does the work, prints.
//!
//! The only place of this crate that prints. Exit codes are part of the contract: 0 as it should be,
//! 1 findings, 2 could not do it.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use keepwatch_common::clock::SystemClock;

mod outcome;
mod scan;
mod verify;

#[derive(Debug, Parser)]
#[command(name = "keepwatch-agent", version, about = "Measures whether a branch keeps watch", long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Audit a recorder's footage once, without a coordinator
    Scan(scan::Arguments),
    /// Check the structure of recorded files
    Verify(verify::Arguments),
}

/// Runs the program; returns its exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let clock = SystemClock::new();
    let code = match arguments.command {
        Command::Scan(arguments) => scan::run(&arguments, &clock),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    ExitCode::from(code)
}
