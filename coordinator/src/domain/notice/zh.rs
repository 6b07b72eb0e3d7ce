//! Chinese sentences.

use std::collections::BTreeMap;

use keepwatch_common::time::Instant;

use super::health::Ill;
use super::when::When;
use crate::domain::alert::Notice;
use crate::domain::evidence::Evidence;

/// What a notice adds to the sentence.
pub(super) fn prefix(notice: Option<Notice>) -> &'static str {
    match notice {
        None | Some(Notice::Raised) => "",
        Some(Notice::Recovered) => "已恢复:",
        Some(Notice::Worsened) => "加重:",
        Some(Notice::BecameUnknown) => "状态不明:",
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
            "{camera} 在 {day}(UTC)缺录 {gaps} 处,共 {}",
            length(*missing_ms)
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
            "{camera} {} 的录像被提前删除,共 {},{files} 个文件",
            when.span(*start_at_ms, *end_at_ms),
            length(*gone_ms)
        ),
        Evidence::Fault {
            camera,
            path,
            fault,
            ..
        } => format!("{camera} 的录像文件 {path} {}", fault_word(fault)),
        Evidence::Faults { camera, counts, .. } => format!("{camera} 有 {}", faults(counts)),
        Evidence::Volume {
            volume,
            path,
            presence,
        } => format!("存储卷 {volume}({path}){}", presence_word(presence)),
        Evidence::Health { .. } => Ill::of(evidence).map_or_else(String::new, Ill::chinese),
        Evidence::Drift {
            path,
            removed: true,
            ..
        } => format!("配置文件 {path} 已不存在"),
        Evidence::Drift { path, changes, .. } => {
            format!("配置文件 {path} 有 {changes} 处与基线不同")
        }
        Evidence::Hold {
            camera,
            hold,
            standing,
            gone,
            changed,
            ..
        } => format!(
            "{camera} 证据保全 {hold} {}",
            hold_words(standing, *gone, *changed)
        ),
        Evidence::Silence {
            host, heard_at_ms, ..
        } => format!("代理 {host} {}", silence(*heard_at_ms, when)),
    }
}

fn gap(start: Instant, end: Instant, ongoing: bool, when: When<'_>) -> String {
    let missing = length(end.since(start));
    if ongoing {
        format!("自 {} 起无录像,已缺 {missing}", when.at(start))
    } else {
        format!("{} 缺 {missing}", when.span(start, end))
    }
}

fn retention(required: u32, continuous: f64, oldest: Option<f64>, broken_only: bool) -> String {
    match oldest {
        None => format!("没有任何录像,应保存 {required} 天"),
        Some(oldest) if broken_only => {
            format!("最早录像 {oldest} 天前,连续留存只有 {continuous} 天 < {required} 天")
        }
        Some(_) => format!("连续留存 {continuous} 天 < {required} 天"),
    }
}

fn hold_words(standing: &str, gone: i64, changed: i64) -> String {
    match standing {
        "broken" => format!("已被破坏:{gone} 段消失,{changed} 段被改,没有副本"),
        "in_vault" => format!("只剩保全库副本:录像机上 {gone} 段消失,{changed} 段被改"),
        "no_room" => "空间不足,未能全部复制".to_owned(),
        "refused" => "被代理拒绝,没有保全任何录像".to_owned(),
        other => other.to_owned(),
    }
}

fn faults(counts: &BTreeMap<String, usize>) -> String {
    let all: usize = counts.values().sum();
    let each: Vec<_> = counts
        .iter()
        .map(|(fault, count)| format!("{} {count} 个", fault_word(fault)))
        .collect();
    format!("{all} 个录像文件异常({})", each.join("、"))
}

fn silence(heard: Option<Instant>, when: When<'_>) -> String {
    match heard {
        Some(at) => format!("自 {} 起失联", when.at(at)),
        None => "加入后从未上报".to_owned(),
    }
}

fn fault_word(word: &str) -> &str {
    match word {
        "empty" => "为空",
        "truncated" => "被截断",
        "corrupt" => "已损坏",
        "clock" => "时间错误",
        other => other,
    }
}

fn presence_word(word: &str) -> &str {
    match word {
        "missing" => "不在位",
        "swapped" => "已被更换",
        "read_only" => "只读,无法写入",
        other => other,
    }
}

/// The two largest units: `2 小时 20 分`.
fn length(ms: i64) -> String {
    let seconds = ms.div_euclid(1_000).max(0);
    let units = [
        (seconds / 86_400, "天"),
        (seconds / 3_600 % 24, "小时"),
        (seconds / 60 % 60, "分"),
        (seconds % 60, "秒"),
    ];
    let Some(first) = units.iter().position(|(count, _)| *count > 0) else {
        return "0 秒".to_owned();
    };
    let said: Vec<_> = units[first..]
        .iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_their_two_largest_units() {
        let said = [0, 45, 90, 300, 8_400, 93_600, 86_460].map(|s| length(s * 1_000));
        assert_eq!(
            said,
            [
                "0 秒",
                "45 秒",
                "1 分 30 秒",
                "5 分",
                "2 小时 20 分",
                "1 天 2 小时",
                "1 天"
            ]
        );
    }
}
