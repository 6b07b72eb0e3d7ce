//! Where a request came in: a mark that our own servers put on it, and nobody else can.

use std::net::{IpAddr, SocketAddr};

/// Put into a request's extensions by the server that read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Over the Unix socket, by a process whose user may use it.
    Local,
    /// Over the network.
    Network {
        /// From where.
        from: SocketAddr,
        /// Whether it was encrypted.
        tls: bool,
    },
}

impl Arrival {
    /// The address it came from; none over the Unix socket.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Local => None,
            Self::Network { from, .. } => Some(from.ip()),
        }
    }

    /// Whether it came from this machine.
    pub fn is_from_here(self) -> bool {
        self.address()
            .is_none_or(|address| address.to_canonical().is_loopback())
    }
}
