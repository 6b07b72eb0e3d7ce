//! The demo: a coordinator and three agents as real processes on this machine, over real footage
//! files, with things that are wrong and the alerts that follow.
//!
//! A *face*: it uses its children. The program runs itself again for every process: under the names of
//! the product's programs it is these programs. It sets everything up at their command lines, with no
//! way in that an operator does not have. `drift_to_alert_ms` of its report is the time from the write
//! of a watched file to the webhook's receipt; `scan_ms` is the first walk of the slowest agent, as its
//! status file says.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use keepwatch_common::clock::SystemClock;
use keepwatch_common::error_chain::chain;

mod arguments;
mod configuration;
mod deliveries;
mod expected;
mod folder;
mod guide;
mod headquarters;
mod part;
mod program;
mod scene;
mod secrets;
mod show;
mod site;
mod stage;
mod voice;

use arguments::Arguments;
use part::Part;
use show::ShowError;
use voice::Voice;

/// Runs the program, or the part that it was started as; its exit code.
pub fn main() -> ExitCode {
    let started_as = std::env::args_os().next().unwrap_or_default();
    if let Some(part) = Part::of(&started_as) {
        return part.play();
    }
    let arguments = Arguments::parse();
    let voice = Arc::new(Voice::new());
    match run(&arguments, voice.clone()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            voice.rest();
            voice.line(&format!("demo: {}", chain(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, voice: Arc<Voice>) -> Result<(), ShowError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let clock = Arc::new(SystemClock::new());
    runtime.block_on(show::show(arguments, clock, voice))
}
