//! Feeds the reader of ffmpeg's segment lists with any line.

#![no_main]

use keepwatch_agent::footage::layout::segment_list::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    if let Some(listed) = parse(line) {
        assert!(listed.end_s >= listed.start_s && !listed.name.is_empty());
    }
});
