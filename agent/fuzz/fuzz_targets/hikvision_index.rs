//! Feeds the reader of Hikvision's index with any bytes.
//!
//! Whatever is told must be a stretch that runs forward, and bytes that do.

#![no_main]

use std::ops::ControlFlow;

use keepwatch_agent::footage::layout::hikvision::records;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|index: &[u8]| {
    let size = u64::try_from(index.len()).unwrap_or(0);
    let outcome = records::read(&index, size, &mut |entry| {
        assert!(entry.end_s.is_none_or(|end_s| end_s > entry.start_s));
        assert!(entry.bytes.is_none_or(|bytes| bytes.start < bytes.end));
        ControlFlow::Continue(())
    });
    drop(outcome);
});
