//! Golden vectors: the bytes of every message of version 1, as they were first released.
//!
//! The files in `testdata/wire/v1` are never edited. When this fails, a frozen type has changed, and
//! agents in the field would not be understood any more: make a new version instead.
//!
//! Long because every message has its bytes here.

#![cfg(test)]

use keepwatch_common::wire::codec::{Bound, decode_observation, encode, from_frame, to_frame};
use keepwatch_common::wire::frame::{Frame, FrameReader};
use keepwatch_common::wire::v1::control::{
    Ack, Busy, Goodbye, Hello, Restate, Unsupported, Welcome,
};
use keepwatch_common::wire::v1::desired::{Desired, Hold, InForce, Intention, KIND_HOLD};
use keepwatch_common::wire::v1::join::{Join, JoinRefused, Joined, Renew, Renewed};
use keepwatch_common::wire::v1::observation::{Body, HealthSource, Observation, WatchedReading};
use keepwatch_common::wire::v1::report::{Entry, Report};
use keepwatch_common::wire::version::MessageType;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn golden(name: &str) -> String {
    let path = format!("{}/testdata/wire/v1/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    fs_err::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{path} is missing"))
        .trim()
        .to_owned()
}

/// The message's frame is the golden one, and the golden one reads back as the message.
fn frozen<M>(name: &str, message_type: MessageType, message: &M)
where
    M: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let frame: Frame = to_frame(message_type.number(), 1, message).unwrap();
    let bytes = frame.to_bytes().unwrap();
    assert_eq!(hex(&bytes), golden(name), "{name}");
    let mut reader = FrameReader::new(1 << 20);
    reader.add(&bytes);
    let read = reader.next_frame().unwrap().unwrap();
    assert_eq!(from_frame::<M>(&read, Bound::Known).unwrap(), *message);
}

fn frozen_observation(name: &str, body: Body) {
    let observation = Observation {
        at_ms: 1_795_420_800_123,
        body,
    };
    let bytes = encode(&observation).unwrap();
    assert_eq!(hex(&bytes), golden(name), "{name}");
    assert_eq!(
        decode_observation::<Observation>(&bytes).unwrap(),
        observation
    );
    let model = observation.clone().into_model().unwrap();
    assert_eq!(
        Observation::from_model(model),
        observation,
        "{name} survives the model"
    );
}

fn camera() -> (String, String) {
    ("nvr".to_owned(), "收银台".to_owned())
}

#[test]
fn greetings_are_frozen() {
    frozen(
        "hello",
        MessageType::Hello,
        &Hello {
            protocol_min: 1,
            protocol_max: 1,
            capabilities: 0,
            agent_version: "0.1.0".to_owned(),
            process: u64::MAX,
            epoch: 0x0123_4567_89ab_cdef,
            clock_ms: 1_795_420_800_123,
        },
    );
    frozen(
        "welcome",
        MessageType::Welcome,
        &Welcome {
            protocol: 1,
            capabilities: 0,
            clock_ms: 1_795_420_800_456,
            stored: [1, 250, 70_000],
            credit: 8,
            return_within_ms: 10_000,
        },
    );
}

#[test]
fn reports_and_acks_are_frozen() {
    let entry = |sequence| Entry {
        sequence,
        version: 1,
        coded: vec![1, 2, 3],
    };
    frozen(
        "report",
        MessageType::Report,
        &Report {
            epoch: 7,
            lane: 1,
            clock_ms: -5,
            offset_ms: Some(-86_400_000),
            observations: vec![entry(1), entry(300)],
        },
    );
    let ack = Ack {
        lane: 2,
        through: 300,
        refused: vec![7],
        credit: 8,
    };
    frozen("ack", MessageType::Ack, &ack);
}

#[test]
fn the_small_messages_are_frozen() {
    frozen(
        "busy",
        MessageType::Busy,
        &Busy {
            retry_after_ms: 30_000,
        },
    );
    let unknown = Unsupported {
        message_type: 99,
        message_version: 2,
    };
    frozen("unsupported", MessageType::Unsupported, &unknown);
    frozen(
        "goodbye",
        MessageType::Goodbye,
        &Goodbye {
            reason: 1,
            return_within_ms: 60_000,
        },
    );
    frozen("restate", MessageType::Restate, &Restate {});
}

#[test]
fn joining_and_renewing_are_frozen() {
    frozen(
        "join",
        MessageType::Join,
        &Join {
            secret: "secret".to_owned(),
            request: vec![0x30, 0x82],
            agent_version: "0.1.0".to_owned(),
            host: "branch-0123".to_owned(),
        },
    );
    frozen(
        "joined",
        MessageType::Joined,
        &Joined {
            agent_id: "0199".to_owned(),
            branch: "0123".to_owned(),
            chain: vec![vec![0x30], vec![0x30, 0x31]],
        },
    );
    frozen(
        "join_refused",
        MessageType::JoinRefused,
        &JoinRefused { reason: 0 },
    );
    frozen(
        "renew",
        MessageType::Renew,
        &Renew {
            request: vec![0x30],
        },
    );
    frozen(
        "renewed",
        MessageType::Renewed,
        &Renewed {
            chain: vec![vec![0x30]],
        },
    );
}

#[test]
fn intentions_are_frozen() {
    let hold = Hold {
        key: [0xab; 16],
        camera: camera(),
        span_ms: (1_795_392_000_000, 1_795_478_400_000),
        released_ms: Some(1_795_500_000_000),
    };
    let intention = Intention {
        kind: KIND_HOLD,
        version: 1,
        coded: encode(&hold).unwrap(),
    };
    frozen(
        "desired",
        MessageType::Desired,
        &Desired {
            version: u64::MAX,
            intentions: vec![intention],
        },
    );
    frozen(
        "in_force",
        MessageType::InForce,
        &InForce {
            version: 7,
            not_understood: 1,
        },
    );
}

#[test]
fn a_hold_is_frozen() {
    frozen_observation(
        "hold",
        Body::Hold {
            key: [0xab; 16],
            camera: camera(),
            standing: 4,
            segments: (360, 350, 2, 1),
            bytes: 5_000_000_000,
            covered_ms: 3_600_000,
            verified_ms: Some(1_795_392_000_000),
            spans_ms: vec![(1_795_392_000_000, 1_795_392_010_000)],
        },
    );
}

#[test]
fn observations_of_footage_are_frozen() {
    frozen_observation(
        "footage",
        Body::Footage {
            camera: camera(),
            reach_ms: (Some(1_792_828_800_000), None),
            states: (8_928, 1, 0, 2),
            bytes: 5_000_000_000,
            segment_ms: 300_000,
        },
    );
    frozen_observation(
        "coverage",
        Body::Coverage {
            camera: camera(),
            day: 20_780,
            measured_ms: (1_795_392_000_000, 1_795_420_800_000),
            holes_ms: vec![(3_600_000, 300_000), (1, 2)],
        },
    );
    frozen_observation(
        "fault",
        Body::Fault {
            camera: camera(),
            path: "2026-11-23/08/till/00.00.mp4".to_owned(),
            start_ms: 1_795_420_800_000,
            kind: 1,
            detail: "cut".to_owned(),
            standing: true,
        },
    );
    frozen_observation(
        "vanished",
        Body::Vanished {
            camera: camera(),
            spans_ms: vec![(1_795_392_000_000, 1_795_395_600_000)],
            files: 12,
        },
    );
}

#[test]
fn other_observations_are_frozen() {
    frozen_observation(
        "volume",
        Body::Volume {
            volume: "footage".to_owned(),
            path: "/srv/footage".to_owned(),
            presence: 1,
            bytes: (8_000_000_000_000, 0),
            kind: "ext4".to_owned(),
        },
    );
    for (name, reading) in [
        (
            "watched_tree",
            WatchedReading::Tree {
                canonical: "{\"a\":1}".to_owned(),
                owner: Some("root".to_owned()),
            },
        ),
        ("watched_missing", WatchedReading::Missing),
        (
            "watched_unreadable",
            WatchedReading::Unreadable {
                reason: "denied".to_owned(),
            },
        ),
    ] {
        let (name_of_file, path) = ("frigate".to_owned(), "/etc/frigate.yml".to_owned());
        frozen_observation(
            name,
            Body::Watched {
                name: name_of_file,
                path,
                reading,
            },
        );
    }
    frozen_observation(
        "lost",
        Body::Lost {
            lane: 2,
            sequences: (5, 9),
            count: 4,
            observed_ms: (1_795_392_000_000, 1_795_395_600_000),
        },
    );
    let started = Body::Started {
        version: "0.1.0".to_owned(),
        process: 42,
    };
    frozen_observation("started", started);
    let outage = Body::Outage {
        of: 2,
        subject: ("nvr".to_owned(), "till".to_owned()),
        from_ms: 1_795_392_000_000,
        until_ms: Some(1_795_395_600_000),
    };
    frozen_observation("outage", outage);
}

#[test]
fn the_health_of_a_volume_is_frozen() {
    let smart = HealthSource {
        source: 1,
        subject: "sda".to_owned(),
        word: 1,
        reason: 21,
        figures: vec![(0, 3), (6, 41), (7, 26_304)],
        detail: "WDC WD60PURX".to_owned(),
    };
    let array = HealthSource {
        source: 4,
        subject: "md0".to_owned(),
        word: 2,
        reason: 29,
        figures: vec![(14, 2), (15, 1)],
        detail: String::new(),
    };
    frozen_observation(
        "health",
        Body::Health {
            volume: "footage".to_owned(),
            sources: vec![smart, array],
        },
    );
}
