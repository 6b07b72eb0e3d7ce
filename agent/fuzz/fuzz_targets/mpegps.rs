//! Feeds the reader of program streams with any bytes behind the start code of a pack.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"\0\0\x01\xba")]));
