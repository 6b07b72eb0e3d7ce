//! The agent's program: hands the command line to [`keepwatch_agent::cli`] and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    keepwatch_agent::cli::main()
}
