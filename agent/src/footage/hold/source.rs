//! A recorder as a hold needs it: where its footage is, how it is laid, whether its storage is there.

use std::path::PathBuf;
use std::sync::Arc;

use keepwatch_common::model::name::Name;

use crate::footage::layout::Layout;
use crate::footage::layouts;
use crate::footage::recorder::Guard;

/// See the module.
#[derive(Debug)]
pub struct Source {
    /// The recorder's name in the branch's words.
    pub name: Name,
    /// The folder as configured.
    pub root: PathBuf,
    /// How footage is laid.
    pub layout: Arc<dyn Layout>,
    /// Its storage.
    pub guard: Box<dyn Guard>,
}

impl Source {
    /// Whether the storage is there.
    pub(super) fn is_there(&mut self) -> bool {
        self.guard.is_intact()
    }

    /// Where paths of segments begin; to be asked only while the storage is there.
    pub(super) fn root(&self) -> PathBuf {
        layouts::root(&self.root, self.layout.as_ref())
    }
}
