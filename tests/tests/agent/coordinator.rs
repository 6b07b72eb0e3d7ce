//! A coordinator that keeps reports in memory, and can misbehave.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::wire::coordinator_session::{CoordinatorEvent, CoordinatorSession, Reason};
use keepwatch_common::wire::frame::{Frame, FrameReader};
use keepwatch_coordinator::intake::endpoint::door::{Door, DoorLimits};
use quinn::{Connection, Endpoint, RecvStream, SendStream, VarInt};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::heard::Heard;
use crate::world::{HANGS_AFTER, Headquarters, Shifted};

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How it treats agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Proper,
    /// Stores and does not say so.
    KeepsAcksBack,
    /// After the welcome, and is proper from then on.
    SendsGarbageOnce,
    AcksWhatWasNeverSentOnce,
    WelcomesTwiceOnce,
    /// Wants all state again, once, and is proper from then on.
    WantsStateAgain,
}

/// A coordinator; tasks of its connections end with it.
pub(crate) struct Coordinator {
    at: SocketAddr,
    tasks: TaskTracker,
    present: CancellationToken,
    desk: Desk,
}

/// What all its connections share.
#[derive(Clone)]
struct Desk {
    clock: Arc<Shifted>,
    heard: watch::Sender<Heard>,
    manner: watch::Sender<Manner>,
    hang_up: watch::Sender<usize>,
    /// Gives the certificate of a request; by default there is none.
    issues: watch::Sender<Option<Issues>>,
}

type Issues = Arc<dyn Fn(Vec<u8>) -> Vec<Vec<u8>> + Send + Sync>;

impl Coordinator {
    pub(crate) fn start(hq: &Headquarters) -> Self {
        let desk = Desk {
            clock: hq.clock.clone(),
            heard: watch::Sender::new(Heard::default()),
            manner: watch::Sender::new(Manner::Proper),
            hang_up: watch::Sender::new(0),
            issues: watch::Sender::new(None),
        };
        let mut coordinator = Self {
            at: ANY_PORT,
            tasks: TaskTracker::new(),
            present: CancellationToken::new(),
            desk,
        };
        coordinator.come_back(hq);
        coordinator
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.at
    }

    pub(crate) fn set(&self, manner: Manner) {
        self.desk.manner.send_replace(manner);
    }

    pub(crate) fn issue_with(
        &self,
        issues: impl Fn(Vec<u8>) -> Vec<Vec<u8>> + Send + Sync + 'static,
    ) {
        self.desk.issues.send_replace(Some(Arc::new(issues)));
    }

    /// Says good-bye to everyone who is connected.
    pub(crate) fn hang_up(&self) {
        self.desk.hang_up.send_modify(|times| *times += 1);
    }

    pub(crate) fn heard(&self) -> Heard {
        self.desk.heard.borrow().clone()
    }

    /// Waits until it heard so much.
    pub(crate) async fn hears(&self, enough: impl Fn(&Heard) -> bool) {
        let mut heard = self.desk.heard.subscribe();
        let waited = tokio::time::timeout(HANGS_AFTER, heard.wait_for(enough)).await;
        assert!(
            waited.is_ok(),
            "not heard in time: {:?}",
            self.heard().summary()
        );
    }

    /// Goes away without a word: its socket is closed.
    pub(crate) async fn leave(&mut self) {
        self.present.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Is there again, at the same address, with all it stored.
    pub(crate) fn come_back(&mut self, hq: &Headquarters) {
        let endpoint = hq.open(self.at);
        self.at = endpoint.local_addr().unwrap();
        self.tasks = TaskTracker::new();
        self.present = CancellationToken::new();
        let (desk, tasks, present) = (self.desk.clone(), self.tasks.clone(), self.present.clone());
        self.tasks.spawn(accept(endpoint, desk, tasks, present));
    }
}

impl Drop for Coordinator {
    fn drop(&mut self) {
        self.present.cancel();
    }
}

async fn accept(endpoint: Endpoint, desk: Desk, tasks: TaskTracker, present: CancellationToken) {
    let door = Door::new(DoorLimits::AGENTS);
    loop {
        let incoming = tokio::select! {
            () = present.cancelled() => break,
            incoming = endpoint.accept() => incoming.unwrap(),
        };
        let Some(handshake) = door.admit(&endpoint, incoming) else {
            continue;
        };
        let (desk, present, readers) = (desk.clone(), present.clone(), tasks.clone());
        tasks.spawn(async move {
            if let Ok(connection) = handshake.finish().await {
                desk.heard.send_modify(|heard| heard.connections += 1);
                tokio::select! {
                    () = present.cancelled() => {}
                    () = serve(&connection, &desk, &readers) => {}
                }
                connection.close(VarInt::from_u32(0), b"");
            }
        });
    }
    endpoint.close(VarInt::from_u32(0), b"");
    endpoint.wait_idle().await;
}

async fn serve(connection: &Connection, desk: &Desk, tasks: &TaskTracker) {
    let Ok((mut out, control)) = connection.accept_bi().await else {
        return;
    };
    let (frames_in, mut frames) = mpsc::channel(64);
    tasks.spawn(read(control, frames_in.clone()));
    let lanes = connection.clone();
    let readers = tasks.clone();
    tasks.spawn(async move {
        while let Ok(stream) = lanes.accept_uni().await {
            readers.spawn(read(stream, frames_in.clone()));
        }
    });
    let mut session = CoordinatorSession::new(desk.clock.tick());
    let (mut manner, mut hang_up) = (desk.manner.subscribe(), desk.hang_up.subscribe());
    hang_up.mark_unchanged();
    let mut unacked = BTreeMap::new();
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => session.handle_frame(&frame).unwrap(),
                None => return,
            },
            _ = hang_up.changed() => session.goodbye(Reason::Restarting, 50).unwrap(),
            _ = manner.changed() => {}
        }
        let now = *manner.borrow_and_update();
        let over = answer(&mut session, desk, now, &mut unacked);
        while let Some(bytes) = session.poll_transmit() {
            if out.write_all(&bytes).await.is_err() {
                return;
            }
        }
        if over || misbehave(&mut out, &mut session, &desk.manner).await {
            // The agent leaves, or has the time to read why it should.
            connection.closed().await;
            return;
        }
    }
}

/// Does what a session asks for; tells whether it is over.
fn answer(
    session: &mut CoordinatorSession,
    desk: &Desk,
    manner: Manner,
    unacked: &mut BTreeMap<u8, (Lane, u64)>,
) -> bool {
    while let Some(event) = session.poll_event() {
        match event {
            CoordinatorEvent::Hello(hello) => {
                let stored = desk.heard.borrow().stored(hello.epoch);
                session.welcome(desk.clock.now().ms(), stored, 50).unwrap();
            }
            CoordinatorEvent::Report { lane, report } => {
                let through = report.observations.last().unwrap().sequence;
                desk.heard.send_modify(|heard| heard.store(report));
                unacked.insert(lane.number(), (lane, through));
            }
            CoordinatorEvent::Renew(request) => {
                let issues = desk.issues.borrow().clone();
                let chain = issues.map_or_else(Vec::new, |issues| issues(request));
                session.renewed(chain).unwrap();
            }
            CoordinatorEvent::InForce(_) => {}
            CoordinatorEvent::Close => return true,
        }
    }
    if manner != Manner::KeepsAcksBack {
        for (lane, through) in std::mem::take(unacked).into_values() {
            session.ack(lane, through, Vec::new()).unwrap();
        }
    }
    false
}

/// Misbehaves once; tells whether the connection is over for it.
async fn misbehave(
    out: &mut SendStream,
    session: &mut CoordinatorSession,
    manner: &watch::Sender<Manner>,
) -> bool {
    let now = *manner.borrow();
    match now {
        Manner::Proper | Manner::KeepsAcksBack => return false,
        Manner::SendsGarbageOnce => {
            // The agent may have left already.
            let (Ok(()) | Err(_)) = out.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
        }
        Manner::AcksWhatWasNeverSentOnce => session.ack(Lane::Urgent, 1 << 40, Vec::new()).unwrap(),
        Manner::WelcomesTwiceOnce => session.welcome(0, [0; 3], 0).unwrap(),
        Manner::WantsStateAgain => session.restate().unwrap(),
    }
    manner.send_replace(Manner::Proper);
    while let Some(bytes) = session.poll_transmit() {
        let (Ok(()) | Err(_)) = out.write_all(&bytes).await;
    }
    now != Manner::WantsStateAgain
}

async fn read(mut stream: RecvStream, frames: mpsc::Sender<Frame>) {
    let mut reader = FrameReader::new(usize::MAX);
    while let Ok(Some(chunk)) = stream.read_chunk(16 * 1024, true).await {
        reader.add(&chunk.bytes);
        while let Some(frame) = reader.next_frame().unwrap() {
            if frames.send(frame).await.is_err() {
                return;
            }
        }
    }
}
