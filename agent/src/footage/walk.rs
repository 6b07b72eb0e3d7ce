//! Walks a recorder's footage and meets every segment once: in its tree, or in its own list.
//!
//! A *face* over the two ways. It follows no link below the root and opens no segment. What it passes
//! over although footage could be there, it tells. It must not know what a segment's structure says.

use std::ops::ControlFlow;
use std::path::Path;

use super::found::Met;
use super::layout::Layout;
use super::unreadable::Unreadable;

/// Meets what a recorder's own list names.
mod listed;
/// Meets what lies in a tree.
mod tree;

/// Walks the footage below `root`, until `meet` breaks. A tree is walked in name order, which is time
/// order in every layout we know, so that whoever listens can work with what came before.
pub fn walk(
    root: &Path,
    layout: &dyn Layout,
    meet: &mut dyn FnMut(Met<'_>) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    match layout.book() {
        Some(book) => listed::walk(root, book, meet),
        None => tree::walk(root, layout, meet),
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Zone;

    use super::super::layout::template::Template;
    use super::*;

    struct Seen {
        segments: Vec<String>,
        unseen: Vec<String>,
    }

    fn seen(root: &Path) -> Seen {
        let layout = Template::new("{camera}/%Y-%m-%d/%H-%M-%S.mp4", Zone::utc()).unwrap();
        let mut seen = Seen {
            segments: Vec::new(),
            unseen: Vec::new(),
        };
        walk(root, &layout, &mut |met| {
            match met {
                Met::Segment(found) => seen.segments.push(found.relative.to_owned()),
                Met::Unseen { place, .. } => seen.unseen.push(place.to_string()),
                Met::Progress { .. } => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        seen
    }

    fn lay(root: &Path, paths: &[&str]) {
        for path in paths {
            fs_err::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs_err::write(root.join(path), b"x").unwrap();
        }
    }

    #[test]
    fn segments_are_met_in_name_order_and_nothing_else_is() {
        let root = tempfile::tempdir().unwrap();
        lay(
            root.path(),
            &[
                "b/2026-11-23/00-00-10.mp4",
                "a/2026-11-23/00-00-10.mp4",
                "a/2026-11-23/00-00-00.mp4",
                "a/2026-11-22/23-59-50.mp4",
                "a/2026-11-23/00-00-20.mp4.tmp",
                "a/notes/00-00-00.mp4",
                "a/2026-11-23/.00-00-30.mp4",
            ],
        );
        assert_eq!(
            seen(root.path()).segments,
            [
                "a/2026-11-22/23-59-50.mp4",
                "a/2026-11-23/00-00-00.mp4",
                "a/2026-11-23/00-00-10.mp4",
                "b/2026-11-23/00-00-10.mp4",
            ]
        );
    }

    #[test]
    fn links_below_the_root_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["a/2026-11-23/00-00-00.mp4"]);
        std::os::unix::fs::symlink(root.path().join("a"), root.path().join("b")).unwrap();
        std::os::unix::fs::symlink(
            root.path().join("a/2026-11-23/00-00-00.mp4"),
            root.path().join("a/2026-11-23/00-00-10.mp4"),
        )
        .unwrap();
        let seen = seen(root.path());
        assert_eq!(seen.segments, ["a/2026-11-23/00-00-00.mp4"]);
        assert_eq!(seen.unseen.len(), 2, "{:?}", seen.unseen);
        assert!(seen.unseen.iter().all(|said| said.contains("is a link")));
    }

    #[test]
    fn a_camera_that_cannot_be_named_is_told_and_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let long = format!("{}/2026-11-23/00-00-00.mp4", "x".repeat(201));
        lay(
            root.path(),
            &[
                "a/2026-11-23/00-00-00.mp4",
                &long,
                "\u{1b}[2J/2026-11-23/00-00-00.mp4",
            ],
        );
        let seen = seen(root.path());
        assert_eq!(seen.segments, ["a/2026-11-23/00-00-00.mp4"]);
        assert_eq!(seen.unseen.len(), 2);
        assert!(seen.unseen[0].contains("\\u{1b}[2J"), "{:?}", seen.unseen);
        assert!(!seen.unseen[0].contains('\u{1b}'));
    }

    #[test]
    fn a_name_that_is_no_text_is_told_and_passed_over() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["a/2026-11-23/00-00-00.mp4"]);
        fs_err::create_dir(root.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"))).unwrap();
        let seen = seen(root.path());
        assert_eq!((seen.segments.len(), seen.unseen.len()), (1, 1));
    }

    #[test]
    fn a_root_that_is_not_there_is_refused_by_name() {
        let layout = Template::new("{camera}/%s.mp4", Zone::utc()).unwrap();
        let refused = walk(Path::new("/no/such/root"), &layout, &mut |_| {
            ControlFlow::Continue(())
        });
        assert!(refused.unwrap_err().to_string().contains("/no/such/root"));
    }
}
