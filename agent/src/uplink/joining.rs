//! How a branch's agent asks to join: one connection, one stream, one question, one answer.
//!
//! The authority is known by its fingerprint from the join string, so whoever answers has proved who
//! it is before the secret is sent. Nothing is kept here.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::limits::FRAME_PAYLOAD_BYTES_MAX;
use keepwatch_common::model::address::Address;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::wire::agent_session::SendError;
use keepwatch_common::wire::codec::{self, Bound, DecodeError};
use keepwatch_common::wire::frame::{FrameError, FrameReader};
use keepwatch_common::wire::v1::join::{Join, JoinRefused, Joined};
use keepwatch_common::wire::version::MessageType;
use quinn::{Connection, ConnectionError, ReadToEndError, VarInt, WriteError};
use rustls_pki_types::CertificateDer;
use tokio::time::timeout;

use super::endpoint::{self, DialError, OpenError, Refusal};
use super::resolve::{NoAddress, resolve};
use crate::identity::tls::pinned_authority;

/// Time for all of it at one address, in milliseconds; the coordinator gives up earlier.
const JOIN_MS_MAX: u64 = 15_000;

/// Largest answer, in bytes: a chain of a few certificates.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why joining did not work.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The coordinator's name stands for nothing.
    #[error("{coordinator} has no address")]
    Name {
        /// Who.
        coordinator: Address,
        /// Why.
        #[source]
        source: NoAddress,
    },
    /// No socket.
    #[error("no way out")]
    Endpoint(#[from] OpenError),
    /// Connecting could not begin.
    #[error("connecting could not begin")]
    Dial(#[from] DialError),
    /// Nobody answers.
    #[error(
        "{coordinator} does not answer within {JOIN_MS_MAX} ms; is UDP to this port open on the way?"
    )]
    Silent {
        /// Who.
        coordinator: Address,
    },
    /// Who answers has another authority than the join string says, or does not let strangers join.
    #[error("joining is refused: {0}")]
    Refusal(Refusal),
    /// The connection broke.
    #[error("the connection to the coordinator was lost")]
    Connection(#[source] ConnectionError),
    /// It broke while we asked.
    #[error("the question did not reach the coordinator")]
    Ask(#[from] WriteError),
    /// It broke while we listened.
    #[error("the coordinator's answer did not come")]
    Answer(#[from] ReadToEndError),
    /// The question does not fit.
    #[error("the question cannot be asked")]
    Send(#[from] SendError),
    /// The answer is no frame.
    #[error("the coordinator's answer is no frame")]
    Frame(#[from] FrameError),
    /// The answer is no message.
    #[error("the coordinator's answer cannot be read")]
    Decode(#[from] DecodeError),
    /// The answer is another message, or none.
    #[error("the coordinator answered something else; update the older of both programs")]
    OutOfPlace,
    /// The authority showed itself and then could not be found again.
    #[error("the coordinator did not show its authority; its certificate is not ours")]
    NoAuthority,
    /// The token does not let in.
    #[error(
        "the token is unknown, used up or expired; make a new one with `keepwatch token create`"
    )]
    Token,
    /// The coordinator does not like the request.
    #[error("the coordinator refused the certificate request; update the older of both programs")]
    Request,
    /// Come again.
    #[error("the coordinator is busy; try again in a minute")]
    Busy,
}

impl From<ConnectionError> for JoinError {
    fn from(error: ConnectionError) -> Self {
        match Refusal::of(&error) {
            Some(refusal) => Self::Refusal(refusal),
            None => Self::Connection(error),
        }
    }
}

/// The coordinator's answer and its authority.
#[derive(Debug, Clone)]
pub struct Welcome {
    /// What it said.
    pub joined: Joined,
    /// Whom to trust from now on.
    pub authority: CertificateDer<'static>,
}

/// Asks the coordinator at an address; `tls` is from `identity::tls::join_config` for the same
/// authority.
pub async fn ask(
    coordinator: &Address,
    authority: Fingerprint,
    tls: Arc<rustls::ClientConfig>,
    question: &Join,
) -> Result<Welcome, JoinError> {
    let remotes = resolve(coordinator)
        .await
        .map_err(|source| JoinError::Name {
            coordinator: coordinator.clone(),
            source,
        })?;
    let mut failed = JoinError::Silent {
        coordinator: coordinator.clone(),
    };
    for remote in remotes {
        let asked = async {
            let endpoint = endpoint::open(remote)?;
            let connection = endpoint::dial_to_join(&endpoint, remote, Arc::clone(&tls))?.await?;
            let answer = exchange(&connection, authority, question).await;
            connection.close(VarInt::from_u32(0), b"");
            endpoint.wait_idle().await;
            answer
        };
        match timeout(Duration::from_millis(JOIN_MS_MAX), asked).await {
            Ok(Ok(welcome)) => return Ok(welcome),
            // A token is spent by one question: who was answered does not ask again.
            Ok(Err(error @ (JoinError::Token | JoinError::Request | JoinError::Busy))) => {
                return Err(error);
            }
            Ok(Err(error)) => failed = error,
            Err(_) => {}
        }
    }
    Err(failed)
}

async fn exchange(
    connection: &Connection,
    authority: Fingerprint,
    question: &Join,
) -> Result<Welcome, JoinError> {
    let shown = connection
        .peer_identity()
        .and_then(|shown| shown.downcast::<Vec<CertificateDer<'static>>>().ok())
        .unwrap_or_default();
    let authority = pinned_authority(&shown, &authority).ok_or(JoinError::NoAuthority)?;
    let frame =
        codec::to_frame(MessageType::Join.number(), 1, question).map_err(SendError::from)?;
    let (mut ask, mut answer) = connection.open_bi().await?;
    ask.write_all(&frame.to_bytes()?).await?;
    // Fails only on a stream that was closed, which the answer tells.
    let (Ok(()) | Err(_)) = ask.finish();
    let bytes = match answer.read_to_end(ANSWER_BYTES_MAX).await {
        Err(ReadToEndError::Read(quinn::ReadError::ConnectionLost(error))) => {
            return Err(error.into());
        }
        read => read?,
    };
    let mut reader = FrameReader::new(FRAME_PAYLOAD_BYTES_MAX);
    reader.add(&bytes);
    let frame = reader.next_frame()?.ok_or(JoinError::OutOfPlace)?;
    match MessageType::from_number(frame.message_type) {
        Some(MessageType::Joined) => Ok(Welcome {
            joined: codec::from_frame(&frame, Bound::Known)?,
            authority,
        }),
        Some(MessageType::JoinRefused) => {
            let refused: JoinRefused = codec::from_frame(&frame, Bound::Known)?;
            Err(match refused.reason {
                0 => JoinError::Token,
                1 => JoinError::Request,
                _ => JoinError::Busy,
            })
        }
        _ => Err(JoinError::OutOfPlace),
    }
}
