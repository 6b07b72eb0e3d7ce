//! Joining with a token and renewing a certificate, version 1.

use serde::{Deserialize, Serialize};

/// A stranger asks to join.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The token's secret.
    pub secret: String,
    /// A certificate signing request, DER.
    pub request: Vec<u8>,
    /// The agent's version.
    pub agent_version: String,
    /// The machine's name, for people only.
    pub host: String,
}

impl std::fmt::Debug for Join {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secret must not reach a log.
        write!(
            f,
            "Join {{ host: {:?}, agent_version: {:?} }}",
            self.host, self.agent_version
        )
    }
}

/// The stranger is an agent now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// Its id.
    pub agent_id: String,
    /// Its branch's code.
    pub branch: String,
    /// Its certificate and those above it, DER, its own first.
    pub chain: Vec<Vec<u8>>,
}

/// The stranger may not join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRefused {
    /// 0 the token is unknown, used up or expired; 1 the request is no good; 2 come again later.
    pub reason: u8,
}

/// An agent asks for a new certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renew {
    /// A certificate signing request with a new key, DER.
    pub request: Vec<u8>,
}

/// The new certificate: a candidate until the agent has connected with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// The certificate and those above it, DER, its own first; empty when refused.
    pub chain: Vec<Vec<u8>>,
}
