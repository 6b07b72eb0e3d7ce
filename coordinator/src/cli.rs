//! The coordinator's command line: reads arguments, asks the coordinator, prints.
//!
//! A *face*: it uses its children. The only place of this crate that prints. It speaks `/api/v1` like
//! any other program, on this machine over the Unix socket; only `migrate`, `check` and the first
//! `user add` open the database, alone. Exit codes are part of the contract: 0 done, 1 the coordinator
//! refused or something is wrong, 2 it could not be done, 70 the coordinator ran and died of a fault.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use keepwatch_common::error_chain::chain;

/// Agents.
mod agent;
/// Alerts.
mod alert;
/// Branches.
mod branch;
/// One exchange with the coordinator.
mod client;
/// Watched files.
mod drift;
/// What can go wrong here.
mod error;
/// Footage that is held.
mod hold;
/// Passwords: from a file, from a pipe, or typed.
mod password;
/// Prints answers, for people or for programs.
mod print;
/// Regions.
mod region;
/// Tables for people.
mod table;
/// Invitations.
mod token;
/// What opens the database without the coordinator.
mod upkeep;
/// People.
mod user;

use client::Client;
use error::CliError;
use print::Format;

/// It is done.
const DONE: u8 = 0;

/// Where the configuration is when nobody says.
const CONFIG: &str = "/etc/keepwatch/keepwatch.toml";

#[derive(Debug, Parser)]
#[command(name = "keepwatch", version, about = "Proves that branches keep watch", long_about = None)]
struct Arguments {
    /// The configuration; it also says where the coordinator's socket is
    #[arg(long, global = true, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
    /// The coordinator's socket, when there is no configuration to read
    #[arg(long, global = true, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// How answers are printed
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the coordinator until it is told to stop
    Serve,
    /// Bring the database to this program's version; no coordinator may run
    Migrate,
    /// See whether a coordinator could start, and say what is wrong
    Check,
    /// People who may sign in
    #[command(subcommand)]
    User(user::Command),
    /// Invitations for agents
    #[command(subcommand)]
    Token(token::Command),
    /// Agents
    #[command(subcommand)]
    Agent(agent::Command),
    /// Alerts
    #[command(subcommand)]
    Alert(alert::Command),
    /// Watched files against what was approved
    #[command(subcommand)]
    Drift(drift::Command),
    /// Footage that must outlive its retention
    #[command(subcommand)]
    Hold(hold::Command),
    /// Branches
    #[command(subcommand)]
    Branch(branch::Command),
    /// Regions, which branches belong to
    #[command(subcommand)]
    Region(region::Command),
}

/// Runs the program; returns its exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let code = match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            error.exit_code()
        }
    };
    ExitCode::from(code)
}

fn run(arguments: &Arguments) -> Result<u8, CliError> {
    let Arguments {
        config,
        socket,
        format,
        command,
    } = arguments;
    let client = || Client::at(socket.as_deref(), config);
    match command {
        Command::Serve => upkeep::serve(config)?,
        Command::Migrate => upkeep::migrate(config, *format)?,
        Command::Check => return upkeep::check(config, *format),
        Command::User(command) => command.run(&client()?, config, *format)?,
        Command::Token(command) => command.run(&client()?, *format)?,
        Command::Agent(command) => command.run(&client()?, *format)?,
        Command::Alert(command) => command.run(&client()?, *format)?,
        Command::Drift(command) => command.run(&client()?, *format)?,
        Command::Hold(command) => command.run(&client()?, *format)?,
        Command::Branch(command) => command.run(&client()?, *format)?,
        Command::Region(command) => command.run(&client()?, *format)?,
    }
    Ok(DONE)
}

/// Prints an error with its causes on standard error, and what to do about it.
fn complain(error: &CliError) {
    print::note(&format!("keepwatch: {}", chain(error)));
    if let Some(remedy) = error.remedy() {
        print::note(&format!("keepwatch: {remedy}"));
    }
}
