//! How long a file may be: 350 lines without its tests, 500 with them.
//!
//! Between the two a file says in its head why it is long. Over 500 it must be split; a file that
//! cannot be split yet stands in a committed list with its length, and neither the length nor the
//! list may grow.

use std::collections::BTreeMap;

use super::offence::Offence;
use super::repository::Repository;

/// Longest file, in lines, tests included.
const LINES_MAX: usize = 500;

/// Longest file without its tests that needs no reason.
const BODY_LINES_MAX: usize = 350;

/// How a head gives its reason.
const REASON: &str = "Long because";

/// The list of files over the limit: `path lines`, one a line.
const EXCEPTIONS: &str = "tests/tidy-exceptions.txt";

/// How many exceptions there may be. Only ever lowered.
const EXCEPTIONS_MAX: usize = 0;

/// Files that are too long or long without a reason, and exceptions that are out of date.
pub fn check(repository: &Repository) -> Vec<Offence> {
    check_with(repository, EXCEPTIONS_MAX)
}

fn check_with(repository: &Repository, exceptions_max: usize) -> Vec<Offence> {
    let (exceptions, mut offences) = exceptions(repository, exceptions_max);
    for (path, text) in repository.rust() {
        let (lines, body) = (text.lines().count(), body_lines(text));
        if let Some(allowed) = exceptions.get(path) {
            offences.extend(ratchet(path, lines, *allowed));
        } else if lines > LINES_MAX {
            let what = format!("has {lines} lines; split it by noun, {LINES_MAX} is the limit");
            offences.push(Offence::file(path, what));
        } else if body > BODY_LINES_MAX && !head(text).contains(REASON) {
            let what = format!(
                "has {body} lines without its tests; split it, \
                 or say in its head “{REASON} …” ({BODY_LINES_MAX} need no reason)"
            );
            offences.push(Offence::file(path, what));
        }
    }
    offences
}

/// An exception that has become shorter is lowered, and goes when it is no longer needed.
fn ratchet(path: &str, lines: usize, allowed: usize) -> Option<Offence> {
    let what = if lines <= LINES_MAX {
        format!("has {lines} lines and needs no exception; take it out of {EXCEPTIONS}")
    } else if lines < allowed {
        format!("has {lines} lines; lower its {allowed} in {EXCEPTIONS}")
    } else if lines > allowed {
        format!("has grown from {allowed} to {lines} lines; an exception may only shrink")
    } else {
        return None;
    };
    Some(Offence::file(path, what))
}

fn exceptions(
    repository: &Repository,
    exceptions_max: usize,
) -> (BTreeMap<&str, usize>, Vec<Offence>) {
    let (mut exceptions, mut offences) = (BTreeMap::new(), Vec::new());
    let Some(list) = repository.text(EXCEPTIONS) else {
        return (exceptions, vec![Offence::file(EXCEPTIONS, "is missing")]);
    };
    for (number, line) in (1..).zip(list.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = line.split_once(' ').and_then(|(path, lines)| {
            let known = repository.text(path).is_some();
            Some((path, lines.parse().ok()?)).filter(|_| known)
        });
        match entry {
            Some((path, lines)) => {
                exceptions.insert(path, lines);
            }
            None => offences.push(Offence::at(EXCEPTIONS, number, "names no file and length")),
        }
    }
    if exceptions.len() > exceptions_max {
        let what = format!(
            "has {} entries and may have {exceptions_max}",
            exceptions.len()
        );
        offences.push(Offence::file(EXCEPTIONS, what));
    }
    (exceptions, offences)
}

/// Lines before the tests that end the file.
fn body_lines(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "))
        .unwrap_or(lines.len())
}

/// The comment that opens the file, its lines joined: a reason may be wrapped.
fn head(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with so many lines before and in its tests.
    fn file(head: &str, body: usize, tests: usize) -> String {
        let filler = |lines: usize| "//\n".repeat(lines);
        let body = filler(body - head.lines().count());
        if tests == 0 {
            return format!("{head}\n{body}");
        }
        format!(
            "{head}\n{body}#[cfg(test)]\nmod tests {{\n{}}}\n",
            filler(tests - 3)
        )
    }

    fn told(text: &str, list: &str, exceptions_max: usize) -> Vec<String> {
        let repository = Repository::sample([("a/src/x.rs", text), (EXCEPTIONS, list)]);
        let offences = check_with(&repository, exceptions_max);
        offences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn up_to_350_lines_and_their_tests_need_no_reason() {
        assert_eq!(told(&file("//! X.", 350, 150), "", 0), [""; 0]);
    }

    #[test]
    fn more_lines_need_a_reason_in_the_head() {
        assert_eq!(told(&file("//! X.", 351, 0), "", 0).len(), 1);
        let reason = "//! X.\n//!\n//! Long\n//! because tables are.";
        assert_eq!(told(&file(reason, 351, 0), "", 0), [""; 0]);
        let late = format!("{}\n//! Long because late.\n", file("//! X.", 351, 0));
        assert_eq!(told(&late, "", 0).len(), 1);
    }

    #[test]
    fn no_reason_helps_over_500_lines() {
        assert_eq!(
            told(&file("//! X. Long because long.", 501, 0), "", 0),
            ["a/src/x.rs: has 501 lines; split it by noun, 500 is the limit"]
        );
        assert_eq!(told(&file("//! X.", 300, 201), "", 0).len(), 1);
    }

    #[test]
    fn an_exception_holds_exactly_and_only_shrinks() {
        let text = file("//! X.", 600, 0);
        assert_eq!(told(&text, "# list\na/src/x.rs 600\n", 1), [""; 0]);
        assert_eq!(told(&text, "a/src/x.rs 599\n", 1).len(), 1);
        assert_eq!(told(&text, "a/src/x.rs 601\n", 1).len(), 1);
        assert_eq!(told("//! X.\n", "a/src/x.rs 600\n", 1).len(), 1);
        assert_eq!(told(&text, "a/src/x.rs 600\n", 0).len(), 1);
    }

    #[test]
    fn a_list_that_is_missing_or_names_nothing_is_refused() {
        assert_eq!(told("//! X.\n", "a/src/y.rs 600\n", 1).len(), 1);
        assert_eq!(check(&Repository::sample([])).len(), 1);
    }
}
