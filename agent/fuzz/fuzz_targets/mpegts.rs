//! Feeds the reader of transport streams with any bytes behind three marks in a row.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod forced;

fuzz_target!(|file: &[u8]| forced::read(file, &[(0, b"\x47"), (188, b"\x47"), (376, b"\x47")]));
