//! A coordinator inside the test, and the program beside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use keepwatch_common::clock::ManualClock;
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::model::watched::{Reading, WatchedFile};
use keepwatch_common::time::{DAY_MS, Instant};
use keepwatch_coordinator::app::{Running, start};
use keepwatch_coordinator::assess::{Assessor, Submission, SubmittedEntry, Told};
use keepwatch_coordinator::config::Config;
use keepwatch_coordinator::store::agents::NewAgent;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A password that is one.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The agent of a branch that drifts.
pub(crate) const AGENT: Uuid = Uuid::from_u128(1);

/// See the module.
pub(crate) struct Desk {
    scratch: TempDir,
    running: Option<Running>,
    stop: CancellationToken,
}

/// What the program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) complaint: String,
}

fn now() -> Instant {
    Instant::parse("2026-11-23T08:00:00Z").unwrap()
}

impl Desk {
    /// A configuration, and nobody who runs.
    pub(crate) fn closed() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let state = scratch.path().join("state");
        let text = format!(
            "state = \"{}\"\nnames = [\"127.0.0.1\"]\n[listen]\nagents = \"127.0.0.1:0\"\n\
             join = \"127.0.0.1:0\"\nweb = \"127.0.0.1:0\"\n",
            state.display()
        );
        fs_err::write(scratch.path().join("keepwatch.toml"), text).unwrap();
        Self {
            scratch,
            running: None,
            stop: CancellationToken::new(),
        }
    }

    /// With a coordinator whose clock stands still.
    pub(crate) async fn open() -> Self {
        let mut desk = Self::closed();
        let config = Config::read(&desk.config()).unwrap();
        let (clock, randomness) = (Arc::new(ManualClock::at(now())), Arc::new(Seeded::new(3)));
        let running = start(&config, clock, randomness, &desk.stop).await.unwrap();
        desk.running = Some(running);
        desk
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.scratch.path().join("keepwatch.toml")
    }

    pub(crate) fn authority(&self) -> Fingerprint {
        self.running
            .as_ref()
            .unwrap()
            .services()
            .authority
            .fingerprint()
    }

    /// The program with its configuration and nothing to read.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(program());
        command
            .arg("--config")
            .arg(self.config())
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: impl AsRef<[&str]>) -> Said {
        self.run_with(arguments, "").await
    }

    /// With something to read on standard input.
    pub(crate) async fn run_with(&self, arguments: impl AsRef<[&str]>, input: &str) -> Said {
        let mut child = self
            .command(arguments.as_ref())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that reads nothing may be gone already.
        let (Ok(()) | Err(_)) = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            complaint: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A branch whose watched file was approved and then changed.
    pub(crate) async fn drifting_branch(&self, code: &str) {
        self.run(["branch", "add", code]).await;
        let services = self.running.as_ref().unwrap().services();
        let mut tx = services.store.begin().await.unwrap();
        let branch = tx.branch_fetch_by_code(code).await.unwrap().unwrap();
        tx.agent_insert(&NewAgent {
            id: AGENT,
            branch_id: branch.id,
            key_fingerprint: [1; 32],
            host: "till-2",
            version: "0.1.0",
            joined_at: now(),
            certificate_ends: now() + DAY_MS,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let mut assessor = Assessor::new(
            services.store.clone(),
            services.policy.clone(),
            services.clock.clone(),
            services.outbox.clone(),
        );
        let first = report(branch.id, 1, r#"{"retain":30}"#);
        assessor.take(&[&first]).await.unwrap();
        let reason = ["--reading", "1", "--reason", "as installed"];
        let approve = [&["drift", "approve", code, "nvr.json"][..], &reason].concat();
        assert_eq!(self.run(approve).await.code, 0);
        let second = report(branch.id, 2, r#"{"retain":7}"#);
        assessor.take(&[&second]).await.unwrap();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // The coordinator's tasks end with the test's runtime.
        self.stop.cancel();
    }
}

/// The program as it was built for these tests.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_keepwatch"))
}

fn report(branch_id: i64, sequence: u64, canonical: &str) -> Submission {
    let file = WatchedFile {
        name: Name::new("nvr.json").unwrap(),
        path: "/etc/nvr.json".to_owned(),
        reading: Reading::Tree {
            canonical: canonical.to_owned(),
            owner: Some("root".to_owned()),
        },
    };
    let told = Observation {
        at: now(),
        body: Body::Watched(file),
    };
    Submission {
        agent: AGENT,
        branch_id,
        epoch: 7,
        lane: Lane::Urgent,
        received: now(),
        ahead_ms: 0,
        entries: vec![SubmittedEntry {
            sequence,
            version: 1,
            coded: Vec::new(),
            told: Told::Observation(told),
        }],
    }
}

/// What a program logs.
pub(crate) struct Log(Lines<BufReader<ChildStderr>>);

/// Reads what a program logs.
pub(crate) fn lines(stderr: ChildStderr) -> Log {
    Log(BufReader::new(stderr).lines())
}

impl Log {
    /// Reads on until a line holds this; false when there is no such line.
    pub(crate) async fn wait_for(&mut self, text: &str) -> bool {
        while let Some(line) = self.0.next_line().await.unwrap() {
            if line.contains(text) {
                return true;
            }
        }
        false
    }
}

/// Asks a program to end.
pub(crate) fn terminate(child: &Child) {
    let id = i32::try_from(child.id().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}
