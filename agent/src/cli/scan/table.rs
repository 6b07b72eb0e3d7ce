//! The audit as a table for people: a sentence, a row a camera, then what is wrong, worst first.

use std::io::{self, Write};

use keepwatch_common::time::{DAY_MS, Instant, Span};

use super::super::outcome::visible;
use super::json::share;
use crate::footage::audit::{Audit, CameraAudit};

/// Gaps and faults listed a camera; the JSON has all.
const LISTED_MAX: usize = 5;

pub(super) fn write(out: &mut dyn Write, audit: &Audit, retention_days: i64) -> io::Result<()> {
    let wrong = audit
        .cameras
        .iter()
        .filter(|camera| is_wrong(camera, retention_days))
        .count();
    let files: u64 = audit.cameras.iter().map(|camera| camera.files).sum();
    writeln!(
        out,
        "{wrong} of {} cameras have findings; {files} segments read in {:.1} s\n",
        audit.cameras.len(),
        std::time::Duration::from_millis(audit.elapsed_ms).as_secs_f64()
    )?;
    if audit.unreadable_count > 0 {
        writeln!(
            out,
            "NOT EVERYTHING COULD BE SEEN: {} unseen; “?” stands where that may concern a camera\n",
            audit.unreadable_count
        )?;
    }
    let width = audit
        .cameras
        .iter()
        .map(|c| visible(&c.camera).chars().count())
        .max()
        .unwrap_or(0)
        .max(6);
    writeln!(
        out,
        "  {:width$}  {:20}  {:20}  {:>9}  {:>10}  {:>5}  {:>6}",
        "camera", "oldest", "newest", "coverage", "continuous", "gaps", "faults"
    )?;
    for camera in &audit.cameras {
        let mark = match (is_wrong(camera, retention_days), camera.seen_whole) {
            (true, _) => '✕',
            (false, true) => '✓',
            (false, false) => '?',
        };
        writeln!(
            out,
            "{mark} {:width$}  {:20}  {:20}  {:>9}  {:>8.1} d  {:>5}  {:>6}",
            visible(&camera.camera),
            time(camera.oldest),
            time(camera.newest),
            percent(camera),
            (camera.continuous.days() * 10.0).floor() / 10.0,
            camera.gaps.len(),
            camera.fault_count
        )?;
    }
    for camera in audit
        .cameras
        .iter()
        .filter(|camera| is_wrong(camera, retention_days))
    {
        details(out, camera, retention_days)?;
    }
    Ok(())
}

fn is_wrong(camera: &CameraAudit, retention_days: i64) -> bool {
    !camera.gaps.is_empty() || camera.fault_count > 0 || is_short(camera, retention_days)
}

/// Where not everything could be seen, what was seen cannot prove that footage is too short.
fn is_short(camera: &CameraAudit, retention_days: i64) -> bool {
    camera.seen_whole && camera.continuous.ms < retention_days * DAY_MS
}

fn details(out: &mut dyn Write, camera: &CameraAudit, retention_days: i64) -> io::Result<()> {
    writeln!(out, "\n{}", visible(&camera.camera))?;
    if is_short(camera, retention_days) {
        let days = (camera.continuous.days() * 10.0).floor() / 10.0;
        writeln!(
            out,
            "  retention  {days} of {retention_days} days without a break"
        )?;
    }
    let short = camera.days.iter().filter(|day| day.missing_ms > 0);
    if let Some(worst) = short.clone().max_by_key(|day| day.missing_ms) {
        writeln!(
            out,
            "  days       {} with something missing, the worst {} with {}",
            short.count(),
            worst.day,
            Span(worst.missing_ms)
        )?;
    }
    let mut gaps = camera.gaps.clone();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.ms()));
    for gap in gaps.iter().take(LISTED_MAX) {
        writeln!(
            out,
            "  gap        {} – {}  {}",
            gap.start(),
            gap.end(),
            Span(gap.ms())
        )?;
    }
    more(out, gaps.len(), "gap")?;
    for fault in camera.faults.iter().take(LISTED_MAX) {
        writeln!(
            out,
            "  {:9}  {}  {}",
            fault.kind.word(),
            visible(&fault.path),
            visible(&fault.detail)
        )?;
    }
    more(
        out,
        usize::try_from(camera.fault_count).unwrap_or(usize::MAX),
        "fault",
    )
}

fn more(out: &mut dyn Write, count: usize, noun: &str) -> io::Result<()> {
    match count.saturating_sub(LISTED_MAX) {
        0 => Ok(()),
        1 => writeln!(
            out,
            "             and one more {noun}; --format json lists all"
        ),
        rest => writeln!(
            out,
            "             and {rest} more {noun}s; --format json lists all"
        ),
    }
}

fn time(at: Option<Instant>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}

/// Rounded down, so that 100 % means all.
fn percent(camera: &CameraAudit) -> String {
    share(camera.recorded_ms, camera.scheduled_ms).map_or_else(
        || "unknown".to_owned(),
        |share| format!("{:.2} %", (share * 10_000.0).floor() / 100.0),
    )
}
