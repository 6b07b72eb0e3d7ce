//! What is wrong under a volume, in both languages: one phrase a reason, with its figures.
//!
//! It must not know how pages word the same: a notification is plain text and stands alone.

use std::collections::BTreeMap;

use keepwatch_common::model::health::{Measure, Reason};

use crate::domain::evidence::Evidence;

/// What the evidence of a health finding holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ill<'a> {
    pub(super) volume: &'a str,
    pub(super) subject: &'a str,
    pub(super) reason: &'a str,
    pub(super) figures: &'a BTreeMap<String, i64>,
    pub(super) detail: &'a str,
}

impl<'e> Ill<'e> {
    /// Of evidence that is about health.
    pub(super) fn of(evidence: &'e Evidence) -> Option<Self> {
        let Evidence::Health {
            volume,
            subject,
            reason,
            figures,
            detail,
            ..
        } = evidence
        else {
            return None;
        };
        Some(Self {
            volume,
            subject,
            reason,
            figures,
            detail,
        })
    }

    fn n(&self, measure: Measure) -> i64 {
        self.figures.get(measure.word()).copied().unwrap_or(0)
    }

    /// The three kinds of errors that are counted together.
    fn errors(&self) -> i64 {
        [
            Measure::FileSystemErrors,
            Measure::ReadErrors,
            Measure::WriteErrors,
            Measure::ChecksumErrors,
        ]
        .map(|measure| self.n(measure))
        .iter()
        .fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// `D1, sda (model, serial): …`
    pub(super) fn english(self) -> String {
        let detail = self.shown(" (", ")");
        format!(
            "Volume {}, {}{detail}: {}",
            self.volume,
            self.subject,
            self.said_in_english()
        )
    }

    /// `存储卷 D1 的 sda(型号, 序列号):…`
    pub(super) fn chinese(self) -> String {
        let detail = self.shown("(", ")");
        format!(
            "存储卷 {} 的 {}{detail}:{}",
            self.volume,
            self.subject,
            self.said_in_chinese()
        )
    }

    fn shown(&self, open: &str, close: &str) -> String {
        if self.detail.is_empty() {
            return String::new();
        }
        format!("{open}{}{close}", self.detail)
    }

    fn said_in_english(&self) -> String {
        use Measure as M;
        let Some(reason) = Reason::from_word(self.reason) else {
            return self.reason.to_owned();
        };
        match reason {
            Reason::SelfAssessment => "the disk itself says that it fails".to_owned(),
            Reason::BelowThreshold => "a figure is below its maker's limit".to_owned(),
            Reason::CriticalWarning => "the disk raises a critical warning".to_owned(),
            Reason::Uncorrectable => {
                format!("{} sectors cannot be read", self.n(M::UncorrectableSectors))
            }
            Reason::Pending => {
                format!("{} sectors wait to be replaced", self.n(M::PendingSectors))
            }
            Reason::Reallocated => {
                format!("{} sectors reallocated", self.n(M::ReallocatedSectors))
            }
            Reason::MediaErrors => format!("{} media errors", self.n(M::MediaErrors)),
            Reason::Endurance => format!("{} % of its endurance used", self.n(M::UsedPercent)),
            Reason::Hot => format!("{} °C", self.n(M::TemperatureC)),
            Reason::RequestErrors => format!("{} requests failed", self.n(M::RequestErrors)),
            Reason::RequestTimeouts => {
                format!("{} requests were given up", self.n(M::RequestTimeouts))
            }
            Reason::FileSystemErrors => format!("{} file system errors", self.errors()),
            Reason::MemberErrors => format!("members count {} errors", self.errors()),
            Reason::Degraded | Reason::DeviceMissing => format!(
                "runs with {} of {} disks",
                self.n(M::MembersWorking),
                self.n(M::Members)
            ),
            Reason::Rebuilding => format!("is being rebuilt, {} %", self.n(M::RebuiltPercent)),
            Reason::Stopped => "does not run".to_owned(),
            Reason::Mismatch => format!("{} sectors differ between copies", self.n(M::Mismatches)),
            Reason::SlowWrites => format!("a write takes {} ms", self.n(M::WriteMs)),
            Reason::StuckWrites => {
                format!("{} requests wait and none is finished", self.n(M::InFlight))
            }
            other => other.word().replace('_', " "),
        }
    }

    fn said_in_chinese(&self) -> String {
        use Measure as M;
        let Some(reason) = Reason::from_word(self.reason) else {
            return self.reason.to_owned();
        };
        match reason {
            Reason::SelfAssessment => "磁盘自检判定即将失效".to_owned(),
            Reason::BelowThreshold => "有指标低于厂商限值".to_owned(),
            Reason::CriticalWarning => "磁盘发出严重警告".to_owned(),
            Reason::Uncorrectable => format!("{} 个扇区读不出", self.n(M::UncorrectableSectors)),
            Reason::Pending => format!("{} 个扇区待替换", self.n(M::PendingSectors)),
            Reason::Reallocated => format!("{} 个扇区已被替换", self.n(M::ReallocatedSectors)),
            Reason::MediaErrors => format!("{} 次介质错误", self.n(M::MediaErrors)),
            Reason::Endurance => format!("写入寿命已用 {} %", self.n(M::UsedPercent)),
            Reason::Hot => format!("温度 {} °C", self.n(M::TemperatureC)),
            Reason::RequestErrors => format!("{} 次读写请求失败", self.n(M::RequestErrors)),
            Reason::RequestTimeouts => format!("{} 次读写请求超时", self.n(M::RequestTimeouts)),
            Reason::FileSystemErrors => format!("文件系统有 {} 个错误", self.errors()),
            Reason::MemberErrors => format!("成员盘有 {} 个错误", self.errors()),
            Reason::Degraded | Reason::DeviceMissing => format!(
                "{} 块盘中只有 {} 块在工作",
                self.n(M::Members),
                self.n(M::MembersWorking)
            ),
            Reason::Rebuilding => format!("正在重建,已完成 {} %", self.n(M::RebuiltPercent)),
            Reason::Stopped => "没有运行".to_owned(),
            Reason::Mismatch => format!("{} 个扇区的副本不一致", self.n(M::Mismatches)),
            Reason::SlowWrites => format!("一次写入要 {} 毫秒", self.n(M::WriteMs)),
            Reason::StuckWrites => format!("{} 个请求在等待,没有一个完成", self.n(M::InFlight)),
            other => other.word().replace('_', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(reason: Reason, figures: &[(Measure, i64)]) -> (String, String) {
        let figures = figures.iter();
        let figures = figures.map(|(measure, n)| (measure.word().to_owned(), *n));
        let figures = figures.collect();
        let ill = Ill {
            volume: "一号",
            subject: "md0",
            reason: reason.word(),
            figures: &figures,
            detail: "",
        };
        (ill.chinese(), ill.english())
    }

    #[test]
    fn an_array_says_how_many_disks_are_left() {
        let figures = [(Measure::Members, 2), (Measure::MembersWorking, 1)];
        let (zh, en) = said(Reason::Degraded, &figures);
        assert_eq!(zh, "存储卷 一号 的 md0:2 块盘中只有 1 块在工作");
        assert_eq!(en, "Volume 一号, md0: runs with 1 of 2 disks");
    }

    #[test]
    fn errors_of_all_kinds_are_added_up() {
        let figures = [(Measure::ReadErrors, 2), (Measure::ChecksumErrors, 5)];
        let (zh, _) = said(Reason::FileSystemErrors, &figures);
        assert!(zh.ends_with("文件系统有 7 个错误"), "{zh}");
    }

    #[test]
    fn every_reason_that_can_be_a_finding_has_words_of_its_own() {
        // Reasons from here on belong to disks, file systems, arrays and their speed.
        let first = Reason::SelfAssessment.number();
        for reason in Reason::ALL.iter().filter(|one| one.number() >= first) {
            let (zh, en) = said(*reason, &[]);
            let (_, zh) = zh.split_once(':').unwrap();
            assert!(!zh.contains('_') && !zh.contains(reason.word()), "{zh}");
            let (_, en) = en.split_once(": ").unwrap();
            assert_ne!(en, reason.word().replace('_', " "));
        }
    }
}
