//! The coordinator's command line: reads arguments, calls what does the work, prints.
//!
//! A *face*: it uses its children. With them the only place of this crate that prints. Exit codes are
//! part of the contract: 0 as it should be, 2 could not do it, 70 ran and died of a fault.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod check;
mod migrate;
mod serve;
mod voice;

#[derive(Debug, Parser)]
#[command(name = "keepwatch", version, about = "Judges whether a chain's branches keep watch", long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the coordinator
    Serve(serve::Arguments),
    /// Check a configuration and start nothing
    Check(check::Arguments),
    /// Bring the database to this program's schema while no coordinator runs
    Migrate(migrate::Arguments),
}

/// Runs the program; returns its exit code.
pub fn main() -> ExitCode {
    let code = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
    };
    ExitCode::from(code)
}
