//! ext4: the errors it counts, in the file system itself, until it is repaired.

use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};
use keepwatch_common::time::Instant;

use super::super::machine::{Unread, number, text};
use super::{Case, Examiner, detail, figure, says, unknown, unread};

/// An ext4 below a mount.
#[derive(Debug, Default)]
pub struct Ext4;

impl Examiner for Ext4 {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        let Some(top) = case
            .beneath
            .tops
            .first()
            .filter(|_| case.mount.kind == "ext4")
        else {
            return Vec::new();
        };
        let folder = case.machine.sys.join("fs/ext4").join(top);
        let errors = number(&folder.join("errors_count"));
        let last = (
            number(&folder.join("last_error_time")).unwrap_or(0),
            text(&folder.join("last_error_func")).unwrap_or_default(),
        );
        vec![judge(top, errors, &last)]
    }
}

fn judge(
    top: &str,
    errors: Result<i64, Unread>,
    (last_s, function): &(i64, String),
) -> SourceHealth {
    match errors {
        Err(why) => unknown(Source::FileSystem, top, unread(why)),
        Ok(count) if count <= 0 => says(Source::FileSystem, top, Word::Good, Reason::Sound),
        Ok(count) => {
            let reason = Reason::FileSystemErrors;
            let mut said = says(Source::FileSystem, top, Word::Worn, reason);
            figure(&mut said, Measure::FileSystemErrors, count);
            let at = i64::checked_mul(*last_s, 1_000).filter(|ms| *ms > 0);
            let at = at.map(|ms| Instant::from_ms(ms).to_string());
            detail(&mut said, &format!("{} {function}", at.unwrap_or_default()));
            said
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_system_without_errors_is_good() {
        let said = judge("sda1", Ok(0), &(0, String::new()));
        assert_eq!((said.word, said.detail.as_str()), (Word::Good, ""));
    }

    #[test]
    fn errors_are_counted_with_the_time_and_place_of_the_last() {
        // As kernel 6.18 told of an error that was provoked.
        let last = (1_795_466_346, "trigger_test_error".to_owned());
        let said = judge("sda1", Ok(1), &last);
        assert_eq!(
            (said.word, said.reason),
            (Word::Worn, Reason::FileSystemErrors)
        );
        assert_eq!(said.figure(Measure::FileSystemErrors), Some(1));
        assert_eq!(said.detail, "2026-11-23T20:39:06Z trigger_test_error");
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let said = judge("sda1", Err(Unread::NoRight), &(0, String::new()));
        assert_eq!((said.word, said.reason), (Word::Unknown, Reason::NoRight));
    }

    proptest! {
        #[test]
        fn no_figure_and_no_text_breaks_it(count in any::<i64>(), at in any::<i64>(), place in ".{0,40}") {
            judge("sda1", Ok(count), &(at, place));
        }
    }
}
