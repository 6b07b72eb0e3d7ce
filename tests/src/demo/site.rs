//! A branch on this machine: its footage, its recorder's configuration, its agent.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keepwatch_agent::footage::standing::WalkOutcome;
use keepwatch_agent::status::Status;
use keepwatch_common::time::{Instant, Zone};

use super::configuration::{self, APPLIANCE_FILES, Kept};
use super::folder::Folder;
use super::part::Part;
use super::program::{Program, ProgramError, Running};
use super::scene::{Branch, CLIP, Software};
use crate::footage::{CameraPlan, LayError, Naming, NamingError, Segment, Shape, Tree};

/// Where Frigate's layout begins below its media folder.
const RECORDINGS: &str = "recordings";

/// A branch's folder.
#[derive(Debug, Clone)]
pub(super) struct Site {
    branch: Branch,
    folder: PathBuf,
}

impl Site {
    /// Below the demo's folder; nothing is made yet.
    pub(super) fn new(branch: Branch, folder: &Folder) -> Self {
        let folder = folder.branch(branch.code);
        Self { branch, folder }
    }

    /// The branch.
    pub(super) fn branch(&self) -> &Branch {
        &self.branch
    }

    /// Writes the configurations of its recorder and of its agent.
    pub(super) fn furnish(&self) -> std::io::Result<()> {
        let footage = match self.branch.software {
            Software::Frigate => self.footage().join(RECORDINGS),
            Software::Appliance => self.footage(),
        };
        fs_err::create_dir_all(&footage)?;
        let text = configuration::recorder(&self.branch);
        fs_err::write(self.watched(), text)?;
        let state = self.folder.join("state");
        let kept = Kept {
            footage: &footage,
            mounted: &mounted(&footage)?,
        };
        let text = configuration::agent(&self.branch, &state, &kept, &self.watched());
        fs_err::write(self.folder.join("agent.toml"), text)
    }

    /// Lays what one of its cameras recorded; files laid are told to `progress`. How many there are.
    pub(super) fn lay(
        &self,
        plan: &CameraPlan,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, LayError> {
        Ok(self.tree()?.lay(plan, progress)?.files)
    }

    /// Adds to every camera that still records what began at an instant.
    pub(super) fn record(&self, start: Instant) -> Result<(), LayError> {
        let tree = self.tree()?;
        let segment = Segment {
            start,
            clip: CLIP,
            shape: Shape::Whole,
        };
        for (place, plan) in self.branch.cameras.iter().enumerate() {
            if self.branch.stopped != Some(place) {
                tree.add_segment(&plan.camera, &segment)?;
            }
        }
        Ok(())
    }

    /// Changes the recorder's configuration as somebody would who may not: another file in its
    /// place, as an editor does it.
    pub(super) fn tamper(&self) -> std::io::Result<()> {
        let text = configuration::tampered(&fs_err::read_to_string(self.watched())?);
        let fresh = self.folder.join(".being-edited");
        fs_err::write(&fresh, text)?;
        fs_err::rename(&fresh, self.watched())
    }

    /// Makes its agent one of the coordinator's.
    pub(super) async fn join(&self, join_string: &str) -> Result<(), ProgramError> {
        let said = self.agent().ask(&["join"], join_string).await;
        said.map(drop)
    }

    /// Starts its agent.
    pub(super) fn start(&self) -> Result<Running, ProgramError> {
        self.agent().start(&["run"], &self.folder.join("log"))
    }

    /// How long its agent's first walk over the footage took, in milliseconds, once it is done and
    /// its agent says so.
    pub(super) fn scan_ms(&self) -> Option<u64> {
        let status = Status::read(&self.folder.join("state")).ok()?;
        let walks = status.recorders.into_iter().map(|recorder| recorder.walk);
        let walks: Option<Vec<_>> = walks.collect();
        let whole = |walk: &_| matches!(walk, WalkOutcome::Whole);
        let walks = walks.filter(|all| all.iter().all(|walk| whole(&walk.outcome)))?;
        walks.iter().map(|walk| walk.took_ms).max()
    }

    fn agent(&self) -> Program {
        Program::new(Part::Agent, self.folder.join("agent.toml"))
    }

    fn footage(&self) -> PathBuf {
        self.folder.join("footage")
    }

    fn watched(&self) -> PathBuf {
        self.folder.join(self.branch.software.watched())
    }

    fn tree(&self) -> Result<Tree, NamingError> {
        let root = self.footage();
        match self.branch.software {
            Software::Frigate => Ok(Tree::frigate(&root)),
            Software::Appliance => Tree::template(&root, APPLIANCE_FILES, zone(&self.branch)),
        }
    }
}

/// Where a segment is, from where the agent begins to read.
pub(super) fn relative_path(
    branch: &Branch,
    camera: &str,
    start: Instant,
) -> Result<PathBuf, NamingError> {
    let naming = match branch.software {
        Software::Frigate => Naming::frigate(),
        Software::Appliance => Naming::template(APPLIANCE_FILES, zone(branch))?,
    };
    let path = naming.path(camera, start)?;
    let below = path.strip_prefix(RECORDINGS).map(Path::to_owned);
    Ok(below.unwrap_or(path))
}

/// The zone of one of our own branches: a name that the zone tables know.
#[expect(clippy::expect_used, reason = "the scene names only zones that exist")]
pub(super) fn zone(branch: &Branch) -> Zone {
    Zone::named(branch.zone).expect("a zone of the tables")
}

/// Where the file system that holds `folder` is mounted: up while it stays the same device.
fn mounted(folder: &Path) -> std::io::Result<PathBuf> {
    let mut place = fs_err::canonicalize(folder)?;
    let device = fs_err::metadata(&place)?.dev();
    while let Some(above) = place.parent().map(Path::to_owned) {
        if fs_err::metadata(&above)?.dev() != device {
            break;
        }
        place = above;
    }
    Ok(place)
}
