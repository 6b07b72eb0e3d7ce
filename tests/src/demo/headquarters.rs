//! Headquarters on this machine: a coordinator, and what its operator does at the command line.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use fs_err::os::unix::fs::OpenOptionsExt;
use keepwatch_common::secret::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::configuration;
use super::folder::Folder;
use super::part::Part;
use super::program::{Program, ProgramError, Running};
use super::scene::Branch;

/// Who signs in.
pub(super) const ADMINISTRATOR: &str = "admin";

/// Between two looks whether it is ready.
const LOOK: Duration = Duration::from_millis(50);

/// Rows asked for at once: more than any demo has.
const ROWS_MAX: &str = "1000";

/// Why headquarters is not at work.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeadquartersError {
    /// A program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The disk refuses; the cause names the path.
    #[error("headquarters cannot be furnished")]
    Disk(#[from] std::io::Error),
    /// A list that is none.
    #[error("“{command}” answered no list")]
    Answer {
        /// What was asked.
        command: String,
    },
}

/// What the coordinator's file says when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    web: String,
}

/// A coordinator's folder.
#[derive(Debug)]
pub(super) struct Headquarters {
    folder: PathBuf,
    program: Program,
}

impl Headquarters {
    /// Writes its configuration; nothing runs yet.
    pub(super) fn furnish(
        folder: &Folder,
        webhook: &str,
        secret: &Secret,
    ) -> Result<Self, HeadquartersError> {
        let folder = folder.coordinator();
        let (config, key) = (folder.join("keepwatch.toml"), folder.join("webhook.secret"));
        let mut file = fs_err::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&key)?;
        file.write_all(secret.expose().as_bytes())?;
        let text = configuration::coordinator(&folder.join("state"), webhook, &key);
        fs_err::write(&config, text)?;
        let program = Program::new(Part::Coordinator, config);
        Ok(Self { folder, program })
    }

    /// Makes the database and its first person, and starts the coordinator.
    pub(super) async fn start(&self, password: &Secret) -> Result<Running, HeadquartersError> {
        self.program.ask(&["migrate"], "").await?;
        let words = ["user", "add", ADMINISTRATOR, "--role", "administrator"];
        self.program.ask(&words, password.expose()).await?;
        let log = self.folder.join("log");
        Ok(self.program.start(&["serve"], &log)?)
    }

    /// Waits until agents and people are let in; the address of the pages.
    pub(super) async fn ready(&self, running: &mut Running) -> Result<String, ProgramError> {
        loop {
            running.lives()?;
            let ready = fs_err::read(self.folder.join("state/keepwatch.ready"));
            let ready = ready
                .ok()
                .and_then(|text| serde_json::from_slice(&text).ok());
            if let Some(Ready { web }) = ready {
                return Ok(format!("http://{web}"));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Adds a branch and its region; the string that its agent joins with.
    pub(super) async fn add_branch(&self, branch: &Branch) -> Result<String, HeadquartersError> {
        let (region, name) = branch.region;
        let words = ["region", "add", region, "--name", name];
        self.program.ask(&words, "").await?;
        let words = ["branch", "add", branch.code, "--name", branch.name];
        let more = ["--time-zone", branch.zone, "--region", region];
        self.program.ask(&[&words[..], &more].concat(), "").await?;
        let words = ["token", "create", "--branch", branch.code];
        Ok(self.program.ask(&words, "").await?)
    }

    /// The alerts that are not settled, as the API gives them.
    pub(super) async fn alerts(&self) -> Result<Vec<Value>, HeadquartersError> {
        self.list(&["alert", "list", "--limit", ROWS_MAX]).await
    }

    /// Approves what was read of a branch's watched file, as a person does who looked at it; whether
    /// it was read already.
    pub(super) async fn approve(&self, branch: &Branch) -> Result<bool, HeadquartersError> {
        let files = self.list(&["drift", "list", "--limit", ROWS_MAX]).await?;
        let name = branch.software.watched();
        let mut files = files.iter();
        let file = files.find(|file| file["branch"] == branch.code && file["name"] == name);
        let Some(reading) = file.and_then(|file| file["reading"].as_i64()) else {
            return Ok(false);
        };
        let words = ["drift", "approve", branch.code, name];
        let (reading, reason) = (reading.to_string(), "as installed and handed over");
        let more = ["--reading", &reading, "--reason", reason];
        self.program.ask(&[&words[..], &more].concat(), "").await?;
        Ok(true)
    }

    async fn list(&self, words: &[&str]) -> Result<Vec<Value>, HeadquartersError> {
        let mut answer = self.program.answer(words).await?;
        match answer["items"].take() {
            Value::Array(items) => Ok(items),
            _ => Err(HeadquartersError::Answer {
                command: words.join(" "),
            }),
        }
    }
}
