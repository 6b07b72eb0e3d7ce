//! The recorders that can be named, each as its maker lays files.
//!
//! It must not know the agent's list of layouts: what is written here comes from the makers.

use super::media::Container;
use super::recorder::tree::Tree;

/// Where clocks change: what civil times make hard is hard here.
const BERLIN: Option<&str> = Some("Europe/Berlin");

/// A path of one's own, in UTC.
const TEMPLATE: Tree = Tree {
    name: "template",
    layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.mp4",
    zone: None,
    container: Container::IndexFirst,
    inner: "",
    camera: "{camera}",
    closed: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
    open: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
    tells_wall: false,
};

/// Every recorder whose names tell everything.
pub const TREES: [Tree; 10] = [
    Tree {
        name: "frigate",
        layout: "frigate",
        inner: "recordings",
        closed: "%Y-%m-%d/%H/{camera}/%M.%S.mp4",
        open: "%Y-%m-%d/%H/{camera}/%M.%S.mp4",
        ..TEMPLATE
    },
    TEMPLATE,
    Tree {
        name: "template in local time",
        zone: BERLIN,
        container: Container::Fragmented,
        ..TEMPLATE
    },
    Tree {
        name: "template, index last",
        container: Container::IndexLast,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.mp4",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
        ..TEMPLATE
    },
    Tree {
        name: "template, matroska",
        container: Container::Matroska,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.mkv",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.mkv",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.mkv",
        ..TEMPLATE
    },
    Tree {
        name: "template, transport stream",
        container: Container::TransportStream,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.ts",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.ts",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.ts",
        ..TEMPLATE
    },
    Tree {
        name: "template, program stream",
        container: Container::ProgramStream,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.mp4",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
        ..TEMPLATE
    },
    Tree {
        name: "template, dhav",
        container: Container::Dhav,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.dav",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.dav",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.dav",
        ..TEMPLATE
    },
    Tree {
        name: "template, avi",
        container: Container::Avi,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.avi",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.avi",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.avi",
        ..TEMPLATE
    },
    Tree {
        name: "template, bare stream",
        container: Container::Bare,
        layout: "template:{camera}/%Y-%m-%d/%H-%M-%S.h264",
        closed: "{camera}/%Y-%m-%d/%H-%M-%S.h264",
        open: "{camera}/%Y-%m-%d/%H-%M-%S.h264",
        ..TEMPLATE
    },
];

/// The recorder of this name.
pub fn tree(name: &str) -> Option<Tree> {
    TREES.into_iter().find(|tree| tree.name == name)
}
