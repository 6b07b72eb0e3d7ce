//! Moonfire's folder: samples without a container, one file a recording, and a database that alone
//! tells whose they are and of when.
//!
//! The tables are those of its seventh version, as far as somebody who only reads recordings needs.

use std::path::Path;

use keepwatch_common::time::SECOND_MS;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{Laid, LayError, Place, Recorder, put};
use crate::branch::bare;
use crate::branch::damage::{Kind, Made, State};
use crate::branch::media::{Container, MINUTE_S};
use crate::branch::scenario::{Fault, Scenario};
use crate::branch::take::{Condition, Take};

/// Ticks of its clock in a second.
const TICKS: i64 = 90_000;

/// What of its database is needed to read recordings.
const SCHEMA: &str = "
    create table meta (uuid blob not null, config text);
    create table version (id integer primary key, unix_time integer not null, notes text);
    insert into version values (7, 0, 'made');
    create table open (id integer primary key, uuid blob unique not null);
    insert into open values (1, randomblob(16));
    create table sample_file_dir (
        id integer primary key, uuid blob unique not null, config text,
        last_complete_open_id integer references open (id));
    create table camera (
        id integer primary key, uuid blob unique not null,
        short_name text not null, config text not null);
    create table stream (
        id integer primary key, camera_id integer not null references camera (id),
        sample_file_dir_id integer references sample_file_dir (id),
        type text not null check (type in ('main', 'sub', 'ext')), config text not null,
        cum_recordings integer not null, cum_media_duration_90k integer not null,
        cum_runs integer not null, unique (camera_id, type));
    create table recording (
        composite_id integer primary key, open_id integer not null references open (id),
        stream_id integer not null references stream (id), run_offset integer not null,
        flags integer not null, sample_file_bytes integer not null,
        start_time_90k integer not null, prev_media_duration_90k integer not null,
        prev_runs integer not null, wall_duration_90k integer not null,
        media_duration_delta_90k integer not null, video_samples integer not null,
        video_sync_samples integer not null, video_sample_entry_id integer, end_reason text,
        check (composite_id >> 32 = stream_id));
    create index recording_cover on recording (stream_id, start_time_90k);";

/// Moonfire's usual folder: `db/db` and `sample`.
#[derive(Debug, Clone, Copy)]
pub struct Moonfire;

impl Recorder for Moonfire {
    fn name(&self) -> &'static str {
        "moonfire"
    }

    fn place(&self, folder: &Path) -> Place {
        Place {
            root: folder.join("sample"),
            layout: "moonfire".to_owned(),
            zone: None,
            index: Some(folder.join("db/db")),
        }
    }

    fn container(&self) -> Container {
        Container::Bare
    }

    fn shows(&self, fault: &Fault) -> bool {
        !matches!(fault, Fault::Look(..) | Fault::ThinnedBefore)
    }

    fn camera(&self, name: &str, _nth: usize) -> String {
        format!("{name}/main")
    }

    fn lay(&self, folder: &Path, scenario: &Scenario) -> Result<Vec<Laid>, LayError> {
        let mut laid = Vec::new();
        let mut rows = Vec::new();
        let cameras = scenario.takes();
        for (stream, (camera, takes)) in (1_i64..).zip(&cameras) {
            for (number, take) in (0_i64..).zip(takes) {
                let id = stream << 32 | number;
                let path = format!("{id:016x}");
                let made = samples(take);
                put(&folder.join("sample").join(&path), take, &made)?;
                // What was being written when it was killed is not in the database yet.
                if !take.is_closed() {
                    continue;
                }
                rows.push((stream, id, take.clone()));
                if take.condition != Condition::Gone {
                    let camera = self.camera(camera, 0);
                    laid.push(Laid::of(camera, path, take, &made, true));
                }
            }
        }
        let names: Vec<_> = cameras.into_iter().map(|(camera, _)| camera).collect();
        fs_err::write(folder.join("sample/meta"), meta())?;
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(write(folder, &names, &rows))?;
        Ok(laid)
    }
}

/// The names of the database and of the folder, by which they know each other.
const DATABASE: [u8; 16] = *b"kw database 0001";
const FOLDER: [u8; 16] = *b"kw folder 000001";

/// The file in which the folder says so: a message of two fields, its length before it.
fn meta() -> Vec<u8> {
    let mut meta = vec![36, 0x0a, 16];
    meta.extend_from_slice(&DATABASE);
    meta.extend_from_slice(&[0x12, 16]);
    meta.extend_from_slice(&FOLDER);
    meta.resize(512, 0);
    meta
}

/// The samples of a take, of which size alone tells whether they are whole.
fn samples(take: &Take) -> Made {
    let kept = match take.condition {
        Condition::Empty => 0,
        Condition::Cut | Condition::Killed | Condition::Open => bare::MINUTE.len() / 2,
        _ => bare::MINUTE.len(),
    };
    let (state, fault) = match take.condition {
        Condition::Empty => (State::Corrupt, Some(Kind::Empty)),
        Condition::Cut => (State::Corrupt, Some(Kind::Truncated)),
        _ => (State::Sealed, None),
    };
    Made {
        bytes: bare::MINUTE[..kept].into(),
        state,
        fault,
        media_s: (state == State::Sealed).then_some(MINUTE_S),
    }
}

async fn write(
    folder: &Path,
    cameras: &[String],
    rows: &[(i64, i64, Take)],
) -> Result<(), LayError> {
    let path = folder.join("db");
    fs_err::create_dir_all(&path)?;
    let options = SqliteConnectOptions::new()
        .filename(path.join("db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Delete);
    let mut database = options.connect().await?;
    let mut writing = database.begin().await?;
    sqlx::raw_sql(SCHEMA).execute(&mut *writing).await?;
    let config = serde_json::json!({ "path": folder.join("sample") }).to_string();
    sqlx::query("insert into meta values ($1, '{}')")
        .bind(&DATABASE[..])
        .execute(&mut *writing)
        .await?;
    sqlx::query("insert into sample_file_dir values (1, $1, $2, 1)")
        .bind(&FOLDER[..])
        .bind(config)
        .execute(&mut *writing)
        .await?;
    for (id, camera) in (1_i64..).zip(cameras) {
        stream(&mut writing, id, camera).await?;
    }
    for (stream, id, take) in rows {
        recording(&mut writing, *stream, *id, take).await?;
    }
    writing.commit().await?;
    Ok(database.close().await?)
}

async fn stream(writing: &mut SqliteConnection, id: i64, camera: &str) -> Result<(), sqlx::Error> {
    sqlx::query("insert into camera values ($1, randomblob(16), $2, '{}')")
        .bind(id)
        .bind(camera)
        .execute(&mut *writing)
        .await?;
    sqlx::query("insert into stream values ($1, $1, 1, 'main', '{}', 0, 0, 0)")
        .bind(id)
        .execute(writing)
        .await?;
    Ok(())
}

async fn recording(
    writing: &mut SqliteConnection,
    stream: i64,
    id: i64,
    take: &Take,
) -> Result<(), sqlx::Error> {
    let bytes = i64::try_from(bare::MINUTE.len()).unwrap_or(i64::MAX);
    sqlx::query(
        "insert into recording values
           ($1, 1, $2, 0, 0, $3, $4, 0, 0, $5, $6, 120, 12, null, null)",
    )
    .bind(id)
    .bind(stream)
    .bind(bytes)
    .bind(take.start.ms() / SECOND_MS * TICKS)
    .bind(take.wall_s * TICKS)
    .bind((MINUTE_S - take.wall_s) * TICKS)
    .execute(writing)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;

    use super::*;

    #[test]
    fn every_recording_has_its_samples() {
        let folder = tempfile::tempdir().unwrap();
        let scenario = Scenario::healthy(Instant::from_s(1_700_000_000), 3_600);
        let laid = Moonfire.lay(folder.path(), &scenario).unwrap();
        assert_eq!(laid.len(), 2 * 59);
        assert_eq!(laid[0].path, "0000000100000000");
        assert!(
            laid.iter()
                .all(|one| folder.path().join("sample").join(&one.path).is_file())
        );
    }
}
