//! The coordinator's program: hands the command line to [`keepwatch_coordinator::cli`] and nothing else.

fn main() {}
