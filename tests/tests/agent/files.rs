//! Watched files, changed in all the ways that editors and deployments change them.

use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::symlink;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::watched::Reading;

use crate::coordinator::Coordinator;
use crate::heard::Heard;
use crate::running::{Running, config};
use crate::world::{Branch, Headquarters};

/// A branch that watches one file.
struct Story {
    coordinator: Coordinator,
    agent: Running,
    folder: tempfile::TempDir,
    path: PathBuf,
    _branch: Branch,
}

impl Story {
    /// Begins with what `prepare` makes in the folder, and has been told.
    async fn begin(prepare: impl Fn(&Path)) -> Self {
        let hq = Headquarters::new();
        let coordinator = Coordinator::start(&hq);
        let branch = Branch::enrolled(&hq, coordinator.address());
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let path = folder.path().join("config.yml");
        let watch = format!("[[watch]]\nname = \"nvr\"\npath = \"{}\"", path.display());
        let agent = Running::start(&config(branch.state.path(), &watch));
        coordinator.hears(|heard| !readings(heard).is_empty()).await;
        Self {
            coordinator,
            agent,
            folder,
            path,
            _branch: branch,
        }
    }

    /// Waits until the newest reading is this tree.
    async fn reads(&self, tree: &str) {
        self.coordinator
            .hears(|heard| {
                let newest = readings(heard).pop();
                matches!(newest, Some(Reading::Tree { canonical, .. }) if canonical == tree)
            })
            .await;
    }

    async fn end(self) {
        self.agent.stop().await.unwrap();
    }
}

fn readings(heard: &Heard) -> Vec<Reading> {
    heard
        .bodies()
        .filter_map(|body| match body {
            Body::Watched(watched) => Some(watched.reading.clone()),
            _ => None,
        })
        .collect()
}

fn plain(folder: &Path) {
    fs_err::write(folder.join("config.yml"), "fps: 1").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_written_over_is_told() {
    let story = Story::begin(plain).await;
    fs_err::write(&story.path, "fps: 2").unwrap();
    story.reads(r#"{"fps":2}"#).await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_is_put_in_place_of_is_told() {
    let story = Story::begin(plain).await;
    for fps in 2..5 {
        let fresh = story.folder.path().join(".config.yml.swp");
        fs_err::write(&fresh, format!("fps: {fps}")).unwrap();
        fs_err::rename(&fresh, &story.path).unwrap();
        story.reads(&format!("{{\"fps\":{fps}}}")).await;
    }
    story.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_links_that_is_turned_is_told() {
    let story = Story::begin(|folder| {
        for (version, text) in [("1", "fps: 1"), ("2", "fps: 2")] {
            fs_err::create_dir(folder.join(version)).unwrap();
            fs_err::write(folder.join(version).join("config.yml"), text).unwrap();
        }
        symlink("1", folder.join("..data")).unwrap();
        symlink("..data/config.yml", folder.join("config.yml")).unwrap();
    })
    .await;
    story.reads(r#"{"fps":1}"#).await;
    let fresh = story.folder.path().join("..data_tmp");
    symlink("2", &fresh).unwrap();
    fs_err::rename(&fresh, story.folder.path().join("..data")).unwrap();
    story.reads(r#"{"fps":2}"#).await;
    // What the link leads to now is watched too.
    fs_err::write(story.folder.path().join("2/config.yml"), "fps: 3").unwrap();
    story.reads(r#"{"fps":3}"#).await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_goes_and_comes_back_is_told_both_times() {
    let story = Story::begin(plain).await;
    fs_err::remove_file(&story.path).unwrap();
    story
        .coordinator
        .hears(|heard| readings(heard).last() == Some(&Reading::Missing))
        .await;
    fs_err::write(&story.path, "fps: 1").unwrap();
    story.reads(r#"{"fps":1}"#).await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_broken_is_unreadable_and_then_told_again() {
    let story = Story::begin(plain).await;
    fs_err::write(&story.path, "fps: [").unwrap();
    story
        .coordinator
        .hears(|heard| matches!(readings(heard).last(), Some(Reading::Unreadable { .. })))
        .await;
    fs_err::write(&story.path, "fps: 1").unwrap();
    story.reads(r#"{"fps":1}"#).await;
    story.end().await;
}
