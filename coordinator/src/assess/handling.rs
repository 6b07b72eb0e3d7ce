//! What a person does to an alert, written down in the caller's transaction.
//!
//! Whether they may is settled before; what the act means is the domain's.

use keepwatch_common::time::Instant;

use super::rows::{alert_read, state_of};
use crate::domain::alert::{Act, HandlingError};
use crate::store::alerts::AlertRow;
use crate::store::findings::OfAlert;
use crate::store::{StoreError, Tx};

/// An act on an alert.
#[derive(Debug, Clone)]
pub struct Handled<'a> {
    /// Which alert.
    pub alert_id: i64,
    /// What is done.
    pub act: Act,
    /// Who does it.
    pub by: &'a str,
    /// What they say about it.
    pub note: Option<&'a str>,
    /// When.
    pub at: Instant,
    /// When the alert had changed last as they saw it; none when they do not say.
    pub seen: Option<i64>,
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// There is no such alert.
    #[error("there is no alert {id}")]
    Unknown {
        /// Its number.
        id: i64,
    },
    /// It changed since the person looked.
    #[error("alert {id} changed meanwhile; look at how it stands now, then do it again")]
    Stale {
        /// Its number.
        id: i64,
    },
    /// The alert is not in a state for it.
    #[error(transparent)]
    Refused(#[from] HandlingError),
    /// The store fails.
    #[error("the store does not take the act")]
    Store(#[from] StoreError),
}

/// Does it; the alert as it stands afterwards.
pub async fn handle_alert(tx: &mut Tx, done: Handled<'_>) -> Result<AlertRow, HandleError> {
    let id = done.alert_id;
    let unknown = || HandleError::Unknown { id };
    let seen = tx.alert_fetch(id).await?.ok_or_else(unknown)?;
    // Judging may be at work on the same alert: it holds the branch, so wait for it and look again.
    tx.branches_lock(&[seen.branch_id]).await?;
    let row = tx.alert_fetch(id).await?.ok_or_else(unknown)?;
    if done
        .seen
        .is_some_and(|seen| seen != row.state.changed_at_ms)
    {
        return Err(HandleError::Stale { id });
    }
    let alert = alert_read(&columns(&row)).ok_or_else(unknown)?;
    let alert = alert.handled(done.act, done.by, done.at)?;
    tx.alert_update(id, &state_of(&alert)).await?;
    tx.alert_event_insert(id, done.at, done.by, alert.handling.word(), done.note)
        .await?;
    Ok(tx.alert_fetch(id).await?.unwrap_or(row))
}

/// The alert's columns under the names they have beside a finding.
fn columns(row: &AlertRow) -> OfAlert {
    let state = row.state.clone();
    OfAlert {
        condition: state.condition,
        handling: state.handling,
        alert_since_ms: state.since_ms,
        alert_changed_at_ms: state.changed_at_ms,
        handled_by: state.handled_by,
        assigned_to: state.assigned_to,
        snoozed_until_ms: state.snoozed_until_ms,
    }
}
