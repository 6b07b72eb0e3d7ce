//! Keys that let a restarted coordinator tell its agents that it forgot them.
//!
//! An agent whose coordinator was killed goes on sending into connections that nobody knows. QUIC
//! answers such a packet with a stateless reset, and the agent reconnects at once, but only if the
//! new process can make the same reset token *and* recognises the connection id as its own: ids of
//! another making are dropped before resets are thought of. With both keys kept, a killed
//! coordinator is noticed with the next packet; without either, after the idle time.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::ids::{Randomness, nonce, random_bytes};
use quinn::EndpointConfig;
use quinn_proto::HashedConnectionIdGenerator;
use ring::hmac;
use zeroize::Zeroizing;

use crate::authority::folder::{FolderError, PrivateFolder};

/// The file with both keys.
const FILE: &str = "endpoint.keys";

/// Bytes in the key that makes reset tokens.
const RESET_BYTES: usize = 64;

/// Bytes in the key that marks connection ids.
const ID_BYTES: usize = 8;

/// Least time between two resets: the whole fleet is told within ten seconds, where the default of
/// 20 ms would leave most agents to their idle time. A reset is never larger than what caused it,
/// so nothing is amplified.
const MIN_RESET_INTERVAL: Duration = Duration::from_millis(1);

/// The key that makes reset tokens and the key that marks connection ids.
pub struct ResetKeys {
    reset: Zeroizing<[u8; RESET_BYTES]>,
    id: u64,
}

/// Why there are no keys for resets.
#[derive(Debug, thiserror::Error)]
pub enum ResetKeysError {
    /// They could not be read or kept.
    #[error("the keys of the agents' endpoint cannot be kept")]
    Folder(#[from] FolderError),
    /// The file has another length than we write.
    #[error("{path} is damaged; delete it, and agents notice this one restart only after a minute")]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

impl ResetKeys {
    /// The keys kept in the folder; made and kept there the first time.
    pub fn load_or_make(
        folder: &PrivateFolder,
        randomness: &dyn Randomness,
    ) -> Result<Self, ResetKeysError> {
        let Some(bytes) = folder.read(FILE)? else {
            let made = Self {
                reset: Zeroizing::new(random_bytes(randomness)),
                id: nonce(randomness),
            };
            let bytes = Zeroizing::new([made.reset.as_slice(), &made.id.to_le_bytes()].concat());
            folder.write(FILE, &bytes)?;
            return Ok(made);
        };
        parse(&bytes).ok_or_else(|| ResetKeysError::Damaged {
            path: folder.path_of(FILE),
        })
    }

    /// An endpoint configuration with these keys.
    pub(super) fn endpoint_config(&self) -> EndpointConfig {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.reset.as_slice());
        let mut config = EndpointConfig::new(Arc::new(key));
        let id = self.id;
        config.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(id)));
        config.min_reset_interval(MIN_RESET_INTERVAL);
        config
    }
}

impl fmt::Debug for ResetKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResetKeys(…)")
    }
}

/// Reads what was written; `None` when it has another length.
fn parse(bytes: &[u8]) -> Option<ResetKeys> {
    let (reset, id) = bytes.split_first_chunk::<RESET_BYTES>()?;
    let id: [u8; ID_BYTES] = id.try_into().ok()?;
    Some(ResetKeys {
        reset: Zeroizing::new(*reset),
        id: u64::from_le_bytes(id),
    })
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;

    use super::*;

    #[test]
    fn the_keys_are_the_same_after_a_restart() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(scratch.path()).unwrap();
        let load = |seed| ResetKeys::load_or_make(&folder, &Seeded::new(seed)).unwrap();
        let (first, second) = (load(1), load(2));
        assert_eq!(first.reset, second.reset);
        assert_eq!(first.id, second.id);
        assert_ne!(first.id, nonce(&Seeded::new(2)));
    }

    #[test]
    fn a_file_of_another_length_is_refused_with_the_remedy() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(scratch.path()).unwrap();
        for length in [0, RESET_BYTES + ID_BYTES - 1, RESET_BYTES + ID_BYTES + 1] {
            folder.write(FILE, &vec![7; length]).unwrap();
            let error = ResetKeys::load_or_make(&folder, &Seeded::new(1)).unwrap_err();
            assert!(error.to_string().contains("delete it"), "{error}");
        }
    }
}
