//! The coordinator's program: hands the command line to [`keepwatch_coordinator::cli`] and nothing
//! else.

use std::process::ExitCode;

fn main() -> ExitCode {
    keepwatch_coordinator::cli::main()
}
