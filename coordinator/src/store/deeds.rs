//! What people did, each row sealed by the one before.
//!
//! A row's hash covers the hash before it and all its own fields, so a row that is changed, removed
//! or put between breaks the chain from there on. Rows cut off at the end leave a chain that looks
//! whole: only a checkpoint kept elsewhere shows that, so [`Reader::deeds_verify`] takes one.

use keepwatch_common::time::Instant;

use super::connection::{Connection, Reader, Tx, on_both};
use super::digest::{DIGEST_BYTES, Digest, sha256};
use super::error::StoreError;
use super::page::PageRows;

/// What the first deed is sealed with.
const BEGINNING: Digest = [0; DIGEST_BYTES];

/// The number of PostgreSQL's advisory lock that whoever appends holds until the end.
const POSTGRES_APPEND_LOCK: i64 = 0x6b77_6465_6564;

/// A deed to be.
#[derive(Debug, Clone)]
pub struct NewDeed<'a> {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: &'a str,
    /// What, as one word.
    pub verb: &'a str,
    /// To what.
    pub subject: &'a str,
    /// The rest, as JSON.
    pub body: &'a str,
}

/// A deed as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DeedRow {
    /// Its place in the chain, from 1.
    pub sequence: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who did it.
    pub actor: String,
    /// What.
    pub verb: String,
    /// To what.
    pub subject: String,
    /// The rest, as JSON.
    pub body: String,
    /// The hash of the row before.
    pub previous: Vec<u8>,
    /// The hash of this row.
    pub hash: Vec<u8>,
}

/// A place in the chain and the hash there: what is signed and kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which deed.
    pub sequence: i64,
    /// Its hash.
    pub hash: Digest,
}

/// What a walk along the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeedsVerified {
    /// Nothing was changed up to the last deed, none if there is no deed at all.
    Intact {
        /// The last one.
        last: Option<Checkpoint>,
    },
    /// The chain is broken.
    Broken {
        /// The first deed that is not as it was.
        sequence: i64,
        /// How it shows.
        flaw: DeedFlaw,
    },
}

/// How a broken chain shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeedFlaw {
    /// The deed is gone.
    Missing,
    /// It is not sealed with the hash of the one before.
    Unlinked,
    /// Its fields do not give its hash.
    Altered,
    /// It is sealed well and is not the one of the checkpoint: the chain was written anew.
    Replaced,
}

impl Reader {
    /// Deeds by number, newest first, those before `before`.
    pub async fn deed_list(
        &mut self,
        before: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<DeedRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT * FROM deeds WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2")
                .bind(before.unwrap_or(i64::MAX))
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("deed_list"))
    }

    /// Walks the whole chain and stops at the first deed that is not as it was. A deed of the
    /// checkpoint must be there and be the same.
    pub async fn deeds_verify(
        &mut self,
        checkpoint: Option<Checkpoint>,
    ) -> Result<DeedsVerified, StoreError> {
        let mut last = None;
        loop {
            let rows = self.deeds_after(last).await?;
            for row in &rows {
                match verify(row, last, checkpoint) {
                    Ok(here) => last = Some(here),
                    Err((sequence, flaw)) => return Ok(DeedsVerified::Broken { sequence, flaw }),
                }
            }
            if rows.is_empty() {
                break;
            }
        }
        let reached = last.map_or(0, |last| last.sequence);
        if checkpoint.is_some_and(|checkpoint| checkpoint.sequence > reached) {
            return Ok(DeedsVerified::Broken {
                sequence: reached + 1,
                flaw: DeedFlaw::Missing,
            });
        }
        Ok(DeedsVerified::Intact { last })
    }

    async fn deeds_after(&mut self, last: Option<Checkpoint>) -> Result<Vec<DeedRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT * FROM deeds WHERE sequence > $1 ORDER BY sequence LIMIT $2")
                .bind(last.map_or(i64::MIN, |last| last.sequence))
                .bind(PageRows::MOST.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("deeds_after"))
    }
}

impl Tx {
    /// Appends a deed and gives its place. Others who append wait until this transaction ends, so
    /// append last, after every row is locked that is to be.
    pub async fn deed_append(&mut self, deed: &NewDeed<'_>) -> Result<Checkpoint, StoreError> {
        self.deeds_lock().await?;
        let last: Option<(i64, Vec<u8>)> = on_both!(self, c => {
            sqlx::query_as("SELECT sequence, hash FROM deeds ORDER BY sequence DESC LIMIT 1")
                .fetch_optional(c)
                .await
        })
        .map_err(StoreError::during("deed_last"))?;
        let (sequence, previous) = match last {
            None => (1, BEGINNING),
            Some((sequence, hash)) => {
                let hash = Digest::try_from(hash.as_slice())
                    .map_err(|_| StoreError::corrupt("deeds", "hash", &sequence.to_string()))?;
                (sequence + 1, hash)
            }
        };
        let hash = seal(&previous, sequence, deed);
        on_both!(self, c => {
            sqlx::query(
                "INSERT INTO deeds (sequence, at_ms, actor, verb, subject, body, previous, hash)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(sequence)
            .bind(deed.at.ms())
            .bind(deed.actor)
            .bind(deed.verb)
            .bind(deed.subject)
            .bind(deed.body)
            .bind(&previous[..])
            .bind(&hash[..])
            .execute(c)
            .await
            .map(|_| ())
        })
        .map_err(StoreError::during("deed_append"))?;
        Ok(Checkpoint { sequence, hash })
    }

    async fn deeds_lock(&mut self) -> Result<(), StoreError> {
        let Connection::Postgres(transaction) = &mut self.connection else {
            return Ok(());
        };
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(POSTGRES_APPEND_LOCK)
            .execute(&mut **transaction)
            .await
            .map(|_| ())
            .map_err(StoreError::during("deeds_lock"))
    }
}

/// Checks one row against the one before it.
fn verify(
    row: &DeedRow,
    last: Option<Checkpoint>,
    checkpoint: Option<Checkpoint>,
) -> Result<Checkpoint, (i64, DeedFlaw)> {
    let (sequence, previous) = last.map_or((1, BEGINNING), |last| (last.sequence + 1, last.hash));
    if row.sequence != sequence {
        return Err((sequence, DeedFlaw::Missing));
    }
    if row.previous != previous {
        return Err((sequence, DeedFlaw::Unlinked));
    }
    let deed = NewDeed {
        at: Instant::from_ms(row.at_ms),
        actor: &row.actor,
        verb: &row.verb,
        subject: &row.subject,
        body: &row.body,
    };
    let hash = seal(&previous, sequence, &deed);
    if row.hash != hash || row.at_ms != deed.at.ms() {
        return Err((sequence, DeedFlaw::Altered));
    }
    let here = Checkpoint { sequence, hash };
    match checkpoint {
        Some(expected) if expected.sequence == sequence && expected != here => {
            Err((sequence, DeedFlaw::Replaced))
        }
        _ => Ok(here),
    }
}

/// The hash of a deed: numbers in eight bytes, most significant first, each text after its length,
/// so that no two deeds are written alike.
fn seal(previous: &Digest, sequence: i64, deed: &NewDeed<'_>) -> Digest {
    let (sequence, at_ms) = (sequence.to_be_bytes(), deed.at.ms().to_be_bytes());
    let texts = [deed.actor, deed.verb, deed.subject, deed.body];
    let lengths = texts.map(|text| (text.len() as u64).to_be_bytes());
    let mut pieces: Vec<&[u8]> = vec![previous, &sequence, &at_ms];
    for (length, text) in lengths.iter().zip(texts) {
        pieces.push(length);
        pieces.push(text.as_bytes());
    }
    sha256(&pieces)
}

#[cfg(test)]
mod tests {
    use super::super::digest::hex;
    use super::*;

    fn deed<'a>(actor: &'a str, verb: &'a str) -> NewDeed<'a> {
        NewDeed {
            at: Instant::from_s(1_763_900_000),
            actor,
            verb,
            subject: "agent 7",
            body: "{}",
        }
    }

    #[test]
    fn fields_cannot_be_shifted_into_each_other() {
        assert_ne!(
            seal(&BEGINNING, 1, &deed("ab", "c")),
            seal(&BEGINNING, 1, &deed("a", "bc"))
        );
    }

    #[test]
    fn the_seal_never_changes_its_form() {
        // Computed once with another program from the description above.
        assert_eq!(
            hex(&seal(&BEGINNING, 1, &deed("lin", "revoke"))),
            "e4acd6ead76af837d1fb326cf40ce3a064ade72364276f3e33d3422faa71bfd7"
        );
    }
}
