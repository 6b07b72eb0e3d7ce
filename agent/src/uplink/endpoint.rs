//! The way out to a coordinator over QUIC, and why one does not let us in.
//!
//! quinn leaves keep-alives off and gives each stream more than a megabyte; here both are set for
//! an agent that stays connected for months on little memory, behind a NAT that forgets quickly. A
//! change of address, ours or the NAT's, does not end a connection. What is said on a connection is
//! not known here. Opening needs a running tokio runtime.
//!
//! In TLS 1.3 connecting succeeds before the coordinator has judged our certificate: only its first
//! answer tells that we are in.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::model::peer::{COORDINATOR_NAME, IDLE_MS, JOIN_IDLE_MS, KEEP_ALIVE_MS};
use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig};
use quinn::{
    ClientConfig, ConnectError, Connecting, ConnectionError, Endpoint, EndpointConfig,
    TokioRuntime, TransportConfig, VarInt,
};
use socket2::{Domain, Protocol, Socket, Type};

/// Bytes of socket buffer asked for each direction: a full window on its way. The kernel may give
/// less, which an agent alone on its socket does not feel.
const SOCKET_BUFFER_BYTES: usize = 512 * 1024;

/// Bytes of one stream that may wait to be read: an intention is a few thousand.
const STREAM_WINDOW_BYTES: u32 = 128 * 1024;

/// Bytes of a connection that may wait to be read.
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;

/// Bytes sent and not acknowledged; the coordinator takes no more.
const SEND_WINDOW_BYTES: u64 = 256 * 1024;

/// One-way streams that a coordinator may open.
const COORDINATOR_STREAMS_UNI: u32 = 4;

/// TLS alerts as QUIC closes with them (RFC 9001, 4.8): 0x100 and the alert.
const ALERT_BASE: u64 = 0x100;

/// The alerts that say why, by their number in RFC 8446.
const CERTIFICATE_REVOKED: u64 = ALERT_BASE + 44;
const CERTIFICATE_EXPIRED: u64 = ALERT_BASE + 45;
const UNKNOWN_CA: u64 = ALERT_BASE + 48;
const NO_APPLICATION_PROTOCOL: u64 = ALERT_BASE + 120;
const LAST_ALERT: u64 = ALERT_BASE + 255;

/// Why there is no way out.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No socket could be had.
    #[error("no UDP socket can be had")]
    Socket(#[source] io::Error),
}

/// Why connecting did not even begin.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// TLS has no cipher that QUIC begins with.
    #[error("QUIC cannot be spoken with this TLS configuration")]
    Tls(#[source] NoInitialCipherSuite),
    /// The endpoint cannot reach such an address, or was closed.
    #[error("{remote} cannot be connected to")]
    Connect {
        /// Whereto.
        remote: SocketAddr,
        /// Why.
        #[source]
        source: ConnectError,
    },
}

/// Opens a socket for coordinators at addresses of the same kind (IPv4 or IPv6) as `remote`. One
/// of each kind serves for the life of the process.
pub fn open(remote: SocketAddr) -> Result<Endpoint, OpenError> {
    let any = match remote {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let local = SocketAddr::new(any, 0);
    let socket = bind(local).map_err(OpenError::Socket)?;
    let mut config = EndpointConfig::default();
    config.supported_versions(vec![1]);
    Endpoint::new(config, None, socket, Arc::new(TokioRuntime)).map_err(OpenError::Socket)
}

/// Begins to connect as an agent that has joined; `tls` is from `identity::tls::agent_config`.
pub fn dial(
    endpoint: &Endpoint,
    remote: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
) -> Result<Connecting, DialError> {
    let mut transport = frugal(IDLE_MS);
    transport.keep_alive_interval(Some(Duration::from_millis(KEEP_ALIVE_MS)));
    begin(endpoint, remote, tls, transport)
}

/// Begins to connect as an agent that joins; `tls` is from `identity::tls::join_config`.
pub fn dial_to_join(
    endpoint: &Endpoint,
    remote: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
) -> Result<Connecting, DialError> {
    begin(endpoint, remote, tls, frugal(JOIN_IDLE_MS))
}

/// Why a coordinator, or we, refused the other's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The coordinator revoked our key: trying again is no use, joining again may be.
    Revoked,
    /// Our certificate has ended by the coordinator's clock.
    Expired,
    /// Our certificate is of another authority: this is not our coordinator.
    OtherAuthority,
    /// The coordinator does not speak our protocol on this port.
    Protocol,
    /// The coordinator refused for another reason of TLS.
    Coordinator,
    /// We refused: who answers is not a coordinator of our authority.
    NotOurs,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Revoked => "the coordinator has revoked this agent; join again with a new token",
            Self::Expired => {
                "the agent's certificate has ended by the coordinator's clock; join again with a \
                 new token"
            }
            Self::OtherAuthority => {
                "the coordinator has another authority than the one this agent joined; check its \
                 address, or join again"
            }
            Self::Protocol => {
                "the coordinator does not speak our protocol on this port; check the address"
            }
            Self::Coordinator => "the coordinator refused the agent's certificate",
            Self::NotOurs => "who answers is not a coordinator of our authority; check the address",
        })
    }
}

impl Refusal {
    /// What the end of a connection says; `None` when it ended for another reason than trust.
    pub fn of(error: &ConnectionError) -> Option<Self> {
        match error {
            ConnectionError::ConnectionClosed(close) => match u64::from(close.error_code) {
                CERTIFICATE_REVOKED => Some(Self::Revoked),
                CERTIFICATE_EXPIRED => Some(Self::Expired),
                UNKNOWN_CA => Some(Self::OtherAuthority),
                NO_APPLICATION_PROTOCOL => Some(Self::Protocol),
                ALERT_BASE..=LAST_ALERT => Some(Self::Coordinator),
                _ => None,
            },
            ConnectionError::TransportError(error) => (ALERT_BASE..=LAST_ALERT)
                .contains(&u64::from(error.code))
                .then_some(Self::NotOurs),
            _ => None,
        }
    }
}

fn begin(
    endpoint: &Endpoint,
    remote: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
    transport: TransportConfig,
) -> Result<Connecting, DialError> {
    let crypto = QuicClientConfig::try_from(tls).map_err(DialError::Tls)?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    endpoint
        .connect_with(config, remote, COORDINATOR_NAME)
        .map_err(|source| DialError::Connect { remote, source })
}

/// Small windows, no datagrams, and no search for larger packets: a healthy branch has nothing to
/// fill them with, and the search would cost more than its keep-alives.
fn frugal(idle_ms: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(VarInt::from_u32(idle_ms).into()))
        .max_concurrent_bidi_streams(0_u8.into())
        .max_concurrent_uni_streams(COORDINATOR_STREAMS_UNI.into())
        .stream_receive_window(STREAM_WINDOW_BYTES.into())
        .receive_window(CONNECTION_WINDOW_BYTES.into())
        .send_window(SEND_WINDOW_BYTES)
        .datagram_receive_buffer_size(None)
        .datagram_send_buffer_size(0)
        .mtu_discovery_config(None);
    transport
}

fn bind(local: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES)?;
    socket.set_send_buffer_size(SOCKET_BUFFER_BYTES)?;
    socket.bind(&local.into())?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_matter_of_trust_is_no_refusal() {
        for error in [
            ConnectionError::TimedOut,
            ConnectionError::Reset,
            ConnectionError::LocallyClosed,
            ConnectionError::VersionMismatch,
        ] {
            assert_eq!(Refusal::of(&error), None, "{error}");
        }
    }
}
