//! Whether a coordinator kept what it acknowledged: its tables are counted after it has stopped.

use super::mix::Expected;
use super::place::Place;
use crate::figures::failure::{Failure, While};

/// The tables do not hold what was acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("the store holds {found} rows of {what}, though {acknowledged} were acknowledged")]
struct NotKept {
    what: &'static str,
    found: i64,
    acknowledged: i64,
}

/// Counts the coordinator's tables.
pub(super) async fn check(place: &Place, expected: Expected) -> Result<(), Failure> {
    let counted: [(&str, &str, i64); 5] = [
        (
            "observations",
            "SELECT CAST(COALESCE(SUM(through), 0) AS BIGINT) FROM lanes",
            expected.observations,
        ),
        (
            "evidence",
            "SELECT COUNT(*) FROM evidence WHERE verdict = 'judged'",
            expected.evidence,
        ),
        (
            "refused observations",
            "SELECT COUNT(*) FROM evidence WHERE verdict <> 'judged'",
            0,
        ),
        (
            "days of cameras",
            "SELECT COUNT(*) FROM slices",
            expected.slices,
        ),
        (
            "damaged files",
            "SELECT COUNT(*) FROM faults",
            expected.faults,
        ),
    ];
    for (what, statement, acknowledged) in counted {
        let doing = "counting what is kept";
        let found = place.number(statement).await.during(doing)?;
        if found != acknowledged {
            let wrong = NotKept {
                what,
                found,
                acknowledged,
            };
            return Err(wrong).during(doing);
        }
    }
    Ok(())
}
