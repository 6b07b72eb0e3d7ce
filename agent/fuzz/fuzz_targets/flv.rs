//! Feeds the reader of Flash video with any bytes behind its head.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"FLV\x01\x01\0\0\0\x09\0\0\0\0")]));
