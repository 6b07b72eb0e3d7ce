//! English sentences.

use std::collections::BTreeMap;

use keepwatch_common::time::{Instant, Span};

use super::health::Ill;
use super::when::When;
use crate::domain::alert::Notice;
use crate::domain::evidence::Evidence;

/// What a notice adds to the sentence.
pub(super) fn prefix(notice: Option<Notice>) -> &'static str {
    match notice {
        None | Some(Notice::Raised) => "",
        Some(Notice::Recovered) => "Recovered: ",
        Some(Notice::Worsened) => "Worse: ",
        Some(Notice::BecameUnknown) => "Now unknown: ",
    }
}

/// What the evidence says.
#[expect(
    clippy::too_many_lines,
    reason = "an arm for each sentence, and nothing else"
)]
pub(super) fn sentence(evidence: &Evidence, when: When<'_>) -> String {
    match evidence {
        Evidence::Gap {
            camera,
            start_at_ms: start,
            end_at_ms: end,
            ongoing,
            ..
        } => format!("{camera} {}", gap(*start, *end, *ongoing, when)),
        Evidence::GapDay {
            camera,
            day,
            gaps,
            missing_ms,
            ..
        } => format!(
            "{camera} has {gaps} gaps on {day} (UTC), {} in all",
            Span(*missing_ms)
        ),
        Evidence::Retention {
            camera,
            required_days,
            continuous_days,
            oldest_days,
            broken_only,
            ..
        } => {
            let said = retention(*required_days, *continuous_days, *oldest_days, *broken_only);
            format!("{camera} {said}")
        }
        Evidence::Vanished {
            camera,
            start_at_ms,
            end_at_ms,
            gone_ms,
            files,
            ..
        } => format!(
            "{camera}: footage of {} was deleted early, {} in {files} files",
            when.span(*start_at_ms, *end_at_ms),
            Span(*gone_ms)
        ),
        Evidence::Fault {
            camera,
            path,
            fault,
            ..
        } => format!("{camera}: the file {path} {}", fault_words(fault)),
        Evidence::Faults { camera, counts, .. } => format!("{camera} has {}", faults(counts)),
        Evidence::Volume {
            volume,
            path,
            presence,
        } => format!("Volume {volume} ({path}) {}", presence_words(presence)),
        Evidence::Health { .. } => Ill::of(evidence).map_or_else(String::new, Ill::english),
        Evidence::Drift {
            path,
            removed: true,
            ..
        } => format!("{path} was removed"),
        Evidence::Drift { path, changes, .. } => {
            let places = if *changes == 1 { "place" } else { "places" };
            format!("{path} differs from its baseline in {changes} {places}")
        }
        Evidence::Hold {
            camera,
            hold,
            standing,
            gone,
            changed,
            ..
        } => format!(
            "{camera}: hold {hold} {}",
            hold_words(standing, *gone, *changed)
        ),
        Evidence::Silence {
            host, heard_at_ms, ..
        } => format!("The agent on {host} {}", silence(*heard_at_ms, when)),
    }
}

fn gap(start: Instant, end: Instant, ongoing: bool, when: When<'_>) -> String {
    let missing = Span(end.since(start));
    if ongoing {
        let start = when.at(start);
        format!("has not been recorded since {start}, {missing} so far")
    } else {
        format!("was not recorded {}, {missing}", when.span(start, end))
    }
}

fn retention(required: u32, continuous: f64, oldest: Option<f64>, broken_only: bool) -> String {
    match oldest {
        None => format!("has no footage, {required} days are required"),
        Some(oldest) if broken_only => format!(
            "has footage from {oldest} days ago, unbroken for {continuous} days < {required} days \
             only"
        ),
        Some(_) => format!("keeps {continuous} days of unbroken footage < {required} days"),
    }
}

fn faults(counts: &BTreeMap<String, usize>) -> String {
    let all: usize = counts.values().sum();
    let each: Vec<_> = counts.iter().map(|(f, n)| format!("{n} {f}")).collect();
    format!("{all} faulty files ({})", each.join(", "))
}

fn silence(heard: Option<Instant>, when: When<'_>) -> String {
    match heard {
        Some(at) => format!("has not been heard since {}", when.at(at)),
        None => "was never heard since it joined".to_owned(),
    }
}

fn hold_words(standing: &str, gone: i64, changed: i64) -> String {
    match standing {
        "broken" => format!("is broken: {gone} segments gone, {changed} changed, no copy is left"),
        "in_vault" => format!(
            "is kept in the vault only: {gone} segments gone, {changed} changed at the recorder"
        ),
        "no_room" => "has no room: not everything can be copied".to_owned(),
        "refused" => "is refused by the agent: nothing is held".to_owned(),
        other => other.to_owned(),
    }
}

fn fault_words(word: &str) -> &str {
    match word {
        "empty" => "is empty",
        "truncated" => "is truncated",
        "corrupt" => "is corrupt",
        "clock" => "has a wrong time",
        other => other,
    }
}

fn presence_words(word: &str) -> &str {
    match word {
        "missing" => "is missing",
        "swapped" => "was replaced by another",
        "read_only" => "is read-only",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::segment::FaultKind;
    use keepwatch_common::model::volume::Presence;
    use keepwatch_common::time::Zone;

    use super::super::zh;
    use super::*;

    fn said(evidence: &Evidence) -> (String, String) {
        let zone = Zone::utc();
        let now = Instant::parse("2026-11-23T12:00:00Z").unwrap();
        let when = When { zone: &zone, now };
        (zh::sentence(evidence, when), sentence(evidence, when))
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn short_retention_is_said_with_both_numbers() {
        let evidence = |oldest_days, broken_only| Evidence::Retention {
            recorder: text("nvr"),
            camera: text("3 号机"),
            required_days: 30,
            continuous_days: 12.3,
            oldest_days,
            broken_only,
        };
        let (zh, en) = said(&evidence(Some(12.3), false));
        assert_eq!(zh, "3 号机 连续留存 12.3 天 < 30 天");
        assert_eq!(en, "3 号机 keeps 12.3 days of unbroken footage < 30 days");
        let (zh, _) = said(&evidence(Some(31.0), true));
        assert_eq!(zh, "3 号机 最早录像 31 天前,连续留存只有 12.3 天 < 30 天");
        let (_, en) = said(&evidence(None, false));
        assert_eq!(en, "3 号机 has no footage, 30 days are required");
    }

    #[test]
    fn a_gap_that_goes_on_says_since_when() {
        let at = |text| Instant::parse(text).unwrap();
        let (zh, en) = said(&Evidence::Gap {
            recorder: text("nvr"),
            camera: text("door"),
            start_at_ms: at("2026-11-23T11:00:00Z"),
            end_at_ms: at("2026-11-23T11:07:30Z"),
            ongoing: true,
        });
        assert_eq!(zh, "door 自 11:00 起无录像,已缺 7 分 30 秒");
        assert_eq!(
            en,
            "door has not been recorded since 11:00, 7 min 30 s so far"
        );
    }

    #[test]
    fn every_word_of_a_fault_and_a_presence_has_words_in_both_languages() {
        use FaultKind::{Clock, Corrupt, Empty, Truncated};
        let faults: BTreeMap<_, _> = [Empty, Truncated, Corrupt, Clock]
            .map(|kind| (kind.word().to_owned(), 1))
            .into();
        for fault in faults.keys() {
            assert!(fault_words(fault).contains(' '), "{fault}");
        }
        let (zh, _) = said(&Evidence::Faults {
            recorder: text("nvr"),
            camera: text("通道"),
            counts: faults,
            newest_path: text("x"),
        });
        assert!(!zh.contains(|c: char| c.is_ascii_alphabetic()), "{zh}");
        for presence in [Presence::Missing, Presence::Swapped, Presence::ReadOnly] {
            let (zh, en) = said(&Evidence::Volume {
                volume: text("卷"),
                path: text("/"),
                presence: presence.word().to_owned(),
            });
            assert!(!zh.contains(|c: char| c.is_ascii_alphabetic()), "{zh}");
            assert_ne!(en, format!("Volume 卷 (/) {}", presence.word()));
        }
    }

    #[test]
    fn silence_and_drift_say_their_numbers() {
        let heard = Instant::parse("2026-11-22T23:40:00Z").unwrap();
        let (zh, en) = said(&Evidence::Silence {
            agent: text("a"),
            host: text("till-7"),
            heard_at_ms: Some(heard),
        });
        assert_eq!(zh, "代理 till-7 自 11-22 23:40 起失联");
        assert!(en.ends_with("since 11-22 23:40"), "{en}");
        let (zh, en) = said(&Evidence::Drift {
            name: text("n"),
            path: text("/etc/r.yml"),
            removed: false,
            changes: 3,
            shown: Vec::new(),
            owner: None,
        });
        assert_eq!(zh, "配置文件 /etc/r.yml 有 3 处与基线不同");
        assert_eq!(en, "/etc/r.yml differs from its baseline in 3 places");
    }
}
