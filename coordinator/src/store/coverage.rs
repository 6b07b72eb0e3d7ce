//! Measured ranges, holes and vanished footage of cameras.
//!
//! A hole is one row however long it is; one that was filled keeps its row. What lies outside the
//! measured ranges is unknown. Whether a hole is a gap is not decided here.

use keepwatch_common::interval::Interval;
use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Reader, Tx};
use super::error::StoreError;

/// A stretch of one camera's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CameraSpan {
    /// Which camera.
    pub camera_id: i64,
    /// When.
    pub span: Interval,
}

/// One camera and UTC day: what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SliceRow {
    /// Which camera.
    pub camera_id: i64,
    /// Days since 1970 in UTC.
    pub day: i32,
    /// The measured part of the day.
    pub measured: Interval,
}

/// A hole that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HoleRow {
    /// Whose, and when.
    pub at: CameraSpan,
    /// When it was told first, by our clock.
    pub seen_at_ms: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct SpanFound {
    camera_id: i64,
    start_ms: i64,
    end_ms: i64,
    noted_ms: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct SliceFound {
    camera_id: i64,
    day: i64,
    measured_start_ms: i64,
    measured_end_ms: i64,
}

impl Reader {
    /// The standing holes that touch these stretches, ends included. A hole that touches several is
    /// given several times.
    pub async fn holes_touching(
        &mut self,
        spans: &[CameraSpan],
    ) -> Result<Vec<HoleRow>, StoreError> {
        let found: Vec<SpanFound> = self
            .batch_fetch(
                "holes_touching",
                &span_batch(spans),
                "SELECT holes.camera_id, holes.start_ms, holes.end_ms, holes.seen_at_ms AS noted_ms
                 FROM batch JOIN holes ON holes.camera_id = batch.camera_id
                  AND holes.start_ms <= batch.end_ms AND holes.end_ms >= batch.start_ms
                 WHERE holes.filled_at_ms = 0",
            )
            .await?;
        found.into_iter().map(|row| row.read("holes")).collect()
    }

    /// Vanished footage that overlaps these stretches.
    pub async fn vanished_within(
        &mut self,
        spans: &[CameraSpan],
    ) -> Result<Vec<HoleRow>, StoreError> {
        let found: Vec<SpanFound> = self
            .batch_fetch(
                "vanished_within",
                &span_batch(spans),
                "SELECT vanished.camera_id, vanished.start_ms, vanished.end_ms,
                   vanished.noticed_ms AS noted_ms
                 FROM batch JOIN vanished ON vanished.camera_id = batch.camera_id
                  AND vanished.start_ms < batch.end_ms AND vanished.end_ms > batch.start_ms",
            )
            .await?;
        found.into_iter().map(|row| row.read("vanished")).collect()
    }

    /// What was measured of the days that these stretches touch.
    pub async fn slices_within(
        &mut self,
        spans: &[CameraSpan],
    ) -> Result<Vec<SliceRow>, StoreError> {
        let found: Vec<SliceFound> = self
            .batch_fetch(
                "slices_within",
                &span_batch(spans),
                "SELECT slices.camera_id, slices.day, slices.measured_start_ms,
                   slices.measured_end_ms
                 FROM batch JOIN slices ON slices.camera_id = batch.camera_id
                  AND slices.day >= batch.start_ms / 86400000
                  AND slices.day <= batch.end_ms / 86400000",
            )
            .await?;
        found.into_iter().map(SliceFound::read).collect()
    }
}

impl Tx {
    /// Keeps measured ranges; each camera and day at most once.
    pub async fn slices_keep(&mut self, slices: &[SliceRow]) -> Result<(), StoreError> {
        let batch = Batch::over(slices)
            .column("camera_id", |one| one.camera_id)
            .column("day", |one| i64::from(one.day))
            .column("start_ms", |one| one.measured.start().ms())
            .column("end_ms", |one| one.measured.end().ms());
        self.batch_execute(
            "slices_keep",
            &batch,
            "INSERT INTO slices (camera_id, day, measured_start_ms, measured_end_ms)
             SELECT camera_id, day, start_ms, end_ms FROM batch WHERE true
             ON CONFLICT (camera_id, day) DO UPDATE
             SET measured_start_ms = excluded.measured_start_ms,
                 measured_end_ms = excluded.measured_end_ms",
        )
        .await?;
        Ok(())
    }

    /// Enters holes, or moves the end of those that begin at the same instant.
    pub async fn holes_keep(&mut self, holes: &[HoleRow]) -> Result<(), StoreError> {
        let batch = Batch::over(holes)
            .column("camera_id", |one| one.at.camera_id)
            .column("start_ms", |one| one.at.span.start().ms())
            .column("end_ms", |one| one.at.span.end().ms())
            .column("seen_at_ms", |one| one.seen_at_ms);
        self.batch_execute(
            "holes_keep",
            &batch,
            "INSERT INTO holes (camera_id, start_ms, end_ms, seen_at_ms, filled_at_ms)
             SELECT camera_id, start_ms, end_ms, seen_at_ms, 0 FROM batch WHERE true
             ON CONFLICT (camera_id, start_ms, filled_at_ms) DO UPDATE
             SET end_ms = excluded.end_ms",
        )
        .await?;
        Ok(())
    }

    /// Holes that late footage filled, or that became part of a longer one.
    pub async fn holes_fill(
        &mut self,
        holes: &[CameraSpan],
        now: Instant,
    ) -> Result<(), StoreError> {
        let batch = Batch::over(holes)
            .column("camera_id", |one| one.camera_id)
            .column("start_ms", |one| one.span.start().ms())
            .column("now_ms", |_| now.ms());
        // Filled twice in one millisecond: the first word stands.
        self.batch_execute(
            "holes_fill",
            &batch,
            "DELETE FROM holes WHERE filled_at_ms <> 0 AND EXISTS (
               SELECT 1 FROM batch WHERE batch.camera_id = holes.camera_id
                AND batch.start_ms = holes.start_ms AND batch.now_ms = holes.filled_at_ms)",
        )
        .await?;
        self.batch_execute(
            "holes_fill",
            &batch,
            "UPDATE holes SET filled_at_ms = batch.now_ms FROM batch
             WHERE holes.camera_id = batch.camera_id AND holes.start_ms = batch.start_ms
               AND holes.filled_at_ms = 0",
        )
        .await?;
        Ok(())
    }

    /// Keeps what vanished.
    pub async fn vanished_keep(&mut self, gone: &[HoleRow]) -> Result<(), StoreError> {
        let batch = Batch::over(gone)
            .column("camera_id", |one| one.at.camera_id)
            .column("start_ms", |one| one.at.span.start().ms())
            .column("end_ms", |one| one.at.span.end().ms())
            .column("noticed_ms", |one| one.seen_at_ms);
        self.batch_execute(
            "vanished_keep",
            &batch,
            "INSERT INTO vanished (camera_id, start_ms, end_ms, noticed_ms)
             SELECT camera_id, start_ms, end_ms, noticed_ms FROM batch WHERE true
             ON CONFLICT (camera_id, start_ms, noticed_ms) DO NOTHING",
        )
        .await?;
        Ok(())
    }
}

fn span_batch(spans: &[CameraSpan]) -> Batch<'_, CameraSpan> {
    Batch::over(spans)
        .column("camera_id", |one| one.camera_id)
        .column("start_ms", |one| one.span.start().ms())
        .column("end_ms", |one| one.span.end().ms())
}

impl SpanFound {
    fn read(self, table: &'static str) -> Result<HoleRow, StoreError> {
        let span = Interval::new(
            Instant::from_ms(self.start_ms),
            Instant::from_ms(self.end_ms),
        )
        .ok_or_else(|| {
            StoreError::corrupt(
                table,
                "end_ms",
                &format!("{}/{}", self.camera_id, self.start_ms),
            )
        })?;
        let at = CameraSpan {
            camera_id: self.camera_id,
            span,
        };
        Ok(HoleRow {
            at,
            seen_at_ms: self.noted_ms,
        })
    }
}

impl SliceFound {
    fn read(self) -> Result<SliceRow, StoreError> {
        let corrupt = |column| {
            StoreError::corrupt(
                "slices",
                column,
                &format!("{}/{}", self.camera_id, self.day),
            )
        };
        let measured = Interval::new(
            Instant::from_ms(self.measured_start_ms),
            Instant::from_ms(self.measured_end_ms),
        )
        .ok_or_else(|| corrupt("measured_end_ms"))?;
        let day = i32::try_from(self.day).map_err(|_| corrupt("day"))?;
        Ok(SliceRow {
            camera_id: self.camera_id,
            day,
            measured,
        })
    }
}
