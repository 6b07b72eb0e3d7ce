//! The body of a notification, and the facts it is made from.

use keepwatch_common::time::{Instant, Zone};
use serde::Serialize;

use super::when::When;
use super::{en, zh};
use crate::domain::alert::{Alert, Notice};
use crate::domain::code::Code;
use crate::domain::evidence::Evidence;
use crate::domain::kind::{AlertKind, Severity};
use crate::domain::subject::Subject;

/// The version of the body; fields are added within one version and never change their meaning.
const VERSION: u32 = 1;

/// A finding, its alert and its branch at the moment of telling.
#[derive(Debug, Clone, Copy)]
pub struct NoticeFacts<'a> {
    /// The alert's number in the store.
    pub alert_id: i64,
    /// The alert after the transition that is told.
    pub alert: &'a Alert,
    /// What is told.
    pub notice: Notice,
    /// What is wrong.
    pub kind: AlertKind,
    /// How bad.
    pub severity: Severity,
    /// Which control.
    pub control: &'a Code,
    /// The clause it serves first.
    pub clause: &'a Code,
    /// For whom.
    pub subject: &'a Subject,
    /// The numbers.
    pub evidence: &'a Evidence,
    /// The branch's code.
    pub branch_code: &'a str,
    /// The branch's name.
    pub branch_name: &'a str,
    /// The branch's time zone: sentences speak its civil time.
    pub zone: &'a Zone,
    /// Now.
    pub at: Instant,
    /// Where people reach the pages, without a path.
    pub pages: &'a str,
}

/// What is sent. Instants are RFC 3339 in UTC, but for those inside the evidence, which are
/// milliseconds since 1970 like in the store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoticeBody {
    /// The body's version.
    pub version: u32,
    /// Names this notice for ever.
    pub key: String,
    /// `raised`, `recovered`, `worsened`, `became_unknown`.
    pub notice: &'static str,
    /// What is wrong.
    pub kind: &'static str,
    /// How bad.
    pub severity: &'static str,
    /// How things stand.
    pub condition: &'static str,
    /// What people did.
    pub handling: &'static str,
    /// Which control.
    pub control: Code,
    /// The clause it serves first.
    pub clause: Code,
    /// Where.
    pub branch: NoticeBranch,
    /// For whom.
    pub subject: Subject,
    /// When it began.
    pub since: String,
    /// When this was told.
    pub at: String,
    /// What a person reads.
    pub sentence: Sentence,
    /// The page to look at: a whole address, as people reach it.
    pub link: String,
    /// The numbers.
    pub evidence: Evidence,
}

/// A branch as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeBranch {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

impl NoticeBody {
    /// Makes the body.
    pub fn of(facts: &NoticeFacts<'_>) -> Self {
        let alert = facts.alert;
        Self {
            version: VERSION,
            // An alert changes at most once in a millisecond for the same notice.
            key: format!(
                "alert-{}-{}-{}",
                facts.alert_id,
                facts.notice.word(),
                alert.changed_at.ms()
            ),
            notice: facts.notice.word(),
            kind: facts.kind.word(),
            severity: facts.severity.word(),
            condition: alert.condition.word(),
            handling: alert.handling.word(),
            control: facts.control.clone(),
            clause: facts.clause.clone(),
            branch: NoticeBranch {
                code: facts.branch_code.to_owned(),
                name: facts.branch_name.to_owned(),
            },
            subject: facts.subject.clone(),
            since: alert.since.to_string(),
            at: facts.at.to_string(),
            sentence: Sentence::of(facts.evidence, Some(facts.notice), facts.zone, facts.at),
            link: format!("{}/alerts/{}", facts.pages, facts.alert_id),
            evidence: facts.evidence.clone(),
        }
    }

    /// As the JSON text that is queued and sent.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl Sentence {
    /// What the evidence says in the branch's civil time; `now` decides which dates need saying.
    /// Pages leave the notice out.
    pub fn of(evidence: &Evidence, notice: Option<Notice>, zone: &Zone, now: Instant) -> Self {
        let when = When { zone, now };
        Self {
            zh: format!("{}{}", zh::prefix(notice), zh::sentence(evidence, when)),
            en: format!("{}{}", en::prefix(notice), en::sentence(evidence, when)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::{Condition, Handling};

    #[test]
    fn a_webhook_gets_words_numbers_and_a_sentence_in_both_languages() {
        let at = |text| Instant::parse(text).unwrap();
        let alert = Alert {
            condition: Condition::Recovered,
            handling: Handling::New,
            since: at("2026-11-22T20:10:00Z"),
            changed_at: at("2026-11-22T22:31:00Z"),
        };
        let evidence = Evidence::Gap {
            recorder: "nvr".to_owned(),
            camera: "3 号机".to_owned(),
            start_at_ms: at("2026-11-22T20:10:00Z"),
            end_at_ms: at("2026-11-22T22:30:00Z"),
            ongoing: false,
        };
        let body = NoticeBody::of(&NoticeFacts {
            alert_id: 17,
            alert: &alert,
            notice: Notice::Raised,
            kind: AlertKind::Gap,
            severity: Severity::Critical,
            control: &Code::new("A-02").unwrap(),
            clause: &Code::new("A-02").unwrap(),
            subject: &Subject::stored("nvr/3 号机@2026-11-22T20:10:00Z"),
            evidence: &evidence,
            branch_code: "SH-001",
            branch_name: "南京东路店",
            zone: &Zone::named("Asia/Shanghai").unwrap(),
            at: at("2026-11-22T22:31:00Z"),
            pages: "https://watch.example",
        });
        let json: serde_json::Value = serde_json::from_str(&body.to_json().unwrap()).unwrap();
        let expected = serde_json::json!({
            "version": 1,
            "key": "alert-17-raised-1795386660000",
            "notice": "raised",
            "kind": "gap",
            "severity": "critical",
            "condition": "recovered",
            "handling": "new",
            "control": "A-02",
            "clause": "A-02",
            "branch": { "code": "SH-001", "name": "南京东路店" },
            "subject": "nvr/3 号机@2026-11-22T20:10:00Z",
            "since": "2026-11-22T20:10:00Z",
            "at": "2026-11-22T22:31:00Z",
            "sentence": {
                "zh": "3 号机 04:10–06:30 缺 2 小时 20 分",
                "en": "3 号机 was not recorded 04:10–06:30, 2 h 20 min",
            },
            "link": "https://watch.example/alerts/17",
            "evidence": {
                "what": "gap",
                "recorder": "nvr",
                "camera": "3 号机",
                "start_at_ms": 1_795_378_200_000_i64,
                "end_at_ms": 1_795_386_600_000_i64,
                "ongoing": false,
            },
        });
        assert_eq!(json, expected);
    }
}
