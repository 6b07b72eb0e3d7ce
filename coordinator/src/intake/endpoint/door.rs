//! The door: lets a stranger in, asks for proof of its address, or turns it away.
//!
//! A handshake costs us a millisecond of a core and the stranger a packet with a forged address.
//! So there is a cap on connections, a cap on handshakes in flight, and below that a threshold from
//! which a stranger must first show that it receives what we send (QUIC's Retry). Always asking
//! would halve the rate at which a fleet comes back, so it is asked only when many come at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use quinn::{Connecting, Connection, ConnectionError, Endpoint, Incoming};
use tokio::time::timeout;

/// Time for a handshake from the first packet to the agent's certificate: several lost packets on
/// a slow line. quinn alone would wait for the idle time of a minute.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// How many may be here at once.
#[derive(Debug, Clone, Copy)]
pub struct DoorLimits {
    /// Connections, handshakes included; whoever comes beyond is refused.
    pub connections: usize,
    /// Handshakes in flight from which an address must be proved.
    pub handshakes_before_proof: usize,
    /// Handshakes in flight from which everyone is refused.
    pub handshakes: usize,
}

impl DoorLimits {
    /// For the agents' endpoint: ten thousand agents with some of them twice, while an old
    /// connection has not timed out; proof of address only beyond a usual restart's storm.
    pub const AGENTS: Self = Self {
        connections: 12_000,
        handshakes_before_proof: 512,
        handshakes: 4_096,
    };

    /// For the join endpoint: a few at a time, and strangers prove their address early.
    pub const JOINING: Self = Self {
        connections: 64,
        handshakes_before_proof: 8,
        handshakes: 32,
    };

    /// What to do with one more stranger. Pure: `open` connections and `handshakes` in flight are
    /// counted by the caller; `proved` when the address is known to be the stranger's.
    pub fn answer(&self, open: usize, handshakes: usize, proved: bool) -> Answer {
        if open >= self.connections || handshakes >= self.handshakes {
            Answer::Refuse
        } else if handshakes >= self.handshakes_before_proof && !proved {
            Answer::AskForProof
        } else {
            Answer::LetIn
        }
    }
}

/// What the door does with a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Begin the handshake.
    LetIn,
    /// Send a Retry: come again with what it contains.
    AskForProof,
    /// Say that we are full; agents try again later.
    Refuse,
}

/// Counts handshakes of one endpoint.
#[derive(Debug)]
pub struct Door {
    limits: DoorLimits,
    handshakes: Arc<AtomicUsize>,
}

impl Door {
    /// A door with nobody at it.
    pub fn new(limits: DoorLimits) -> Self {
        Self {
            limits,
            handshakes: Arc::default(),
        }
    }

    /// Answers a stranger; the handshake to go on with when it was let in. Both others are done
    /// with when this returns.
    pub fn admit(&self, endpoint: &Endpoint, incoming: Incoming) -> Option<Handshake> {
        let in_flight = self.handshakes.load(Ordering::Relaxed);
        // What cannot be asked again has been asked before.
        let proved = incoming.remote_address_validated() || !incoming.may_retry();
        match self
            .limits
            .answer(endpoint.open_connections(), in_flight, proved)
        {
            Answer::Refuse => incoming.refuse(),
            Answer::AskForProof => {
                if let Err(unasked) = incoming.retry() {
                    unasked.into_incoming().refuse();
                }
            }
            Answer::LetIn => {
                let counted = Counted::one_more(&self.handshakes);
                // An error means that the first packet was no valid one; nobody is waiting.
                let connecting = incoming.accept().ok()?;
                return Some(Handshake {
                    connecting,
                    counted,
                });
            }
        }
        None
    }

    /// Handshakes in flight.
    pub fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::Relaxed)
    }
}

/// A handshake in flight; counted until it is dropped or over.
#[derive(Debug)]
pub struct Handshake {
    connecting: Connecting,
    counted: Counted,
}

/// Why a handshake came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// It took longer than 10 s.
    #[error("the handshake took too long")]
    TimedOut,
    /// It failed: most often a certificate that is not valid, or a peer that went away.
    #[error("the handshake failed")]
    Failed(#[source] ConnectionError),
}

impl Handshake {
    /// Goes on until the peer has proved who it is. Run it in a task of its own: the door must not
    /// wait for one stranger.
    pub async fn finish(self) -> Result<Connection, HandshakeError> {
        let connected = timeout(HANDSHAKE_TIME, self.connecting).await;
        drop(self.counted);
        connected
            .map_err(|_| HandshakeError::TimedOut)?
            .map_err(HandshakeError::Failed)
    }
}

/// One in a count, for as long as it lives.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one_more(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: DoorLimits = DoorLimits {
        connections: 100,
        handshakes_before_proof: 10,
        handshakes: 20,
    };

    #[test]
    fn a_quiet_door_asks_for_no_proof() {
        assert_eq!(LIMITS.answer(0, 0, false), Answer::LetIn);
        assert_eq!(LIMITS.answer(99, 9, false), Answer::LetIn);
    }

    #[test]
    fn a_busy_door_asks_once() {
        assert_eq!(LIMITS.answer(50, 10, false), Answer::AskForProof);
        assert_eq!(LIMITS.answer(50, 10, true), Answer::LetIn);
    }

    #[test]
    fn a_full_house_refuses_whoever_it_is() {
        assert_eq!(LIMITS.answer(100, 0, true), Answer::Refuse);
        assert_eq!(LIMITS.answer(50, 20, true), Answer::Refuse);
    }

    #[test]
    fn a_handshake_counts_until_it_is_gone() {
        let count = Arc::new(AtomicUsize::new(0));
        let (one, two) = (Counted::one_more(&count), Counted::one_more(&count));
        assert_eq!(count.load(Ordering::Relaxed), 2);
        drop(one);
        drop(two);
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }
}
