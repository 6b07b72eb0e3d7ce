//! Layers: every top-level module of a crate stands on one, and uses only what lies lower.
//!
//! Cargo forbids cycles between crates and nothing forbids them between modules, so they grow; this
//! table is what forbids them. Neighbours on one layer do not know each other either, but for the few
//! listed with their reason. A module that the table does not know is refused: giving it a layer is
//! the moment to think where it belongs.

use super::offence::Offence;
use super::place::module_name;
use super::repository::Repository;
use super::source::{Edge, Sources};

/// One crate's layers, lowest first.
struct House {
    root: &'static str,
    layers: &'static [&'static [&'static str]],
}

const HOUSES: [House; 3] = [
    House {
        root: "common/src",
        layers: &[
            &["limits", "error_chain", "secret"],
            &["time", "interval"],
            &["clock", "backoff", "ids"],
            &["model", "coverage", "diff"],
            &["wire"],
        ],
    },
    House {
        root: "agent/src",
        layers: &[
            &["config"],
            &["telemetry", "lifecycle", "identity"],
            &["spool", "desired", "outlet"],
            &["footage", "picture", "storage", "device", "host"],
            &["uplink"],
            &["join", "status"],
            &["app", "cli"],
        ],
    },
    House {
        root: "coordinator/src",
        layers: &[
            &["domain", "activator", "metrics"],
            &["config"],
            &["telemetry", "lifecycle", "store"],
            &["authority", "auth", "notify"],
            &["assess"],
            &["intake"],
            &["background", "web"],
            &["app", "cli"],
        ],
    },
];

/// Neighbours on one layer that may use each other, in this direction only, and why.
const NEIGHBOURS: [(&str, &str, &str); 4] = [
    // An interval is made of instants.
    ("common/src", "interval", "time"),
    // A difference lies between two of the model's trees.
    ("common/src", "diff", "model"),
    // The command line starts the programs that `app` puts together.
    ("agent/src", "cli", "app"),
    ("coordinator/src", "cli", "app"),
];

/// Uses that do not go down, and modules without a layer.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let (sources, mut offences) = Sources::parse(repository);
    for house in &HOUSES {
        for source in sources.all.iter().filter(|s| s.place.root == house.root) {
            if let Some(top) = source.place.module.first()
                && house.layer(top).is_none()
            {
                let what =
                    format!("module `{top}` has no layer; give it one in tests/src/tidy/layers.rs");
                offences.push(Offence::file(&source.path, what));
            }
        }
    }
    let edges = sources.edges();
    offences.extend(edges.iter().filter_map(uphill));
    offences
}

/// The offence of a use that does not go down; `None` for one that does or that is not ours to judge.
fn uphill(edge: &Edge) -> Option<Offence> {
    let house = HOUSES.iter().find(|house| house.root == edge.root)?;
    let from = edge.from.first()?;
    let Some(to) = edge.to.first() else {
        let what = format!("`{from}` uses the crate's root; name the module that has the item");
        return Some(Offence::at(&edge.path, edge.line, what));
    };
    let (high, low) = (house.layer(from)?, house.layer(to)?);
    let neighbours = NEIGHBOURS.contains(&(house.root, from.as_str(), to.as_str()));
    if from == to || low < high || (low == high && neighbours) {
        return None;
    }
    let what = format!(
        "`{}` (layer {high}) uses `{}` (layer {low}); a module uses only lower layers",
        module_name(&edge.from),
        module_name(&edge.to),
    );
    Some(Offence::at(&edge.path, edge.line, what))
}

impl House {
    fn layer(&self, module: &str) -> Option<usize> {
        self.layers.iter().position(|layer| layer.contains(&module))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The offences of `text` as the file of one module, with every module of its crate present.
    fn told(path: &str, text: &str) -> Vec<String> {
        let house = HOUSES
            .iter()
            .find(|house| path.starts_with(house.root))
            .unwrap();
        let others: Vec<_> = house
            .layers
            .concat()
            .iter()
            .map(|module| format!("{}/{module}.rs", house.root))
            .collect();
        let others = others.iter().map(|path| (path.as_str(), ""));
        let repository = Repository::sample(others.chain([(path, text)]));
        check(&repository).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn going_down_is_fine() {
        assert_eq!(
            told("agent/src/uplink.rs", "use crate::{spool::Spool, config};"),
            [""; 0]
        );
        assert_eq!(
            told("agent/src/uplink/tcp.rs", "use crate::spool::Spool;"),
            [""; 0]
        );
    }

    #[test]
    fn going_up_is_refused() {
        assert_eq!(
            told(
                "agent/src/spool.rs",
                "//! Spool.\nuse crate::uplink::Session;"
            ),
            [
                "agent/src/spool.rs:2: `spool` (layer 2) uses `uplink` (layer 4); \
              a module uses only lower layers"
            ]
        );
        assert_eq!(
            told(
                "coordinator/src/store/agents.rs",
                "fn f() { super::super::web::x() }"
            )
            .len(),
            1
        );
    }

    #[test]
    fn neighbours_do_not_know_each_other_unless_listed() {
        assert_eq!(
            told("agent/src/storage.rs", "use crate::footage::Index;").len(),
            1
        );
        assert_eq!(
            told("common/src/interval.rs", "use crate::time::Instant;"),
            [""; 0]
        );
        assert_eq!(
            told("common/src/time.rs", "use crate::interval::Interval;").len(),
            1
        );
    }

    #[test]
    fn tests_may_look_up() {
        let text = "#[cfg(test)] mod tests { use crate::uplink::Session; }";
        assert_eq!(told("agent/src/spool.rs", text), [""; 0]);
    }

    #[test]
    fn a_module_without_a_layer_is_refused() {
        assert_eq!(
            told("agent/src/cloud.rs", ""),
            ["agent/src/cloud.rs: module `cloud` has no layer; \
              give it one in tests/src/tidy/layers.rs"]
        );
    }

    #[test]
    fn the_root_is_nobodys_room() {
        assert_eq!(told("agent/src/app.rs", "use crate::Version;").len(), 1);
        assert_eq!(
            told("agent/src/lib.rs", "pub use uplink::Session;"),
            [""; 0]
        );
    }
}
