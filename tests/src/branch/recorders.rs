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
pub const TREES: [Tree; 3] = [
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
];

/// The recorder of this name.
pub fn tree(name: &str) -> Option<Tree> {
    TREES.into_iter().find(|tree| tree.name == name)
}
