//! Feeds the reader of Hikvision's files with any bytes behind their own head.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"IMKH"), (40, b"\0\0\x01\xba")]));
