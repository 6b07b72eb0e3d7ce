//! Feeds the reader of raw H.264 with any bytes behind its first start code.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"\0\0\0\x01\x67\x64\0\x0a")]));
