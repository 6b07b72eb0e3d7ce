//! What somebody did, into the record: in the same transaction as what they did.
//!
//! Appending holds the record until the transaction ends, so a deed is written last. Its body is for
//! people who look into the record later: names and reasons, never a secret.

use keepwatch_common::time::Instant;
use serde_json::Value;

use super::viewer::Viewer;
use crate::store::deeds::NewDeed;
use crate::store::{StoreError, Tx};

/// Writes a deed down.
pub async fn record(
    tx: &mut Tx,
    at: Instant,
    viewer: &Viewer,
    (verb, subject): (&str, &str),
    body: &Value,
) -> Result<(), StoreError> {
    tx.deed_append(&NewDeed {
        at,
        actor: viewer.name(),
        verb,
        subject,
        body: &body.to_string(),
    })
    .await
    .map(drop)
}
