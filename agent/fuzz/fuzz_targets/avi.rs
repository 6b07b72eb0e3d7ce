//! Feeds the reader of AVI with any bytes behind its first names.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"RIFF"), (8, b"AVI ")]));
