//! The join endpoint: a stranger with a token becomes an agent, or is refused and told why.
//!
//! One frame in, one frame out, with tiny limits and a deadline. The token is taken in the same
//! transaction that enters the agent, so that it is used once whatever happens in between.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::ids::{Randomness, time_ordered};
use keepwatch_common::limits::JOIN_PAYLOAD_BYTES_MAX;
use keepwatch_common::secret::Secret;
use keepwatch_common::wire::codec::{self, Bound};
use keepwatch_common::wire::frame::{Frame, FrameReader, HEADER_BYTES};
use keepwatch_common::wire::v1::join::{Join, JoinRefused, Joined};
use keepwatch_common::wire::version::MessageType;
use quinn::Connection;
use tracing::{info, warn};

use super::roll::CERTIFICATE_DAYS;
use crate::authority::admission::AdmittedKeys;
use crate::authority::issue::{AgentRequest, IssueError};
use crate::authority::root::Authority;
use crate::store::agents::{AgentInsertError, NewAgent};
use crate::store::digest::SecretHash;
use crate::store::{Store, StoreError};

/// A stranger has this long, in milliseconds.
const PATIENCE_MS: u64 = 10_000;

/// What joining needs.
#[derive(Debug)]
pub struct Joining {
    /// Where agents and tokens are kept.
    pub store: Store,
    /// Who signs.
    pub authority: Arc<Authority>,
    /// Who may connect.
    pub admitted: Arc<AdmittedKeys>,
    /// Our clock.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub randomness: Arc<dyn Randomness>,
}

#[derive(Debug, thiserror::Error)]
enum JoinError {
    #[error("the token is unknown, used up or expired")]
    Token,
    #[error("the signing request is no good")]
    Request(#[from] IssueError),
    #[error("the agent cannot be entered")]
    Insert(#[from] AgentInsertError),
    #[error("the store fails")]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
enum TalkError {
    #[error("the connection is lost")]
    Lost(#[from] quinn::ConnectionError),
    #[error("the stranger's bytes cannot be read")]
    Read(#[from] quinn::ReadToEndError),
    #[error("the stranger's bytes are no frame")]
    Frame(#[from] keepwatch_common::wire::frame::FrameError),
    #[error("the stranger's message cannot be read")]
    Decode(#[from] codec::DecodeError),
    #[error("the answer cannot be coded")]
    Encode(#[from] codec::EncodeError),
    #[error("the answer cannot be sent")]
    Write(#[from] quinn::WriteError),
    #[error("the stranger sent something else than a wish to join")]
    OutOfPlace,
}

impl Joining {
    /// Serves one stranger.
    pub async fn serve(&self, connection: Connection) {
        let from = connection.remote_address();
        let talk = tokio::time::timeout(Duration::from_millis(PATIENCE_MS), self.talk(&connection));
        match talk.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%from, error = %chain(&error), "a stranger was not understood"),
            Err(_) => warn!(%from, "a stranger took too long"),
        }
        connection.close(0_u32.into(), b"");
    }

    async fn talk(&self, connection: &Connection) -> Result<(), TalkError> {
        let (mut answer_out, mut wish_in) = connection.accept_bi().await?;
        let bytes = wish_in
            .read_to_end(HEADER_BYTES + JOIN_PAYLOAD_BYTES_MAX)
            .await?;
        let mut reader = FrameReader::new(JOIN_PAYLOAD_BYTES_MAX);
        reader.add(&bytes);
        let frame = reader.next_frame()?.ok_or(TalkError::OutOfPlace)?;
        if frame.message_type != MessageType::Join.number() || frame.message_version != 1 {
            return Err(TalkError::OutOfPlace);
        }
        let wish: Join = codec::from_frame(&frame, Bound::Stranger)?;
        let from = connection.remote_address();
        let answer = match self.join(&wish).await {
            Ok(joined) => {
                info!(%from, agent = joined.agent_id, branch = joined.branch, "an agent joined");
                codec::to_frame(MessageType::Joined.number(), 1, &joined)?
            }
            Err(refused) => {
                warn!(%from, host = wish.host, error = %chain(&refused), "a stranger was refused");
                refusal(&refused)?
            }
        };
        answer_out.write_all(&answer.to_bytes()?).await?;
        // The stranger closes when it has read; the deadline is around all of this.
        let (Ok(()) | Err(_)) = answer_out.finish();
        connection.closed().await;
        Ok(())
    }

    async fn join(&self, wish: &Join) -> Result<Joined, JoinError> {
        let now = self.clock.now();
        let id = time_ordered(now, self.randomness.as_ref());
        let mut tx = self.store.begin().await?;
        let hash = SecretHash::of(&Secret::new(wish.secret.clone()));
        let token = tx.token_take(&hash, now).await?.ok_or(JoinError::Token)?;
        let branch = tx
            .branch_fetch(token.branch_id)
            .await?
            .ok_or(JoinError::Token)?;
        let wanted = AgentRequest {
            csr_der: &wish.request,
            agent: id,
            branch: &branch.code,
            days: CERTIFICATE_DAYS,
        };
        let issued = self.authority.issue_agent(&wanted, now)?;
        let host: String = wish
            .host
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        tx.agent_insert(&NewAgent {
            id,
            branch_id: branch.id,
            key_fingerprint: *issued.key.bytes(),
            host: &host,
            version: &wish.agent_version.chars().take(100).collect::<String>(),
            joined_at: now,
            certificate_ends: issued.not_after,
        })
        .await?;
        tx.commit().await?;
        self.admitted.admit(issued.key);
        let chain = issued
            .chain
            .iter()
            .map(|certificate| certificate.to_vec())
            .collect();
        Ok(Joined {
            agent_id: id.to_string(),
            branch: branch.code,
            chain,
        })
    }
}

fn refusal(error: &JoinError) -> Result<Frame, codec::EncodeError> {
    let reason = match error {
        JoinError::Token => 0,
        JoinError::Request(_) | JoinError::Insert(AgentInsertError::KeyKnown) => 1,
        JoinError::Insert(AgentInsertError::Store(_)) | JoinError::Store(_) => 2,
    };
    codec::to_frame(
        MessageType::JoinRefused.number(),
        1,
        &JoinRefused { reason },
    )
}
