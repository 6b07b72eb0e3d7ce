//! Feeds the reader of Dahua's files with any bytes behind the mark of a frame.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"DHAV")]));
