//! What a connection may use: streams, windows, time.
//!
//! quinn's defaults trust the peer: no limit on a connection's window and 100 streams each way let
//! one slow reader pin megabytes. An agent needs a handful of streams and little memory, and ten
//! thousand of them must fit into a few hundred megabytes, so every figure is set.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::model::peer::{IDLE_MS, JOIN_IDLE_MS};
use quinn::crypto::ServerConfig as Crypto;
use quinn::{ServerConfig, TransportConfig, VarInt};

/// Streams both ways that an agent opens: control.
const AGENT_STREAMS_BIDI: u32 = 1;

/// One-way streams that an agent opens: evidence and state, each with one to spare for its
/// successor.
const AGENT_STREAMS_UNI: u32 = 4;

/// Bytes of one stream that may wait to be read: 1.3 MB/s at a round trip of 100 ms, many times
/// what a branch tells after an outage.
const STREAM_WINDOW_BYTES: u32 = 128 * 1024;

/// Bytes of a connection that may wait to be read; times the cap on connections it is the most
/// that all agents together can pin.
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;

/// Bytes that may wait for an agent's acknowledgement.
const SEND_WINDOW_BYTES: u64 = 128 * 1024;

/// Strangers' first packets held while the door is busy, one for each.
const INCOMING_MAX: usize = 4_096;

/// Bytes held beyond the first packet, for each stranger: the rest of a client hello.
const INCOMING_BUFFER_BYTES: u64 = 4 * 1024;

/// The same for all strangers together.
const INCOMING_BUFFERS_BYTES: u64 = 4 << 20;

/// Bytes that may wait on a joining connection, either way: a request with its certificate request
/// or an answer with its chain.
const JOIN_WINDOW_BYTES: u32 = 16 * 1024;

/// Strangers' first packets held on the join endpoint.
const JOIN_INCOMING_MAX: usize = 64;

/// For agents that have a certificate.
pub(super) fn for_agents(crypto: Arc<dyn Crypto>) -> ServerConfig {
    let mut transport = frugal(IDLE_MS);
    transport
        .max_concurrent_bidi_streams(AGENT_STREAMS_BIDI.into())
        .max_concurrent_uni_streams(AGENT_STREAMS_UNI.into())
        .stream_receive_window(STREAM_WINDOW_BYTES.into())
        .receive_window(CONNECTION_WINDOW_BYTES.into())
        .send_window(SEND_WINDOW_BYTES);
    let mut config = server(crypto, transport);
    config
        .max_incoming(INCOMING_MAX)
        .incoming_buffer_size(INCOMING_BUFFER_BYTES)
        .incoming_buffer_size_total(INCOMING_BUFFERS_BYTES);
    config
}

/// For agents that join: one stream, one question, one answer.
pub(super) fn for_joining(crypto: Arc<dyn Crypto>) -> ServerConfig {
    let mut transport = frugal(JOIN_IDLE_MS);
    transport
        .max_concurrent_bidi_streams(1_u8.into())
        .max_concurrent_uni_streams(0_u8.into())
        .stream_receive_window(JOIN_WINDOW_BYTES.into())
        .receive_window(JOIN_WINDOW_BYTES.into())
        .send_window(JOIN_WINDOW_BYTES.into());
    let mut config = server(crypto, transport);
    config
        .migration(false)
        .max_incoming(JOIN_INCOMING_MAX)
        .incoming_buffer_size(INCOMING_BUFFER_BYTES)
        .incoming_buffer_size_total(INCOMING_BUFFER_BYTES * 16);
    config
}

/// Without datagrams, and without looking for larger packets: the coordinator sends little, and the
/// search costs a fifth of a handshake's time. Keep-alives are the agents' business.
fn frugal(idle_ms: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(VarInt::from_u32(idle_ms).into()))
        .keep_alive_interval(None)
        .datagram_receive_buffer_size(None)
        .datagram_send_buffer_size(0)
        .mtu_discovery_config(None);
    transport
}

/// Tokens that would spare a later connection the proof of its address are not given out: proof is
/// asked only under load, and the tokens would have to be kept.
fn server(crypto: Arc<dyn Crypto>, transport: TransportConfig) -> ServerConfig {
    let mut config = ServerConfig::with_crypto(crypto);
    let mut tokens = quinn::ValidationTokenConfig::default();
    tokens.sent(0);
    config
        .transport_config(Arc::new(transport))
        .validation_token_config(tokens)
        .retry_token_lifetime(Duration::from_secs(15));
    config
}
