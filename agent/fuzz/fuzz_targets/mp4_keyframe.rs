//! Feeds the reader of MP4's key frames with any bytes behind the name of the first box.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(4, b"ftyp")]));
