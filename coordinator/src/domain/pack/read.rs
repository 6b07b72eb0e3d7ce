//! Reads a policy pack from TOML: first its form, then what its values mean.
//!
//! Both passes know byte offsets, so every refusal names a line. The raw types below are the file's
//! shape and leave this module only as a finished [`Pack`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::check::CheckWord;
use super::control::{Clause, Control, Pack, Text};
use super::error::{PackError, PackProblem};
use super::place::Place;
use crate::domain::code::Code;
use crate::domain::kind::Severity;
use keepwatch_common::time::DAY_MS;

/// Largest pack, in bytes: ten times the whole clause table with all its texts.
pub const PACK_BYTES_MAX: usize = 1024 * 1024;
/// Most controls, and most clauses, of one pack: several times the longest rule book known.
pub const CONTROLS_MAX: usize = 500;
/// Longest text in one language, in bytes: two pages.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPack {
    pack: RawHead,
    clauses: Spanned<Vec<RawClause>>,
    controls: Spanned<Vec<RawControl>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHead {
    id: Spanned<String>,
    version: Spanned<String>,
    title: RawText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    zh: Spanned<String>,
    en: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClause {
    id: Spanned<String>,
    document: RawText,
    article: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawControl {
    id: Spanned<String>,
    kind: Spanned<String>,
    alert: Spanned<String>,
    check: Spanned<String>,
    sources: Spanned<Vec<Spanned<String>>>,
    severity: Spanned<String>,
    pending_ms: Option<Spanned<i64>>,
    title: RawText,
    text: RawText,
    rationale: RawText,
    remediation: RawText,
    #[serde(default)]
    parameters: BTreeMap<Spanned<String>, Spanned<i64>>,
}

/// Reads a pack; `file` is how messages name it.
pub fn read(file: &str, text: &str) -> Result<Pack, PackError> {
    let place = Place { file, text };
    if text.len() > PACK_BYTES_MAX {
        let problem = PackProblem::TooLarge {
            bytes: text.len(),
            bytes_max: PACK_BYTES_MAX,
        };
        return Err(place.error(0..0, problem));
    }
    let raw: RawPack = toml::from_str(text).map_err(|error| place.refused(&error))?;
    place.pack(raw)
}

impl Place<'_> {
    fn pack(self, raw: RawPack) -> Result<Pack, PackError> {
        let mut ids = BTreeSet::new();
        let mut clauses = Vec::new();
        for clause in self.counted(raw.clauses)? {
            clauses.push(Clause {
                id: self.fresh(&clause.id, &mut ids)?,
                document: self.text(clause.document)?,
                article: self.one_text(clause.article)?,
            });
        }
        let known = std::mem::take(&mut ids);
        let mut controls = Vec::new();
        for control in self.counted(raw.controls)? {
            controls.push(self.control(control, &known, &mut ids)?);
        }
        Ok(Pack {
            id: self.code(&raw.pack.id)?,
            version: self.one_text(raw.pack.version)?,
            title: self.text(raw.pack.title)?,
            clauses,
            controls,
        })
    }

    fn control(
        self,
        raw: RawControl,
        clauses: &BTreeSet<Code>,
        ids: &mut BTreeSet<Code>,
    ) -> Result<Control, PackError> {
        let id = self.fresh(&raw.id, ids)?;
        if raw.kind.get_ref() != "automatic" {
            return Err(self.error(raw.kind.span(), unknown(raw.kind.get_ref(), "automatic")));
        }
        let mut check = CheckWord::find(raw.check.get_ref())
            .map_err(|problem| self.error(raw.check.span(), problem))?;
        if raw.alert.get_ref() != check.raises.word() {
            let problem = PackProblem::OtherAlert {
                check: raw.check.get_ref().clone(),
                raises: check.raises.word(),
            };
            return Err(self.error(raw.alert.span(), problem));
        }
        for (name, value) in &raw.parameters {
            check
                .set(name.get_ref(), *value.get_ref())
                .map_err(|problem| {
                    let span = match problem {
                        PackProblem::OutOfRange { .. } => value.span(),
                        _ => name.span(),
                    };
                    self.error(span, problem)
                })?;
        }
        let parameters = raw.parameters.keys().next().map(Spanned::span);
        Ok(Control {
            id,
            alert: check.raises,
            sources: self.sources(raw.sources, clauses)?,
            severity: self.severity(&raw.severity)?,
            pending_ms: self.pending(raw.pending_ms)?,
            title: self.text(raw.title)?,
            text: self.text(raw.text)?,
            rationale: self.text(raw.rationale)?,
            remediation: self.text(raw.remediation)?,
            check: check
                .check()
                .map_err(|problem| self.error(parameters.unwrap_or(raw.check.span()), problem))?,
        })
    }

    fn sources(
        self,
        raw: Spanned<Vec<Spanned<String>>>,
        clauses: &BTreeSet<Code>,
    ) -> Result<Vec<Code>, PackError> {
        let mut sources = Vec::new();
        for source in self.counted(raw)? {
            let code = self.code(&source)?;
            if !clauses.contains(&code) {
                let id = code.to_string();
                return Err(self.error(source.span(), PackProblem::UnknownClause { id }));
            }
            sources.push(code);
        }
        Ok(sources)
    }

    fn severity(self, raw: &Spanned<String>) -> Result<Severity, PackError> {
        Severity::from_word(raw.get_ref()).ok_or_else(|| {
            let known = Severity::ALL.map(Severity::word).join(", ");
            self.error(raw.span(), unknown(raw.get_ref(), &known))
        })
    }

    /// A day at most: what is not told within a day is not worth telling.
    fn pending(self, raw: Option<Spanned<i64>>) -> Result<i64, PackError> {
        let Some(raw) = raw else { return Ok(0) };
        let value = *raw.get_ref();
        if (0..=DAY_MS).contains(&value) {
            return Ok(value);
        }
        let (low, high) = (0, DAY_MS);
        Err(self.error(raw.span(), PackProblem::OutOfRange { value, low, high }))
    }

    fn counted<T>(self, list: Spanned<Vec<T>>) -> Result<Vec<T>, PackError> {
        let (span, list) = (list.span(), list.into_inner());
        if (1..=CONTROLS_MAX).contains(&list.len()) {
            return Ok(list);
        }
        let problem = PackProblem::Count {
            count: list.len(),
            count_max: CONTROLS_MAX,
        };
        Err(self.error(span, problem))
    }

    fn fresh(self, raw: &Spanned<String>, ids: &mut BTreeSet<Code>) -> Result<Code, PackError> {
        let code = self.code(raw)?;
        if ids.insert(code.clone()) {
            return Ok(code);
        }
        let id = code.to_string();
        Err(self.error(raw.span(), PackProblem::Repeated { id }))
    }

    fn code(self, raw: &Spanned<String>) -> Result<Code, PackError> {
        Code::new(raw.get_ref().as_str())
            .map_err(|error| self.error(raw.span(), PackProblem::Code(error)))
    }

    fn text(self, raw: RawText) -> Result<Text, PackError> {
        Ok(Text {
            zh: self.one_text(raw.zh)?,
            en: self.one_text(raw.en)?,
        })
    }

    fn one_text(self, raw: Spanned<String>) -> Result<String, PackError> {
        let bytes = raw.get_ref().trim().len();
        if (1..=TEXT_BYTES_MAX).contains(&bytes) {
            return Ok(raw.into_inner().trim().to_owned());
        }
        let problem = PackProblem::TextLength {
            bytes,
            bytes_max: TEXT_BYTES_MAX,
        };
        Err(self.error(raw.span(), problem))
    }
}

fn unknown(word: &str, known: &str) -> PackProblem {
    PackProblem::UnknownWord {
        word: word.to_owned(),
        known: known.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pack::check::Check;

    const GOOD: &str = r#"
[pack]
id = "test"
version = "1"
title = { zh = "测试", en = "Test" }

[[clauses]]
id = "A-02"
article = "2"
document = { zh = "甲", en = "A" }

[[controls]]
id = "A-02"
kind = "automatic"
alert = "gap"
check = "gap"
sources = ["A-02"]
severity = "critical"
title = { zh = "标题", en = "title" }
text = { zh = "义务", en = "duty" }
rationale = { zh = "原因", en = "why" }
remediation = { zh = "做法", en = "what to do" }
[controls.parameters]
gap_ms_min = 30_000
"#;

    fn refused(good: &str, bad: &str) -> String {
        assert!(GOOD.contains(good), "{good} is not in the pack");
        let error = read("packs/test.toml", &GOOD.replacen(good, bad, 1)).unwrap_err();
        error.to_string()
    }

    #[test]
    fn a_written_parameter_replaces_its_default_only() {
        let pack = read("test.toml", GOOD).unwrap();
        let Check::Gap(parameters) = pack.control("A-02").unwrap().check else {
            panic!("the check is not gap");
        };
        assert_eq!(parameters.gap_ms_min, 30_000);
        assert_eq!(parameters.major_ms, 300_000);
        assert_eq!(pack.control("A-02").unwrap().clause().as_str(), "A-02");
    }

    #[test]
    fn refusals_name_file_line_field_and_remedy() {
        assert_eq!(
            refused("severity = \"critical\"", "severity = \"bad\""),
            "packs/test.toml, line 18, controls.severity: “bad” is not known; write one of: \
             minor, major, critical"
        );
        assert_eq!(
            refused("gap_ms_min = 30_000", "gap_ms_min = 5"),
            "packs/test.toml, line 24, controls.parameters.gap_ms_min: 5 is out of range; write \
             1000 to 86400000"
        );
    }

    #[test]
    fn an_unknown_field_is_refused_where_it_stands() {
        let said = refused("severity =", "serverity = \"x\"\nseverity =");
        assert!(
            said.starts_with("packs/test.toml, line 18, controls.serverity: "),
            "{said}"
        );
        assert!(said.contains("severity"), "{said}");
        let said = refused("gap_ms_min", "gap_min");
        assert!(said.contains("gap_ms_min"), "{said}");
    }

    #[test]
    fn a_missing_field_is_named() {
        let said = refused("severity = \"critical\"", "");
        assert!(said.contains("severity"), "{said}");
        assert!(said.contains("line 12"), "{said}");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert!(refused("check = \"gap\"", "check = \"gaps\"").contains("silence"));
        assert!(refused("alert = \"gap\"", "alert = \"config_drift\"").contains("“gap”"));
        assert!(refused("sources = [\"A-02\"]", "sources = [\"A-03\"]").contains("A-03"));
        assert!(refused("sources = [\"A-02\"]", "sources = []").contains("1 to 500"));
        assert!(refused("kind = \"automatic\"", "kind = \"record\"").contains("automatic"));
        assert!(refused("en = \"title\"", "en = \" \"").contains("both languages"));
        assert!(refused("id = \"test\"", "id = \"a b\"").contains("not an id"));
        assert!(refused("gap_ms_min = 30_000", "gap_ms_min = 600_000").contains("rise"));
        assert!(refused("gap_ms_min = 30_000", "gap_ms_min = \"1\"").contains("line 24"));
        assert!(refused("severity =", "pending_ms = -1\nseverity =").contains("86400000"));
    }

    #[test]
    fn an_id_stands_once() {
        let controls = GOOD.find("[[controls]]").unwrap();
        let twice = format!("{GOOD}{}", &GOOD[controls..]);
        let error = read("test.toml", &twice).unwrap_err();
        assert!(matches!(error.problem, PackProblem::Repeated { .. }));
        assert_eq!(error.line, 26);
    }

    #[test]
    fn a_file_larger_than_any_pack_is_not_read() {
        let error = read("big.toml", &"#".repeat(PACK_BYTES_MAX + 1)).unwrap_err();
        assert!(matches!(error.problem, PackProblem::TooLarge { .. }));
    }
}
