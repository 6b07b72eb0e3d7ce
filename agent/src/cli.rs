//! The agent's command line: reads arguments, calls what does the work, prints.
//!
//! A *face*: it uses its children, one a command. The only place of this crate that prints.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use keepwatch_common::clock::SystemClock;

mod check_config;
mod count;
mod join;
mod layouts;
mod outcome;
mod premises;
mod run;
mod scan;
mod status;
mod verify;

#[derive(Debug, Parser)]
#[command(name = "keepwatch-agent", version, about = "Measures whether a branch keeps watch", long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the agent until it is asked to stop
    Run(run::Arguments),
    /// Join a coordinator with a join string
    Join(join::Arguments),
    /// Say how the running agent stands
    Status(status::Arguments),
    /// Check a configuration file without starting anything
    CheckConfig(check_config::Arguments),
    /// Audit a recorder's footage once, without a coordinator
    Scan(scan::Arguments),
    /// List the layouts of footage that can be named
    Layouts(layouts::Arguments),
    /// Check the structure of recorded files
    Verify(verify::Arguments),
}

/// Runs the program; returns its exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let clock = Arc::new(SystemClock::new());
    let code = match arguments.command {
        Command::Run(arguments) => run::run(&arguments, clock),
        Command::Join(arguments) => join::run(&arguments, clock),
        Command::Status(arguments) => status::run(&arguments, clock.as_ref()),
        Command::CheckConfig(arguments) => check_config::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments, clock.as_ref()),
        Command::Layouts(arguments) => layouts::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    ExitCode::from(code)
}
