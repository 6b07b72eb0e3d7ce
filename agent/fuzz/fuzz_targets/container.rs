//! Feeds the structure check with any bytes as a file.
//!
//! Every finding must be one of the table of findings, and checking the same bytes again with the
//! same memory must give the same answer.

#![no_main]

use keepwatch_agent::footage::container::Checker;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let mut checker = Checker::new();
    let size = u64::try_from(file.len()).unwrap_or(0);
    let Ok(found) = checker.check(&file, size) else {
        panic!("a slice can always be read");
    };
    assert_eq!(found.fault, found.detail.fault());
    assert!(!found.detail.to_string().is_empty());
    assert_eq!(checker.check(&file, size).ok(), Some(found));
});
