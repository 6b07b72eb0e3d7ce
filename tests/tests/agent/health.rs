//! The health of a volume: told when it changes and not otherwise, on a machine laid out in a folder.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::{Arc, Mutex};

use keepwatch_agent::status::Status;
use keepwatch_agent::storage::machine::Machine;
use keepwatch_agent::storage::tool::{Answer, Tool, ToolError, Tools};
use keepwatch_common::model::health::{Measure, Reason, Source, VolumeHealth, Word};
use keepwatch_common::model::observation::Body;

use crate::coordinator::Coordinator;
use crate::heard::Heard;
use crate::running::Running;
use crate::world::{Branch, Headquarters};

/// A `smartctl` that says of every disk what it was told to.
#[derive(Debug)]
struct Smart(Mutex<String>);

impl Tools for Smart {
    fn run(&self, tool: Tool, _: &str) -> Result<Answer, ToolError> {
        let said = self.0.lock().unwrap().clone().into_bytes();
        match tool {
            Tool::Smartctl => Ok(Answer { status: 0, said }),
            Tool::Zpool => Err(ToolError::Missing),
        }
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

fn link(root: &Path, from: &str, to: &str) {
    let from = root.join(from);
    fs_err::create_dir_all(from.parent().unwrap()).unwrap();
    symlink(root.join(to), from).unwrap();
}

/// `/` on a mirror of two disks.
fn mirror(root: &Path) {
    for (device, at) in [("sda", "8:0"), ("sdb", "8:16"), ("md0", "9:0")] {
        write(root, &format!("sys/devices/{device}/dev"), at);
        let folder = format!("sys/devices/{device}");
        link(root, &format!("sys/class/block/{device}"), &folder);
        link(root, &format!("sys/dev/block/{at}"), &folder);
    }
    for disk in ["sda", "sdb"] {
        write(root, &format!("sys/devices/{disk}/device/model"), "HD\n");
        link(
            root,
            &format!("sys/devices/md0/slaves/{disk}"),
            &format!("sys/devices/{disk}"),
        );
    }
    for (file, text) in [
        ("array_state", "clean\n"),
        ("level", "raid1\n"),
        ("raid_disks", "2\n"),
        ("degraded", "0\n"),
        ("sync_action", "idle\n"),
        ("mismatch_cnt", "0\n"),
    ] {
        write(root, &format!("sys/devices/md0/md/{file}"), text);
    }
    let mounted = "42 27 9:0 / / rw,relatime - xfs /dev/md0 rw\n";
    write(root, "proc/self/mountinfo", mounted);
    let line = |disk: &str| format!("8 0 {disk} 5 0 40 2 9 0 72 8 0 9 10\n");
    write(root, "proc/diskstats", &(line("sda") + &line("sdb")));
}

fn told(heard: &Heard) -> Vec<VolumeHealth> {
    let health = |body: &Body| match body {
        Body::Health(health) => Some(health.clone()),
        _ => None,
    };
    heard.bodies().filter_map(health).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_array_that_loses_a_disk_is_told_once_and_its_return_too() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let root = tempfile::tempdir().unwrap();
    mirror(root.path());
    let smart = r#"{"model_name": "HD", "smart_status": {"passed": true},
                    "temperature": {"current": 38}}"#;
    let smart = Arc::new(Smart(Mutex::new(smart.to_owned())));
    let text = format!(
        "state = \"{}\"\npace = {{ look_seconds = 1 }}\nspool = {{ free_floor_megabytes = 0 }}\n\
         [[volume]]\nname = \"footage\"\npath = \"/\"\n",
        branch.state.path().display()
    );
    let agent = Running::start_on(Machine::below(root.path(), smart), &text);
    let newest = |heard: &Heard| told(heard).last().map(VolumeHealth::word);
    coordinator
        .hears(|heard| newest(heard) == Some(Word::Good))
        .await;

    write(root.path(), "sys/devices/md0/md/degraded", "1\n");
    coordinator
        .hears(|heard| newest(heard) == Some(Word::Failing))
        .await;
    write(root.path(), "sys/devices/md0/md/degraded", "0\n");
    coordinator
        .hears(|heard| newest(heard) == Some(Word::Good))
        .await;
    agent.stop().await.unwrap();

    let told = told(&coordinator.heard());
    assert_eq!(told.len(), 3, "nothing is told that did not change");
    let array = |health: &VolumeHealth| {
        let found = health
            .sources
            .iter()
            .find(|one| one.source == Source::Array);
        found.unwrap().clone()
    };
    assert_eq!(array(&told[1]).reason, Reason::Degraded);
    assert_eq!(array(&told[1]).figure(Measure::MembersWorking), Some(1));
    let disks = told[0].sources.iter();
    let disks = disks.filter(|one| one.source == Source::Smart);
    assert_eq!(disks.count(), 2);

    let status = Status::read(branch.state.path()).unwrap();
    assert_eq!(status.volumes[0].health.word, "good");
}
