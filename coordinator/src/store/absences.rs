//! When a branch could not be seen: its silences and its absent volumes, told by their findings.

use keepwatch_common::interval::Interval;

use super::connection::{Reader, on_both};
use super::error::StoreError;

/// Most absences looked at for one stretch of time: a line that fails every few minutes of a day.
const ABSENCES_MAX: i64 = 500;

/// An absence: an agent that was not heard, or a volume that was not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AbsenceRow {
    /// `agent_silent` or `volume_missing`.
    pub kind: String,
    /// The agent's id or the volume's name.
    pub subject: String,
    /// The numbers, JSON.
    pub evidence: String,
    /// Since when.
    pub since_ms: i64,
    /// Until when; none while it lasts.
    pub closed_at_ms: Option<i64>,
}

impl Reader {
    /// A branch's absences that touch a stretch of time, the newest first.
    pub async fn absence_list(
        &mut self,
        branch_id: i64,
        range: Interval,
    ) -> Result<Vec<AbsenceRow>, StoreError> {
        // By the alerts' index over branches: findings have one only while they are open.
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT findings.kind, findings.subject, findings.evidence, findings.since_ms,
                   findings.closed_at_ms
                 FROM alerts JOIN findings ON findings.id = alerts.finding_id
                 WHERE alerts.branch_id = $1 AND findings.kind IN ('agent_silent', 'volume_missing')
                   AND findings.since_ms < $3
                   AND (findings.closed_at_ms IS NULL OR findings.closed_at_ms > $2)
                 ORDER BY findings.id DESC LIMIT $4",
            )
            .bind(branch_id)
            .bind(range.start().ms())
            .bind(range.end().ms())
            .bind(ABSENCES_MAX)
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("absence_list"))
    }

    /// The agent that tells of a recorder.
    pub async fn recorder_owner(
        &mut self,
        branch_id: i64,
        recorder: &str,
    ) -> Result<Option<String>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar("SELECT agent_id FROM recorders WHERE branch_id = $1 AND name = $2")
                .bind(branch_id)
                .bind(recorder)
                .fetch_optional(c)
                .await
        })
        .map_err(StoreError::during("recorder_owner"))
    }
}
