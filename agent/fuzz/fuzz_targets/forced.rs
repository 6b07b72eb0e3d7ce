//! What every target for one container does with its bytes.
//!
//! A finding must be one of the table of findings, and the same again with the same memory; a key frame
//! must be no longer than is allowed.

use keepwatch_agent::footage::container::{Checker, KEYFRAME_BYTES_MAX, keyframe};

/// Writes the first bytes of a container over those of the file, and has it read.
pub fn read(file: &[u8], firsts: &[(usize, &[u8])]) {
    let mut file = file.to_vec();
    for (at, first) in firsts {
        if let Some(into) = file.get_mut(*at..at + first.len()) {
            into.copy_from_slice(first);
        }
    }
    let (mut checker, file) = (Checker::new(), file.as_slice());
    let size = u64::try_from(file.len()).unwrap_or(0);
    let Ok(found) = checker.check(&file, size) else {
        panic!("a slice can always be read");
    };
    assert_eq!(found.fault, found.detail.fault());
    assert!(!found.detail.to_string().is_empty());
    assert!(found.duration_ms.is_none_or(|ms| ms >= 0));
    assert_eq!(checker.check(&file, size).ok(), Some(found));
    for wanted_ms in [0, 1_500, i64::MAX] {
        if let Ok(Some(frame)) = keyframe(&file, size, wanted_ms) {
            assert!(frame.annexb.len() <= KEYFRAME_BYTES_MAX);
        }
    }
}
