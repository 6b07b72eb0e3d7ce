//! Feeds the reader of Matroska and WebM with any bytes behind its first id.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"\x1a\x45\xdf\xa3")]));
