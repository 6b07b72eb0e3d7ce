//! The demo's program: hands over to [`keepwatch_tests::demo`] and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    keepwatch_tests::demo::main()
}
