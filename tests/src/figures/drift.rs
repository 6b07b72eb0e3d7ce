//! From the change of a watched file to the receiver of notifications: a real agent and a real
//! coordinator, each a process of its own, and a receiver here.
//!
//! The product tells a drift when it begins and when it is over; a further change of a file that
//! drifts already is kept and shown, not told. So every change here begins a drift, and the file is
//! put back before its next turn. Changes take turns among many files, because an agent reads a file
//! that never comes to rest ever more rarely: twenty readings at once, then one a minute. One change
//! is made at a time, and the notification that answers it names the file and the value written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keepwatch_agent::identity::IdentityHome;
use keepwatch_agent::identity::home::Joined;
use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::model::address::Address;
use keepwatch_common::time::Instant;
use serde::Serialize;
use serde_json::Value;

use super::child::Child;
use super::failure::{Failure, While};
use super::headquarters::{Approved, Headquarters};
use super::statistics::{percentile, rounded};
use super::stopwatch::Stopwatch;
use crate::receivers::{Received, Receiver};

/// Readings of a file that an agent allows at once, and two a turn: the drift and its end. Some are
/// left for the reading at the start.
const TURNS_OF_FILE_MAX: usize = 8;

/// What takes longer never comes.
const PATIENCE: Duration = Duration::from_mins(1);

/// What was measured, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// From before the file is written until the notification is read by its receiver.
    pub change_to_webhook_ms: Spread,
    /// Of it: until the coordinator has judged the drift.
    pub change_to_judged_ms: Spread,
    /// Of it: from there to the receiver.
    pub judged_to_webhook_ms: Spread,
    /// The same as the first when files are put back: from there to the word that it is over.
    pub restored_to_webhook_ms: Spread,
    /// Changes, each with a notification of its own.
    pub changes: usize,
    /// Files that took turns.
    pub files: usize,
    /// Processors of this machine, shared by all.
    pub processors: usize,
}

/// How single times are spread.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// Half are no longer.
    pub p50: f64,
    /// All but one of a hundred are no longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// The answer to a change is not what it should be.
#[derive(Debug, thiserror::Error)]
enum AnswerError {
    #[error("no notification came within {} s of a change of {name}", PATIENCE.as_secs())]
    None { name: String },
    #[error("the change of {name} was answered by another notification: {body}")]
    Another { name: String, body: String },
}

/// A branch with watched files.
struct Branch {
    folder: PathBuf,
    files: usize,
}

/// Changes files so often, one after the other.
pub async fn measure(changes: usize, within: &Path) -> Result<Figures, Failure> {
    let folder = tempfile::tempdir_in(within).during("making a folder")?;
    let receiver = Receiver::listen()
        .await
        .during("listening for notifications")?;
    let branch = Branch::lay(folder.path(), changes.div_ceil(TURNS_OF_FILE_MAX))?;
    let hq = Headquarters::found(folder.path(), None, &receiver.url())?;
    let (coordinator, agent) = branch.start(&hq).await?;
    let mut witness = Witness { receiver, heard: 0 };
    let (mut whole, mut judging, mut telling) = (Vec::new(), Vec::new(), Vec::new());
    let mut restored = Vec::new();
    // The first turn finds the agent still starting, so it does not count.
    for turn in 0..=changes {
        let (file, serial) = (turn % branch.files, turn + 1);
        let began = witness.change(&branch, file, serial, "raised").await?;
        let over = witness.change(&branch, file, 0, "recovered").await?;
        if turn > 0 {
            whole.push(began.whole_ms);
            judging.push(began.judged_ms);
            telling.push(began.whole_ms - began.judged_ms);
            restored.push(over.whole_ms);
        }
    }
    agent.stop()?;
    coordinator.stop()?;
    Ok(Figures {
        change_to_webhook_ms: Spread::of(&whole),
        change_to_judged_ms: Spread::of(&judging),
        judged_to_webhook_ms: Spread::of(&telling),
        restored_to_webhook_ms: Spread::of(&restored),
        changes: whole.len(),
        files: branch.files,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let at = |of_hundred| rounded(percentile(values, of_hundred));
        Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
        }
    }
}

/// What the files say: the serial number is what changes, 0 in the baseline.
fn content(serial: usize) -> String {
    format!("{{\"retain\":30,\"serial\":{serial}}}")
}

impl Branch {
    fn lay(folder: &Path, files: usize) -> Result<Self, Failure> {
        let branch = Self {
            folder: folder.join("watched"),
            files,
        };
        let doing = "writing watched files";
        fs_err::create_dir_all(&branch.folder).during(doing)?;
        for file in 0..files {
            fs_err::write(branch.path(file), content(0)).during(doing)?;
        }
        Ok(branch)
    }

    fn name(file: usize) -> String {
        format!("settings-{file:03}")
    }

    fn path(&self, file: usize) -> PathBuf {
        self.folder.join(format!("{}.json", Self::name(file)))
    }

    /// Enters the agent, starts the coordinator, then the agent.
    async fn start(&self, hq: &Headquarters) -> Result<(Child, Child), Failure> {
        let doing = "enrolling the agent";
        let state = self.folder.with_file_name("agent");
        let home = IdentityHome::open(&state).during(doing)?;
        let key = home.candidate_key().during(doing)?;
        let files: Vec<_> = (0..self.files)
            .map(|file| (Self::name(file), self.path(file).display().to_string()))
            .collect();
        let baseline = content(0);
        let approved: Vec<_> = files
            .iter()
            .map(|(name, path)| Approved {
                name,
                path,
                canonical: &baseline,
            })
            .collect();
        let requests = [key.request().during(doing)?];
        let enrolled = hq.enrol(&requests, &approved).await?;
        let (coordinator, at) = Child::coordinator(&hq.config)?;
        for one in enrolled {
            let joined = Joined {
                agent: one.agent,
                branch: one.branch,
                coordinators: vec![Address::new("127.0.0.1", at.port()).during(doing)?],
                authority: hq.authority().clone(),
                chain: one.chain,
            };
            home.save_joined(joined).during(doing)?;
        }
        let mut text = format!("state = \"{}\"\n", state.display());
        for (name, path) in &files {
            text.extend(["[[watch]]\nname = \"", name, "\"\npath = \"", path, "\"\n"]);
        }
        let config = self.folder.with_file_name("agent.toml");
        fs_err::write(&config, text).during("writing the agent's configuration")?;
        Ok((coordinator, Child::agent(&config)?))
    }
}

/// Reads what is told.
struct Witness {
    receiver: Receiver,
    heard: usize,
}

/// How long an answer took.
struct Took {
    whole_ms: f64,
    judged_ms: f64,
}

impl Witness {
    /// Writes a file and waits for the notification that answers it.
    async fn change(
        &mut self,
        branch: &Branch,
        file: usize,
        serial: usize,
        notice: &str,
    ) -> Result<Took, Failure> {
        let (doing, name) = ("waiting for a notification", Branch::name(file));
        let (written_at, watch) = (SystemClock::new().now(), Stopwatch::start());
        fs_err::write(branch.path(file), content(serial)).during("changing a watched file")?;
        let told = self.receiver.received_at_least(self.heard + 1);
        let told = tokio::time::timeout(PATIENCE, told).await;
        let whole_ms = watch.ms();
        let told = told.unwrap_or_default();
        let Some(first) = told.get(self.heard) else {
            return Err(AnswerError::None { name }).during(doing);
        };
        self.heard += 1;
        let Some(judged_at) = answers(first, &name, serial, notice) else {
            let body = first.body.clone();
            return Err(AnswerError::Another { name, body }).during(doing);
        };
        let judged_ms = i32::try_from(judged_at.since(written_at)).unwrap_or(i32::MAX);
        Ok(Took {
            whole_ms,
            judged_ms: f64::from(judged_ms),
        })
    }
}

/// When the coordinator judged it, if this notification is about this file and value.
fn answers(told: &Received, name: &str, serial: usize, notice: &str) -> Option<Instant> {
    let body: Value = serde_json::from_str(&told.body).ok()?;
    let is_it = body["kind"] == "config_drift"
        && body["notice"] == notice
        && body["subject"].as_str()?.contains(name);
    let shown = body["evidence"]["shown"].as_array()?;
    let written = serial.to_string();
    let told_value = shown
        .iter()
        .any(|change| change["after"].as_str() == Some(written.as_str()));
    // What is over still names the last change.
    let fits = told_value || notice == "recovered";
    let at = Instant::parse(body["at"].as_str()?).ok()?;
    (is_it && fits).then_some(at)
}
