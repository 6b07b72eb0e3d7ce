//! Walls: crates that only some rooms may name, rooms that are pure, and who reads the clock.
//!
//! A wall is what lets a database, a transport or a codec be exchanged by changing one room. A room
//! is a module and all below it: `coordinator/src/store` is `store.rs` and everything in `store/`.
//! Tests of a walled room stand inside the same wall.

use super::offence::Offence;
use super::reference::Reference;
use super::repository::Repository;
use super::source::Sources;

/// A crate and the rooms that may name it.
struct Wall {
    named: &'static str,
    rooms: &'static [&'static str],
}

/// The member `tests`, and the folder `tests` of every other: what is tried there is the product from
/// outside, also with a client or a database of the test's own.
const TESTS: &str = "tests";

const WALLS: [Wall; 4] = [
    Wall {
        named: "sqlx",
        rooms: &[
            "coordinator/src/store",
            "agent/src/spool",
            "agent/src/footage/database",
            TESTS,
        ],
    },
    Wall {
        named: "quinn",
        rooms: &[
            "agent/src/uplink",
            "agent/src/join",
            "coordinator/src/intake",
            TESTS,
        ],
    },
    Wall {
        named: "axum",
        rooms: &["coordinator/src/web", TESTS],
    },
    // Not even tests: another codec must be able to follow without finding this one elsewhere.
    Wall {
        named: "bincode",
        rooms: &["common/src/wire/codec"],
    },
];

/// Rooms without I/O, tasks or randomness. What they need of these is handed in.
const PURE: [&str; 2] = ["common/src", "coordinator/src/domain"];

/// What a pure room may not name.
const IMPURE: [&[&str]; 15] = [
    &["tokio"],
    &["sqlx"],
    &["quinn"],
    &["axum"],
    &["fs_err"],
    &["rustix"],
    &["rustls"],
    &["ring"],
    &["rand"],
    &["getrandom"],
    &["std", "fs"],
    &["std", "env"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
];

/// Types of `std::net` that are words and not sockets.
const ADDRESSES: [&str; 7] = [
    "AddrParseError",
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
];

/// Types whose `now` reads a clock.
const CLOCKS: [&str; 5] = [
    "Instant",
    "SystemTime",
    "Timestamp",
    "Zoned",
    "ZonedDateTime",
];

/// The one file that reads the clock, and the members that must not elsewhere. Programs in `tests/`
/// that measure may: the lints make them say why.
const CLOCK: &str = "common/src/clock.rs";
const CLOCKLESS: [&str; 3] = ["agent/", "common/", "coordinator/"];

/// Names on the wrong side of a wall.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let (sources, mut offences) = Sources::parse(repository);
    for source in &sources.all {
        for reference in &source.references {
            let broken = [
                walled(&source.path, reference),
                impure(&source.path, reference),
                timed(&source.path, reference),
            ];
            for what in broken.into_iter().flatten() {
                offences.push(Offence::at(&source.path, reference.line, what));
            }
        }
    }
    offences
}

fn walled(path: &str, reference: &Reference) -> Option<String> {
    let first = reference.path.first()?;
    let wall = WALLS.iter().find(|wall| wall.named == first)?;
    let inside = wall.rooms.iter().any(|room| is_in(path, room));
    (!inside).then(|| {
        let rooms = wall.rooms.join(", ");
        format!("names `{first}`, which only {rooms} may; go through one of them")
    })
}

fn impure(path: &str, reference: &Reference) -> Option<String> {
    let room = PURE.iter().find(|room| is_in(path, room))?;
    if let [_, net, address, ..] = reference.path.as_slice()
        && net == "net"
        && ADDRESSES.contains(&address.as_str())
    {
        return None;
    }
    let named = IMPURE.iter().find(|impure| {
        let words = reference.path.iter().map(String::as_str);
        words.take(impure.len()).eq(impure.iter().copied())
    })?;
    let named = named.join("::");
    Some(format!(
        "names `{named}`, but {room} is pure; take what it gives as an argument"
    ))
}

fn timed(path: &str, reference: &Reference) -> Option<String> {
    let [.., kind, now] = reference.path.as_slice() else {
        return None;
    };
    let reads = now == "now" && CLOCKS.contains(&kind.as_str());
    let refused = reads && path != CLOCK && CLOCKLESS.iter().any(|m| path.starts_with(m));
    refused.then(|| format!("`{kind}::now` reads the clock; take a `&dyn Clock` or a value"))
}

/// Whether a file is a room's own or lies in its folder.
fn is_in(path: &str, room: &str) -> bool {
    let (_, inside) = path.split_once('/').unwrap_or_default();
    if room == TESTS && inside.starts_with("tests/") {
        return true;
    }
    path.strip_prefix(room)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, text: &str) -> Vec<String> {
        let repository = Repository::sample([(path, text)]);
        check(&repository).iter().map(ToString::to_string).collect()
    }

    /// For each wall some text, a file inside and a file outside.
    const CASES: [(&str, &str, &str); 9] = [
        (
            "use sqlx::Row;",
            "coordinator/src/store/agents.rs",
            "coordinator/src/web.rs",
        ),
        (
            "use sqlx::Row;",
            "agent/src/spool.rs",
            "agent/src/spooler.rs",
        ),
        (
            "use sqlx::Row;",
            "agent/tests/spool/loss.rs",
            "agent/benches/spool.rs",
        ),
        (
            "#[derive(sqlx::FromRow)] struct S;",
            "coordinator/src/store.rs",
            "coordinator/src/assess.rs",
        ),
        (
            "use quinn::Endpoint;",
            "agent/src/uplink/quic.rs",
            "agent/src/app.rs",
        ),
        (
            "use quinn::Endpoint;",
            "agent/src/join.rs",
            "coordinator/src/authority.rs",
        ),
        (
            "fn f() { m!(axum::serve()) }",
            "coordinator/src/web/page.rs",
            "coordinator/src/app.rs",
        ),
        (
            "fn f() { bincode::x() }",
            "common/src/wire/codec.rs",
            "common/src/wire/frame.rs",
        ),
        (
            "use bincode;",
            "common/src/wire/codec.rs",
            "tests/tests/hostile.rs",
        ),
    ];

    #[test]
    fn every_wall_has_an_inside_and_an_outside() {
        for (text, inside, outside) in CASES {
            assert_eq!(told(inside, text), [""; 0], "{inside}");
            assert_eq!(told(outside, text).len(), 1, "{outside}");
        }
    }

    #[test]
    fn a_wall_says_who_may() {
        assert_eq!(
            told("coordinator/src/app.rs", "//! App.\nuse axum::Router;"),
            [
                "coordinator/src/app.rs:2: names `axum`, which only coordinator/src/web, tests may; \
              go through one of them"
            ]
        );
    }

    #[test]
    fn pure_rooms_name_nothing_that_acts() {
        for text in [
            "use tokio::time;",
            "use std::{fmt, fs};",
            "fn f() { std::env::var(NAME) }",
            "use std::net::TcpStream;",
            "use fs_err as fs;",
            "fn f() { let home = std::process::id(); }",
        ] {
            for path in ["common/src/model.rs", "coordinator/src/domain/alert.rs"] {
                assert_eq!(told(path, text).len(), 1, "{path}: {text}");
            }
            assert_eq!(told("agent/src/storage.rs", text), [""; 0]);
        }
    }

    #[test]
    fn an_address_is_a_word_and_a_socket_is_not() {
        let path = "common/src/model.rs";
        for word in [
            "use std::net::{IpAddr, SocketAddr};",
            "fn f() { std::net::Ipv6Addr::from_str(x) }",
        ] {
            assert_eq!(told(path, word), [""; 0], "{word}");
        }
        for socket in [
            "use std::net::{IpAddr, UdpSocket};",
            "use std::net::*;",
            "use std::net;",
        ] {
            assert_eq!(told(path, socket).len(), 1, "{socket}");
        }
    }

    #[test]
    fn tests_of_pure_rooms_are_pure() {
        let text = "#[cfg(test)] mod tests { use std::fs; }";
        assert_eq!(told("common/src/wire.rs", text).len(), 1);
    }

    #[test]
    fn only_one_file_of_the_product_reads_the_clock() {
        let text = "fn f() { std::time::SystemTime::now() }";
        assert_eq!(told("common/src/clock.rs", text), [""; 0]);
        assert_eq!(told("tests/src/bin/compare.rs", text), [""; 0]);
        assert_eq!(told("agent/src/app.rs", text).len(), 1);
        assert_eq!(
            told("agent/src/app.rs", "fn f() { Instant::now() }").len(),
            1
        );
        assert_eq!(told("agent/src/app.rs", "fn f() { clock.now() }"), [""; 0]);
    }
}
