//! Both ends of a connection against each other, without sockets: random streams, random losses of
//! the connection, one seed a run. What was acknowledged is stored, what was stored was told once.
//!
//! Long because one world tells all stories: what is lost on one end is looked for on the other.

#![cfg(test)]

use std::collections::{BTreeMap, VecDeque};

use keepwatch_common::clock::Tick;
use keepwatch_common::ids::Seeded;
use keepwatch_common::limits::REPORTS_IN_FLIGHT_MAX;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::wire::agent_session::{
    ACK_MS_MAX, AgentEvent, AgentSession, Ending, Stream, WELCOME_MS_MAX,
};
use keepwatch_common::wire::codec::to_frame;
use keepwatch_common::wire::coordinator_session::{
    CoordinatorEvent, CoordinatorSession, HELLO_MS_MAX, Misbehaviour, Reason,
};
use keepwatch_common::wire::frame::{Frame, FrameReader};
use keepwatch_common::wire::v1::control::{Busy, Hello, Unsupported};
use keepwatch_common::wire::v1::desired::Desired;
use keepwatch_common::wire::v1::report::{Entry, Report};
use keepwatch_common::wire::version::MessageType;

const EPOCH: u64 = 7;

fn hello() -> Hello {
    Hello {
        protocol_min: 1,
        protocol_max: 1,
        capabilities: 0,
        agent_version: "test".to_owned(),
        process: 1,
        epoch: EPOCH,
        clock_ms: 0,
    }
}

fn report(lane: Lane, sequences: &[u64]) -> Report {
    Report {
        epoch: EPOCH,
        lane: lane.number(),
        clock_ms: 0,
        offset_ms: None,
        observations: sequences
            .iter()
            .map(|sequence| Entry {
                sequence: *sequence,
                version: 1,
                coded: vec![1],
            })
            .collect(),
    }
}

fn frame(bytes: &[u8]) -> Frame {
    let mut reader = FrameReader::new(1 << 20);
    reader.add(bytes);
    reader.next_frame().unwrap().unwrap()
}

/// What survives a lost connection: the agent's spool and the coordinator's store.
#[derive(Default)]
struct World {
    spool: BTreeMap<Lane, VecDeque<u64>>,
    next: BTreeMap<Lane, u64>,
    store: BTreeMap<Lane, Vec<u64>>,
    /// The version of what people want, and the one that the agent keeps.
    wanted: u64,
    kept: u64,
    /// Whether people still change their minds, and disks are full now and then.
    may_change: bool,
}

impl World {
    fn observe(&mut self, lane: Lane) {
        let next = self.next.entry(lane).or_insert(0);
        *next += 1;
        self.spool.entry(lane).or_default().push_back(*next);
    }

    fn stored(&self) -> [u64; 3] {
        let mut stored = [0; 3];
        for (lane, sequences) in &self.store {
            stored[usize::from(lane.number())] = sequences.last().copied().unwrap_or(0);
        }
        stored
    }

    /// Talks until the connection is lost after some steps, or nothing is left to say.
    fn connect(&mut self, random: &Seeded, steps: u64) {
        let now = Tick(1);
        let mut agent = AgentSession::new(&hello(), now).unwrap();
        let mut coordinator = CoordinatorSession::new(now);
        let mut streams: BTreeMap<Stream, VecDeque<Vec<u8>>> = BTreeMap::new();
        let mut back: VecDeque<Vec<u8>> = VecDeque::new();
        for _ in 0..steps {
            self.drive_agent(&mut agent, random, now, &mut streams);
            let busy: Vec<_> = streams
                .iter()
                .filter(|(_, queue)| !queue.is_empty())
                .map(|(s, _)| *s)
                .collect();
            let choice = random.below(u64::try_from(busy.len()).unwrap() + 1);
            if let Some(stream) = busy.get(usize::try_from(choice).unwrap()) {
                // Control comes first, as its stream's priority makes it.
                let stream = if busy.contains(&Stream::Control) {
                    Stream::Control
                } else {
                    *stream
                };
                let bytes = streams
                    .get_mut(&stream)
                    .and_then(VecDeque::pop_front)
                    .unwrap();
                coordinator.handle_frame(&frame(&bytes)).unwrap();
            } else if let Some(bytes) = back.pop_front() {
                agent.handle_frame(&frame(&bytes), now).unwrap();
            }
            if random.below(10) == 0 && self.may_change {
                self.wanted += 1;
                coordinator.desire(&wanted(self.wanted)).unwrap();
            }
            self.drive_coordinator(&mut coordinator, &mut back);
        }
    }

    fn drive_agent(
        &mut self,
        agent: &mut AgentSession,
        random: &Seeded,
        now: Tick,
        streams: &mut BTreeMap<Stream, VecDeque<Vec<u8>>>,
    ) {
        while let Some(event) = agent.poll_event() {
            match event {
                AgentEvent::Stored { lane, through, .. } => {
                    let spool = self.spool.entry(lane).or_default();
                    while spool.front().is_some_and(|sequence| *sequence <= through) {
                        spool.pop_front();
                    }
                }
                AgentEvent::Welcomed { .. } => agent.in_force(self.kept, 0).unwrap(),
                AgentEvent::Desired(desired) => {
                    // A full disk: now and then it cannot be kept, and the old one is told.
                    if !self.may_change || random.below(4) > 0 {
                        self.kept = desired.version;
                    }
                    agent.in_force(self.kept, 0).unwrap();
                }
                _ => {}
            }
        }
        for lane in Lane::BY_URGENCY {
            if let Some(after) = agent.wants(lane, now) {
                let spool = self.spool.entry(lane).or_default();
                let most = usize::try_from(random.below(5) + 1).unwrap();
                let batch: Vec<_> = spool
                    .iter()
                    .copied()
                    .filter(|s| *s > after)
                    .take(most)
                    .collect();
                agent.report(&report(lane, &batch), lane, now).unwrap();
            }
        }
        while let Some(transmit) = agent.poll_transmit() {
            streams
                .entry(transmit.stream)
                .or_default()
                .push_back(transmit.bytes);
        }
    }

    fn drive_coordinator(
        &mut self,
        session: &mut CoordinatorSession,
        back: &mut VecDeque<Vec<u8>>,
    ) {
        while let Some(event) = session.poll_event() {
            match event {
                CoordinatorEvent::Hello(_) => session.welcome(5, self.stored(), 1).unwrap(),
                CoordinatorEvent::Report { lane, report } => {
                    let known = self.store.entry(lane).or_default();
                    for entry in report.observations {
                        if known.last().is_none_or(|last| entry.sequence > *last) {
                            known.push(entry.sequence);
                        }
                    }
                    let through = known.last().copied().unwrap_or(0);
                    session.ack(lane, through, Vec::new()).unwrap();
                }
                CoordinatorEvent::InForce(_) => session.desire(&wanted(self.wanted)).unwrap(),
                CoordinatorEvent::Renew(_) | CoordinatorEvent::Close => {}
            }
        }
        while let Some(bytes) = session.poll_transmit() {
            back.push_back(bytes);
        }
    }
}

#[test]
fn everything_arrives_once_however_often_the_connection_is_lost() {
    for seed in 0..200 {
        let random = Seeded::new(seed);
        let mut world = World {
            wanted: 1,
            may_change: true,
            ..World::default()
        };
        for _ in 0..8 {
            for _ in 0..random.below(20) {
                let lane = Lane::BY_URGENCY[usize::try_from(random.below(3)).unwrap()];
                world.observe(lane);
            }
            world.connect(&random, random.below(60));
        }
        world.may_change = false;
        world.connect(&random, 2_000);
        assert_eq!(
            world.kept, world.wanted,
            "seed {seed}: it goes by what is wanted"
        );
        for (lane, last) in &world.next {
            let expected: Vec<_> = (1..=*last).collect();
            assert_eq!(
                world.store.get(lane),
                Some(&expected),
                "seed {seed}, {lane:?}"
            );
            assert!(
                world.spool[lane].is_empty(),
                "seed {seed}, {lane:?}: all is acknowledged"
            );
        }
    }
}

#[test]
fn an_agent_that_never_says_by_what_it_goes_is_sent_no_intentions() {
    let (_, mut coordinator) = live();
    coordinator.desire(&wanted(5)).unwrap();
    assert_eq!(coordinator.poll_transmit(), None);
}

#[test]
fn an_agent_that_goes_by_what_is_wanted_is_not_told_again() {
    let (mut agent, mut coordinator) = live();
    agent.in_force(5, 0).unwrap();
    let told = frame(&agent.poll_transmit().unwrap().bytes);
    coordinator.handle_frame(&told).unwrap();
    coordinator.desire(&wanted(5)).unwrap();
    assert_eq!(coordinator.poll_transmit(), None);
    coordinator.desire(&wanted(6)).unwrap();
    coordinator.desire(&wanted(6)).unwrap();
    assert!(coordinator.poll_transmit().is_some());
    assert_eq!(coordinator.poll_transmit(), None, "once is enough");
}

#[test]
fn a_coordinator_of_before_intentions_is_no_trouble() {
    let (mut agent, _) = live();
    agent.in_force(0, 0).unwrap();
    let unknown = Unsupported {
        message_type: MessageType::InForce.number(),
        message_version: 1,
    };
    let answer = to_frame(MessageType::Unsupported.number(), 1, &unknown).unwrap();
    agent.handle_frame(&answer, Tick(1)).unwrap();
    assert!(agent.wants(Lane::State, Tick(1)).is_some());
}

fn wanted(version: u64) -> Desired {
    Desired {
        version,
        intentions: Vec::new(),
    }
}

fn live() -> (AgentSession, CoordinatorSession) {
    let mut agent = AgentSession::new(&hello(), Tick(1)).unwrap();
    let mut coordinator = CoordinatorSession::new(Tick(1));
    coordinator
        .handle_frame(&frame(&agent.poll_transmit().unwrap().bytes))
        .unwrap();
    coordinator.poll_event().unwrap();
    coordinator.welcome(0, [0; 3], 1).unwrap();
    agent
        .handle_frame(&frame(&coordinator.poll_transmit().unwrap()), Tick(1))
        .unwrap();
    agent.poll_event().unwrap();
    (agent, coordinator)
}

#[test]
fn nothing_is_reported_before_the_welcome() {
    let mut agent = AgentSession::new(&hello(), Tick(0)).unwrap();
    assert_eq!(agent.wants(Lane::Urgent, Tick(0)), None);
    agent.handle_timeout(Tick(WELCOME_MS_MAX));
    assert_eq!(
        agent.poll_event(),
        Some(AgentEvent::Over(Ending::NoWelcome))
    );
}

#[test]
fn an_agent_that_sends_beyond_its_credit_is_found_out() {
    let (_, mut coordinator) = live();
    let send = |coordinator: &mut CoordinatorSession, sequence| {
        let report = report(Lane::Urgent, &[sequence]);
        coordinator.handle_frame(&to_frame(MessageType::Report.number(), 1, &report).unwrap())
    };
    for sequence in 1..=u64::from(REPORTS_IN_FLIGHT_MAX) {
        send(&mut coordinator, sequence).unwrap();
    }
    assert!(matches!(
        send(&mut coordinator, 99),
        Err(Misbehaviour::BeyondCredit)
    ));
}

#[test]
fn sequences_that_do_not_ascend_are_refused() {
    for sequences in [&[2_u64, 1][..], &[1, 1], &[0], &[]] {
        let (_, mut coordinator) = live();
        let report = report(Lane::State, sequences);
        let frame = to_frame(MessageType::Report.number(), 1, &report).unwrap();
        let refused = coordinator.handle_frame(&frame);
        assert!(
            matches!(refused, Err(Misbehaviour::BadSequences)),
            "{sequences:?}"
        );
    }
}

#[test]
fn an_unknown_message_is_answered_and_ends_nothing() {
    let (mut agent, mut coordinator) = live();
    coordinator
        .handle_frame(&to_frame(999, 1, &()).unwrap())
        .unwrap();
    let answer = frame(&coordinator.poll_transmit().unwrap());
    assert_eq!(answer.message_type, MessageType::Unsupported.number());
    agent.handle_frame(&answer, Tick(1)).unwrap();
    assert!(
        agent.wants(Lane::State, Tick(1)).is_some(),
        "the conversation goes on"
    );
}

#[test]
fn a_busy_coordinator_is_left_alone_for_as_long_as_it_says() {
    let (mut agent, _) = live();
    let busy = to_frame(
        MessageType::Busy.number(),
        1,
        &Busy {
            retry_after_ms: 500,
        },
    )
    .unwrap();
    agent.handle_frame(&busy, Tick(10)).unwrap();
    assert_eq!(agent.wants(Lane::Urgent, Tick(509)), None);
    assert_eq!(agent.wants(Lane::Urgent, Tick(510)), Some(0));
}

#[test]
fn a_report_that_nobody_acknowledges_ends_the_connection() {
    let (mut agent, _) = live();
    agent
        .report(&report(Lane::Urgent, &[1]), Lane::Urgent, Tick(5))
        .unwrap();
    agent.handle_timeout(Tick(5 + ACK_MS_MAX));
    assert_eq!(agent.poll_event(), Some(AgentEvent::Over(Ending::NoAck)));
}

#[test]
fn a_goodbye_says_when_to_come_back() {
    let (mut agent, mut coordinator) = live();
    coordinator.goodbye(Reason::Restarting, 9_000).unwrap();
    agent
        .handle_frame(&frame(&coordinator.poll_transmit().unwrap()), Tick(2))
        .unwrap();
    let expected = Ending::Goodbye {
        reason: 0,
        return_within_ms: 9_000,
    };
    assert_eq!(agent.poll_event(), Some(AgentEvent::Over(expected)));
}

#[test]
fn a_stranger_that_says_nothing_is_let_go() {
    let mut coordinator = CoordinatorSession::new(Tick(0));
    coordinator.handle_timeout(Tick(HELLO_MS_MAX));
    assert_eq!(coordinator.poll_event(), Some(CoordinatorEvent::Close));
}

#[test]
fn an_agent_of_another_time_is_told_so() {
    let mut coordinator = CoordinatorSession::new(Tick(0));
    let future = Hello {
        protocol_min: 50,
        protocol_max: 60,
        ..hello()
    };
    coordinator
        .handle_frame(&to_frame(MessageType::Hello.number(), 1, &future).unwrap())
        .unwrap();
    let answer = frame(&coordinator.poll_transmit().unwrap());
    assert_eq!(answer.message_type, MessageType::Goodbye.number());
}
