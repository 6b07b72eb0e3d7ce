//! Where a Rust file stands: which crate's root it belongs to, and which module it is.
//!
//! Pure words on paths: `agent/src/uplink/tcp.rs` is module `uplink::tcp` of the crate rooted at
//! `agent/src`. Programs (`main.rs`, `src/bin/`), tests and benches are crates of their own.

/// A crate root and a module path below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The folder of a library (`agent/src`), or the path of a program, test or bench without its
    /// extension (`agent/src/main`, `tests/tests/tidy`).
    pub root: String,
    /// Module names from the root down; empty for the root itself.
    pub module: Vec<String>,
}

/// Folders below a member that hold one crate a file, or a folder with a `main.rs` each.
const MANY_CRATES: [&str; 4] = ["src/bin", "tests", "benches", "examples"];

impl Place {
    /// The place of `<member>/…/*.rs`; `None` for a file that Cargo does not build as such.
    pub fn of(path: &str) -> Option<Self> {
        let (member, inside) = path.split_once('/')?;
        let stem = inside.strip_suffix(".rs")?;
        for folder in MANY_CRATES {
            if let Some(rest) = stem.strip_prefix(folder).and_then(|r| r.strip_prefix('/')) {
                let (name, below) = rest.split_once('/').unwrap_or((rest, "main"));
                return Some(Self::below(
                    &format!("{member}/{folder}/{name}"),
                    below,
                    "main",
                ));
            }
        }
        match stem.strip_prefix("src/")? {
            "main" => Some(Self::below(&format!("{member}/src/main"), "main", "main")),
            below => Some(Self::below(&format!("{member}/src"), below, "lib")),
        }
    }

    fn below(root: &str, stem: &str, root_stem: &str) -> Self {
        let module = if stem == root_stem {
            Vec::new()
        } else {
            stem.split('/').map(str::to_owned).collect()
        };
        Self {
            root: root.to_owned(),
            module,
        }
    }
}

/// `crate` for a root, else the names with `::` between.
pub fn module_name(module: &[String]) -> String {
    if module.is_empty() {
        "crate".to_owned()
    } else {
        module.join("::")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str) -> Option<(String, String)> {
        Place::of(path).map(|place| (place.root, place.module.join("::")))
    }

    #[test]
    fn libraries_programs_and_tests_are_roots() {
        for (path, root, module) in [
            ("agent/src/lib.rs", "agent/src", ""),
            ("agent/src/uplink.rs", "agent/src", "uplink"),
            ("agent/src/uplink/tcp.rs", "agent/src", "uplink::tcp"),
            ("agent/src/main.rs", "agent/src/main", ""),
            ("tests/src/bin/demo.rs", "tests/src/bin/demo", ""),
            ("tests/src/bin/demo/main.rs", "tests/src/bin/demo", ""),
            ("tests/src/bin/demo/page.rs", "tests/src/bin/demo", "page"),
            ("tests/tests/tidy.rs", "tests/tests/tidy", ""),
            ("tests/benches/index.rs", "tests/benches/index", ""),
        ] {
            assert_eq!(told(path), Some((root.to_owned(), module.to_owned())));
        }
    }

    #[test]
    fn build_scripts_and_other_files_have_no_place() {
        assert_eq!(told("agent/build.rs"), None);
        assert_eq!(told("agent/src/notes.md"), None);
        assert_eq!(told("build.rs"), None);
    }
}
