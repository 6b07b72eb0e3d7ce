//! A machine laid out in a folder, for tests: block devices linked as the kernel links them, and
//! tools that answer what they are told to.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::machine::Machine;
use super::tool::{Answer, Tool, ToolError, Tools};

/// A machine in a folder.
#[derive(Debug)]
pub(in crate::storage) struct Fake {
    folder: TempDir,
    machine: Machine,
    answers: Arc<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    said: Mutex<BTreeMap<(Tool, String), Result<Answer, ToolError>>>,
    asked: Mutex<usize>,
}

impl Tools for Answers {
    fn run(&self, tool: Tool, on: &str) -> Result<Answer, ToolError> {
        *self.asked.lock().unwrap() += 1;
        let said = self.said.lock().unwrap();
        let answer = said.get(&(tool, on.to_owned())).cloned();
        answer.unwrap_or(Err(ToolError::Missing))
    }
}

impl Fake {
    pub(in crate::storage) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let answers = Arc::new(Answers::default());
        let tools: Arc<dyn Tools> = answers.clone();
        let fake = Self {
            machine: Machine::below(folder.path(), tools),
            folder,
            answers,
        };
        fake.write("proc/self/mountinfo", "");
        fake
    }

    pub(in crate::storage) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// How often tools were run.
    pub(in crate::storage) fn asked(&self) -> usize {
        *self.answers.asked.lock().unwrap()
    }

    /// Lets a tool answer so about something from now on.
    pub(in crate::storage) fn answer(
        &self,
        tool: Tool,
        on: &str,
        answer: Result<(i32, &str), ToolError>,
    ) {
        let answer = answer.map(|(status, said)| Answer {
            status,
            said: said.as_bytes().to_vec(),
        });
        let mut answers = self.answers.said.lock().unwrap();
        answers.insert((tool, on.to_owned()), answer);
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(in crate::storage) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    pub(in crate::storage) fn remove(&self, path: &str) {
        fs_err::remove_file(self.path(path)).unwrap();
    }

    pub(in crate::storage) fn link(&self, from: &str, to: &str) {
        let (from, to) = (self.path(from), self.path(to));
        fs_err::create_dir_all(from.parent().unwrap()).unwrap();
        symlink(to, from).unwrap();
    }

    fn device(&self, device: &str, at: &str, below: &str) {
        let folder = format!("sys/devices/{below}{device}");
        self.write(&format!("{folder}/dev"), at);
        self.link(&format!("sys/class/block/{device}"), &folder);
        self.link(&format!("sys/dev/block/{at}"), &folder);
        self.write(&format!("dev/{device}"), "");
    }

    /// A disk, which has a device behind it.
    pub(in crate::storage) fn disk(&self, disk: &str, at: &str) {
        self.device(disk, at, "");
        let path = self.path(&format!("sys/devices/{disk}/device"));
        fs_err::create_dir(path).unwrap();
    }

    pub(in crate::storage) fn partition(&self, disk: &str, partition: &str, at: &str) {
        self.device(partition, at, &format!("{disk}/"));
        self.write(&format!("sys/devices/{disk}/{partition}/partition"), "1\n");
    }

    /// A device made of others.
    pub(in crate::storage) fn mapped(&self, device: &str, at: &str, slaves: &[&str]) {
        self.device(device, at, "virtual/");
        for slave in slaves {
            let link = format!("sys/devices/virtual/{device}/slaves/{slave}");
            self.link(&link, &format!("sys/class/block/{slave}"));
        }
    }

    /// A software array that is well.
    pub(in crate::storage) fn array(&self, array: &str, at: &str, members: &[&str]) {
        self.mapped(array, at, members);
        let md = |file: &str, text: &str| {
            self.write(&format!("sys/devices/virtual/{array}/md/{file}"), text);
        };
        md("array_state", "clean\n");
        md("level", "raid1\n");
        md("raid_disks", &format!("{}\n", members.len()));
        md("degraded", "0\n");
        md("sync_action", "idle\n");
        md("mismatch_cnt", "0\n");
        for (slot, member) in members.iter().enumerate() {
            md(&format!("dev-{member}/state"), "in_sync\n");
            md(&format!("dev-{member}/slot"), &format!("{slot}\n"));
            md(&format!("dev-{member}/errors"), "0\n");
        }
    }

    /// Adds a line to what is mounted; `options` are the mount's and the file system's.
    pub(in crate::storage) fn mount(
        &self,
        at: &str,
        point: &str,
        kind: &str,
        source: &str,
        options: &str,
    ) {
        let path = Path::new("proc/self/mountinfo");
        let file = self.folder.path().join(path);
        let before = fs_err::read_to_string(&file).unwrap();
        let line = format!("42 27 {at} / {point} {options} - {kind} {source} {options}\n");
        fs_err::write(file, before + &line).unwrap();
    }
}
