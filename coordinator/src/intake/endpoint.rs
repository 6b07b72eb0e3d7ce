//! The two QUIC endpoints: one for agents that have a certificate, one for joining.
//!
//! A *face*: it uses its children. They are apart so that a flood of strangers who want to join
//! meets its own small limits and never the fleet's. What is said on a connection is not known
//! here. Opening an endpoint needs a running tokio runtime.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use quinn::crypto::rustls::{NoInitialCipherSuite, QuicServerConfig};
use quinn::{Endpoint, EndpointConfig, TokioRuntime};
use rustls::pki_types::CertificateDer;

use crate::authority::peer::{PeerError, PeerIdentity, peer_identity};

/// Lets in, asks for proof of the address, or turns away.
pub mod door;
/// Keys that let a restarted coordinator tell agents so.
pub mod reset;
/// The UDP socket and its buffers.
pub mod socket;
/// What a connection may use.
mod transport;

use reset::ResetKeys;
use socket::{BufferSizes, SOCKET_BUFFER_BYTES};

/// The one version of QUIC that we speak (RFC 9000); drafts have no business here.
const QUIC_V1: u32 = 1;

/// An endpoint that listens.
#[derive(Debug)]
pub struct OpenEndpoint {
    /// Where connections arrive.
    pub endpoint: Endpoint,
    /// What the kernel gave for buffers; the caller warns when it is less than asked.
    pub buffers: BufferSizes,
}

/// Why an endpoint does not listen.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The socket could not be had.
    #[error("UDP {listen} cannot be listened on; see what else uses the port")]
    Socket {
        /// Where.
        listen: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// TLS has no cipher that QUIC begins with.
    #[error("QUIC cannot be spoken with this TLS configuration")]
    Tls(#[source] NoInitialCipherSuite),
}

/// Listens for agents that have a certificate; `tls` is from `authority::tls::agent_config`, `keys`
/// are the same ones after every restart.
pub fn open_for_agents(
    listen: SocketAddr,
    tls: Arc<rustls::ServerConfig>,
    keys: &ResetKeys,
) -> Result<OpenEndpoint, OpenError> {
    let mut config = keys.endpoint_config();
    config.supported_versions(vec![QUIC_V1]);
    let server = transport::for_agents(quic(tls)?);
    open(listen, config, server)
}

/// Listens for agents that join; `tls` is from `authority::tls::join_config`. Nothing is kept over
/// a restart: who was joining tries again.
pub fn open_for_joining(
    listen: SocketAddr,
    tls: Arc<rustls::ServerConfig>,
) -> Result<OpenEndpoint, OpenError> {
    let mut config = EndpointConfig::default();
    config.supported_versions(vec![QUIC_V1]);
    let server = transport::for_joining(quic(tls)?);
    open(listen, config, server)
}

/// Who is at the other end of a connection on the agents' endpoint.
pub fn peer_of(connection: &quinn::Connection) -> Result<PeerIdentity, PeerError> {
    let chain = connection
        .peer_identity()
        .and_then(|identity| identity.downcast::<Vec<CertificateDer<'static>>>().ok())
        .ok_or(PeerError::Absent)?;
    peer_identity(&chain)
}

fn quic(tls: Arc<rustls::ServerConfig>) -> Result<Arc<QuicServerConfig>, OpenError> {
    QuicServerConfig::try_from(tls)
        .map(Arc::new)
        .map_err(OpenError::Tls)
}

fn open(
    listen: SocketAddr,
    config: EndpointConfig,
    server: quinn::ServerConfig,
) -> Result<OpenEndpoint, OpenError> {
    let refused = |source| OpenError::Socket { listen, source };
    let (socket, buffers) = socket::bind(listen, SOCKET_BUFFER_BYTES).map_err(refused)?;
    let endpoint =
        Endpoint::new(config, Some(server), socket, Arc::new(TokioRuntime)).map_err(refused)?;
    Ok(OpenEndpoint { endpoint, buffers })
}
