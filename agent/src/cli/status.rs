//! `keepwatch-agent status`: how the running agent stands, as text for people or JSON for programs.
//!
//! Exit codes: 0 connected and everything readable, 1 not connected, something missing or the outcome
//! out of date, 2 the agent is not running.
//!
//! Long because every line that a person reads is worded in one place.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keepwatch_common::clock::Clock;
use keepwatch_common::model::health::Word;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{Instant, MINUTE_MS, SECOND_MS};
use serde::Serialize;

use super::count::counted;
use super::health;
use super::outcome::{FAILED, FINDINGS, GOOD, complain, unprinted, visible};
use crate::config::{Config, ConfigError};
use crate::footage::standing::{RecorderStanding, WalkOutcome};
use crate::status::{Status, StatusError, VolumeStanding};
use crate::uplink::UplinkStanding;

/// A clock further off than this is worth a word, in milliseconds.
const OFFSET_MS_MAX: i64 = 5 * MINUTE_MS;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration file; it says where the agent keeps its state
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Debug, thiserror::Error)]
enum StatusFailure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Status(#[from] StatusError),
}

/// What programs get.
#[derive(Debug, Serialize)]
struct Document<'a> {
    running: bool,
    /// Whether it may be out of date although the agent runs.
    stale: bool,
    age_ms: i64,
    #[serde(flatten)]
    status: &'a Status,
}

pub(super) fn run(arguments: &Arguments, clock: &dyn Clock) -> u8 {
    match show(arguments, clock.now()) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            FAILED
        }
    }
}

fn show(arguments: &Arguments, now: Instant) -> Result<u8, StatusFailure> {
    let config = Config::read(&arguments.config)?;
    let status = Status::read(&config.state)?;
    let running = status.is_running(now);
    let code = verdict(&status, now);
    let printed = print(&status, running, now, arguments.format);
    Ok(printed.map_or_else(|error| unprinted(error, code), |()| code))
}

fn print(status: &Status, running: bool, now: Instant, format: Format) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match format {
        Format::Json => {
            let document = Document {
                running,
                stale: status.is_stale(now),
                age_ms: now.since(status.written_at),
                status,
            };
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)
        }
        Format::Table => out.write_all(table(status, running, now).as_bytes()),
    }
}

fn verdict(status: &Status, now: Instant) -> u8 {
    let recorder_is_well = |recorder: &RecorderStanding| {
        let walk = recorder.walk.as_ref();
        recorder.left_out == 0 && walk.is_some_and(|walk| walk.outcome == WalkOutcome::Whole)
    };
    let is_well = !status.is_stale(now)
        && status.uplink.connected.is_some()
        && status.recorders.iter().all(recorder_is_well)
        && status.volumes.iter().all(is_well)
        && status.watched.iter().all(|file| file.reading == "tree");
    match (status.is_running(now), is_well) {
        (false, _) => FAILED,
        (true, false) => FINDINGS,
        (true, true) => GOOD,
    }
}

/// Whether a volume is there and nothing under it fails or wears out. What nobody can ask here is no
/// reason to call.
fn is_well(volume: &VolumeStanding) -> bool {
    let bad = [Word::Worn.word(), Word::Failing.word()];
    volume.presence == Presence::Present.word() && !bad.contains(&volume.health.word.as_str())
}

/// Lines of a label and what is to be said.
struct Lines(String);

impl Lines {
    fn add(&mut self, label: &str, words: &str) {
        // Writing into a text cannot fail.
        let (Ok(()) | Err(_)) = writeln!(self.0, "{label:<13} {}", visible(words));
    }
}

fn table(status: &Status, running: bool, now: Instant) -> String {
    let mut lines = Lines(String::new());
    let since = format!("since {}", status.started_at);
    match (running, status.stopped) {
        (true, _) => {
            let words = format!("running {since}, version {}", status.agent_version);
            lines.add("agent", &words);
            let age = span(now.since(status.written_at));
            if status.is_stale(now) {
                let words = format!("written {age} ago; WHAT FOLLOWS MAY BE OUT OF DATE");
                lines.add("this", &words);
            } else {
                lines.add("this", &format!("written {age} ago"));
            }
        }
        (false, true) => lines.add(
            "agent",
            &format!("NOT RUNNING: stopped at {}", status.written_at),
        ),
        (false, false) => lines.add(
            "agent",
            &format!(
                "NOT RUNNING: last heard of {} ago; what follows is as it was then",
                span(now.since(status.written_at))
            ),
        ),
    }
    uplink(&mut lines, &status.uplink, now);
    for recorder in &status.recorders {
        lines.add("recorder", &walked(recorder, now));
    }
    for volume in &status.volumes {
        let words = format!(
            "{}: {}, {} of {} free",
            volume.volume,
            volume.presence,
            size(volume.free_bytes),
            size(volume.total_bytes)
        );
        lines.add("volume", &words);
        let sources = &volume.health.sources;
        if !sources.is_empty() && !sources.iter().any(health::needs_a_look) {
            let words = format!(
                "{}: good, by {}",
                volume.volume,
                counted(sources.len(), "source")
            );
            lines.add("health", &words);
        }
        for source in sources.iter().filter(|source| health::needs_a_look(source)) {
            let words = format!("{}: {}", volume.volume, health::line(source));
            lines.add("health", &words);
        }
    }
    for file in &status.watched {
        let at = file.told_at.map(|at| format!(", told at {at}"));
        let deaf = if file.hears {
            ""
        } else {
            "; changes are found by looking only"
        };
        let at = at.unwrap_or_default();
        let words = format!("{}: {}{at}{deaf}", file.name, file.reading);
        lines.add("watched file", &words);
    }
    lines.0
}

fn uplink(lines: &mut Lines, uplink: &UplinkStanding, now: Instant) {
    lines.add("branch", &uplink.branch);
    lines.add("identity", &uplink.agent);
    match (&uplink.connected, &uplink.away) {
        (Some(connected), _) => {
            let words = format!(
                "to {} over {} since {}",
                connected.coordinator,
                connected.transport.word(),
                connected.since
            );
            lines.add("connected", &words);
        }
        (None, Some(why)) => lines.add("connected", &format!("NO: {why}")),
        (None, None) => lines.add("connected", "not yet"),
    }
    for waiting in &uplink.waiting {
        let undelivered = waiting.assigned.saturating_sub(waiting.acked);
        let words = match (waiting.lane, undelivered) {
            (_, 0) => "everything is delivered".to_owned(),
            (Lane::State, 1) => "1 change waits".to_owned(),
            (Lane::State, count) => format!("up to {count} changes wait"),
            (_, 1) if waiting.kept == 1 => format!("1 waits, {}", size(waiting.bytes)),
            (_, _) => format!("{} wait, {}", waiting.kept, size(waiting.bytes)),
        };
        lines.add(
            match waiting.lane {
                Lane::Urgent => "urgent",
                Lane::State => "state",
                Lane::Routine => "routine",
            },
            &words,
        );
    }
    let acked = uplink
        .acked_at
        .map(|at| format!("{} ago", span(now.since(at))));
    lines.add("last ack", acked.as_deref().unwrap_or("none yet"));
    if let Some(offset_ms) = uplink.clock_offset_ms {
        let warning = if offset_ms.abs() > OFFSET_MS_MAX {
            "; SET THIS MACHINE'S CLOCK"
        } else {
            ""
        };
        let words = format!("{}{warning}", apart(offset_ms));
        lines.add("clock", &words);
    }
    if uplink.refused > 0 {
        lines.add(
            "refused",
            &format!(
                "{} could not be judged",
                counted(uplink.refused, "observation")
            ),
        );
    }
    lines.add(
        "certificate",
        &format!("until {}", uplink.certificate_until),
    );
}

fn walked(recorder: &RecorderStanding, now: Instant) -> String {
    let Some(walk) = &recorder.walk else {
        return format!("{}: not walked yet", recorder.recorder);
    };
    let deaf = if recorder.hears {
        ""
    } else {
        "; NEW FOOTAGE IS FOUND BY WALKING ONLY: raise fs.inotify.max_user_watches and \
         max_user_instances"
    };
    let left_out = match (recorder.left_out, &recorder.left_out_first) {
        (0, _) => String::new(),
        (count, first) => format!(
            "; NOT EVERYTHING COULD BE SEEN, {count} left out: {}",
            first.as_deref().unwrap_or_default()
        ),
    };
    format!(
        "{}: {}; last walk {} ago, {}, took {} ms{deaf}{left_out}",
        recorder.recorder,
        counted(recorder.cameras, "camera"),
        span(now.since(walk.at)),
        walk.outcome.word(),
        walk.took_ms
    )
}

/// How far our clock is from the coordinator's.
fn apart(offset_ms: i64) -> String {
    let ms = offset_ms.unsigned_abs();
    match offset_ms {
        0 => "as the coordinator's".to_owned(),
        1.. => format!("{ms} ms ahead of the coordinator's"),
        ..0 => format!("{ms} ms behind the coordinator's"),
    }
}

fn span(ms: i64) -> String {
    match ms.max(0) / SECOND_MS {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} B"),
        10_240..10_485_760 => format!("{} KiB", bytes >> 10),
        10_485_760..10_737_418_240 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

#[cfg(test)]
mod tests {
    use crate::status::HealthStanding;
    use crate::uplink::{Connected, Transport, Waiting};

    use super::*;

    fn status() -> Status {
        let at = Instant::from_s(1_000);
        let uplink = UplinkStanding {
            agent: "0190".to_owned(),
            branch: "SH-017".to_owned(),
            certificate_until: Instant::from_s(9_000),
            connected: Some(Connected {
                coordinator: "hq.example:7443".to_owned(),
                since: at,
                transport: Transport::Quic,
            }),
            away: None,
            clock_offset_ms: Some(86_400_000),
            acked_at: Some(at),
            refused: 0,
            waiting: vec![Waiting {
                lane: Lane::Urgent,
                assigned: 5,
                acked: 3,
                kept: 2,
                bytes: 100,
            }],
        };
        Status::new(uplink, at, at)
    }

    #[test]
    fn a_person_reads_what_is_wrong() {
        let now = Instant::from_s(1_010);
        let said = table(&status(), true, now);
        for words in [
            "running since 1970",
            "to hq.example:7443 over quic",
            "2 wait, 100 B",
            "10 s ago",
            "SET THIS MACHINE'S CLOCK",
        ] {
            assert!(said.contains(words), "{words} in\n{said}");
        }
        assert!(said.contains("written 10 s ago\n"), "{said}");
        let late = table(&status(), true, Instant::from_s(1_012));
        assert!(
            late.contains("12 s ago; WHAT FOLLOWS MAY BE OUT OF DATE"),
            "{late}"
        );
        let stale = table(&status(), false, Instant::from_s(5_000));
        assert!(
            stale.contains("NOT RUNNING: last heard of 66 min ago"),
            "{stale}"
        );
    }

    #[test]
    fn a_clock_is_ahead_or_behind_and_never_less_than_ahead() {
        assert_eq!(apart(-1), "1 ms behind the coordinator's");
        assert_eq!(apart(1), "1 ms ahead of the coordinator's");
        assert_eq!(apart(0), "as the coordinator's");
    }

    #[test]
    fn the_exit_code_tells_how_it_stands() {
        let now = status().written_at;
        assert_eq!(verdict(&status(), now), GOOD);
        assert_eq!(verdict(&status(), now + 60_000), FAILED);
        assert_eq!(verdict(&status(), now + 12_000), FINDINGS, "it is stale");
        let mut missing = status();
        missing.volumes.push(VolumeStanding {
            volume: "footage".to_owned(),
            path: "/srv".to_owned(),
            presence: Presence::Missing.word().to_owned(),
            total_bytes: 0,
            free_bytes: 0,
            health: HealthStanding::default(),
        });
        assert_eq!(verdict(&missing, now), FINDINGS);
        let mut worn = missing.clone();
        worn.volumes[0].presence = Presence::Present.word().to_owned();
        assert_eq!(verdict(&worn, now), GOOD);
        worn.volumes[0].health.word = Word::Worn.word().to_owned();
        assert_eq!(verdict(&worn, now), FINDINGS);
        let mut away = status();
        away.uplink.connected = None;
        assert_eq!(verdict(&away, now), FINDINGS);
    }
}
