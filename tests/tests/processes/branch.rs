//! A branch on disk: a recorder's tree that grows, files that change, and the agent's program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use keepwatch_common::clock::{Clock, SystemClock};
use keepwatch_common::time::{Instant, MINUTE_MS, SECOND_MS, Zone};
use keepwatch_tests::footage::clip::{Clip, Shape};
use keepwatch_tests::footage::plan::Segment;
use keepwatch_tests::footage::tree::Tree;
use serde_json::Value;
use tempfile::TempDir;

use crate::hq::Hq;
use crate::process::{Process, log_of, run};

const PROGRAM: &str = "keepwatch-agent";

/// How the recorder names its files.
const PATTERN: &str = "{camera}/%Y-%m-%d/%H-%M-%S.mp4";

/// Files that the agent watches: each may be told twenty times in a row before its agent grows slow.
const FILES: usize = 8;

/// See the module.
pub(crate) struct Branch {
    scratch: TempDir,
    process: Option<Process>,
    tree: Tree,
    /// Where the next segment begins.
    next: Instant,
    written: u64,
}

impl Branch {
    /// Joins with a join string and does not run yet.
    pub(crate) async fn join(hq: &Hq, code: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("footage");
        fs_err::create_dir_all(root.join("till")).unwrap();
        Self::join_from(scratch, &root, "", hq, code).await
    }

    /// The same with a recorder somewhere else, and more in the agent's configuration.
    pub(crate) async fn join_with(hq: &Hq, code: &str, root: &Path, more: &str) -> Self {
        Self::join_from(tempfile::tempdir().unwrap(), root, more, hq, code).await
    }

    async fn join_from(scratch: TempDir, root: &Path, more: &str, hq: &Hq, code: &str) -> Self {
        let now = SystemClock::new().now();
        let branch = Self {
            tree: Tree::template(root, PATTERN, Zone::utc()).unwrap(),
            scratch,
            process: None,
            next: Instant::from_s((now - 30 * MINUTE_MS).ms() / SECOND_MS),
            written: 0,
        };
        for index in 0..FILES {
            fs_err::write(branch.file(index), "n: 0").unwrap();
        }
        fs_err::write(branch.config(), branch.configuration() + more).unwrap();
        let string = branch.scratch.path().join("join");
        fs_err::write(&string, hq.invite(code).await).unwrap();
        let config = branch.config();
        let arguments = [
            OsStr::new("join"),
            OsStr::new("--config"),
            config.as_os_str(),
            OsStr::new("--join-string-file"),
            string.as_os_str(),
        ];
        run(PROGRAM, &arguments).await;
        branch
    }

    fn configuration(&self) -> String {
        let text = format!(
            "state = \"{}\"\n[spool]\nfree_floor_megabytes = 0\n\
             [pace]\ncoverage_step_seconds = 1\nlook_seconds = 1\nreconcile_minutes = 1\n\
             [[recorder]]\nname = \"nvr\"\nroot = \"{}\"\nlayout = \"template:{PATTERN}\"\n",
            self.state().display(),
            self.tree.root().display(),
        );
        let watch = |index| {
            let path = self.file(index);
            format!(
                "[[watch]]\nname = \"file-{index}\"\npath = \"{}\"\n",
                path.display()
            )
        };
        (0..FILES)
            .map(watch)
            .fold(text, |text, watch| text + &watch)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.scratch.path().join("agent.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.scratch.path().join("state")
    }

    fn file(&self, index: usize) -> PathBuf {
        self.scratch.path().join(format!("{index}.yml"))
    }

    /// The agent begins to run.
    pub(crate) fn start(&mut self) {
        self.start_as(Process::start);
    }

    /// The agent begins to run where the kernel gives no watches.
    pub(crate) fn start_deaf(&mut self) {
        self.start_as(Process::start_deaf);
    }

    fn start_as(&mut self, start: fn(&str, &[&OsStr], &Path) -> Process) {
        let config = self.config();
        let arguments = [
            OsStr::new("run"),
            OsStr::new("--config"),
            config.as_os_str(),
        ];
        let log = log_of(self.scratch.path(), PROGRAM);
        self.process = Some(start(PROGRAM, &arguments, &log));
    }

    /// The agent ends at once.
    pub(crate) async fn die(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// The agent ends in order.
    pub(crate) async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            assert!(process.terminate().await.success(), "{}", self.log());
        }
    }

    /// What the agent logged.
    pub(crate) fn log(&self) -> String {
        fs_err::read_to_string(log_of(self.scratch.path(), PROGRAM)).unwrap_or_default()
    }

    /// Changes one of the watched files to what was never written before.
    pub(crate) fn change_a_file(&mut self) {
        self.written += 1;
        let index = usize::try_from(self.written).unwrap() % FILES;
        fs_err::write(self.file(index), format!("n: {}", self.written)).unwrap();
    }

    /// What the watched files hold, as it is told.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let told = |index| {
            let text = fs_err::read_to_string(self.file(index)).unwrap();
            let number = text.strip_prefix("n: ").unwrap();
            (format!("file-{index}"), format!("{{\"n\":{number}}}"))
        };
        (0..FILES).map(told).collect()
    }

    /// One more segment of ten seconds.
    pub(crate) fn record(&mut self) -> Segment {
        self.record_clip(Clip::TenSeconds)
    }

    /// Footage of half an hour, up to five minutes from now: nothing becomes late meanwhile.
    pub(crate) fn record_into_the_future(&mut self) {
        for _ in 0..7 {
            self.record_clip(Clip::FiveMinutes);
        }
    }

    fn record_clip(&mut self, clip: Clip) -> Segment {
        let segment = Segment {
            start: self.next,
            clip,
            shape: Shape::Whole,
        };
        self.tree.add_segment("till", &segment).unwrap();
        self.next = segment.end();
        segment
    }

    /// Ten seconds that are not recorded.
    pub(crate) fn skip(&mut self) -> Segment {
        let segment = Segment {
            start: self.next,
            clip: Clip::TenSeconds,
            shape: Shape::Empty,
        };
        self.next = segment.end();
        segment
    }

    /// Whether the agent says that everything it ever told is acknowledged.
    pub(crate) fn says_all_is_acked(&self) -> bool {
        let waiting = self.status()["uplink"]["waiting"].clone();
        let lanes = waiting.as_array().cloned().unwrap_or_default();
        lanes.len() == 3 && lanes.iter().all(|lane| lane["assigned"] == lane["acked"])
    }

    /// The status file; null while there is none.
    pub(crate) fn status(&self) -> Value {
        let text = fs_err::read_to_string(self.state().join("status.json"));
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }
}
