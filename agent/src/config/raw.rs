//! The configuration file as it is written, and its way to a checked one.
//!
//! Long because every field of the file is read in one place.

use std::path::PathBuf;

use keepwatch_common::model::name::Name;
use keepwatch_common::time::{DAY_MS, MINUTE_MS, SECOND_MS, Zone};
use serde::Deserialize;

use super::error::FieldError;
use super::settings::{
    Camera, Config, HoldBounds, Pace, Recorder, SpoolBounds, Vault, Volume, Watched,
};
use super::volume_id::VolumeId;
use keepwatch_common::limits::HOLDS_MAX;

const MEBIBYTE: u64 = 1024 * 1024;

type Refused = (String, FieldError);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    state: PathBuf,
    log: Option<String>,
    #[serde(default)]
    pace: RawPace,
    #[serde(default)]
    spool: RawSpool,
    #[serde(default)]
    recorder: Vec<RawRecorder>,
    #[serde(default)]
    camera: Vec<RawCamera>,
    #[serde(default)]
    volume: Vec<RawVolume>,
    #[serde(default)]
    watch: Vec<RawWatch>,
    #[serde(default)]
    hold: RawHold,
    #[serde(default)]
    vault: Vec<RawVault>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawPace {
    files_per_second: u64,
    reconcile_minutes: u64,
    coverage_step_seconds: u64,
    look_seconds: u64,
}

impl Default for RawPace {
    fn default() -> Self {
        Self {
            files_per_second: 20_000,
            reconcile_minutes: 60,
            coverage_step_seconds: 900,
            look_seconds: 30,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawSpool {
    megabytes: u64,
    days: u64,
    free_floor_megabytes: u64,
}

impl Default for RawSpool {
    fn default() -> Self {
        Self {
            megabytes: 256,
            days: 60,
            free_floor_megabytes: 2_048,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawHold {
    count: u64,
    megabytes_per_second: u64,
    verify_days: u64,
    release_grace_days: u64,
}

impl Default for RawHold {
    fn default() -> Self {
        Self {
            count: 64,
            megabytes_per_second: 8,
            verify_days: 7,
            release_grace_days: 30,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVault {
    path: PathBuf,
    volume: String,
    megabytes: u64,
    #[serde(default = "vault_floor")]
    free_floor_megabytes: u64,
}

fn vault_floor() -> u64 {
    2_048
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecorder {
    name: String,
    root: PathBuf,
    layout: String,
    layout_timezone: Option<String>,
    index: Option<PathBuf>,
    #[serde(default = "structure")]
    verify: String,
    alive: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCamera {
    recorder: String,
    name: String,
    alive: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVolume {
    name: String,
    path: PathBuf,
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWatch {
    name: String,
    path: PathBuf,
    #[serde(default = "auto")]
    format: String,
    #[serde(default)]
    secrets: Vec<String>,
}

fn structure() -> String {
    "structure".to_owned()
}

fn auto() -> String {
    "auto".to_owned()
}

impl File {
    pub(super) fn check(self) -> Result<Config, Refused> {
        if self.recorder.is_empty() && self.volume.is_empty() && self.watch.is_empty() {
            return Err(("recorder".to_owned(), FieldError::Nothing));
        }
        Ok(Config {
            log: self.log,
            state: absolute("state", self.state)?,
            pace: self.pace.check()?,
            spool: self.spool.check()?,
            recorders: each("recorder", self.recorder, RawRecorder::check)?,
            cameras: each("camera", self.camera, RawCamera::check)?,
            volumes: each("volume", self.volume, RawVolume::check)?,
            watched: each("watch", self.watch, RawWatch::check)?,
            hold: self.hold.check()?,
            vaults: each("vault", self.vault, RawVault::check)?,
        })
    }
}

fn each<R, T>(
    section: &str,
    raws: Vec<R>,
    check: impl Fn(R, &str) -> Result<T, Refused>,
) -> Result<Vec<T>, Refused> {
    raws.into_iter()
        .enumerate()
        .map(|(index, raw)| check(raw, &format!("{section}[{index}]")))
        .collect()
}

impl RawPace {
    fn check(&self) -> Result<Pace, Refused> {
        let files = range(
            "pace.files_per_second",
            self.files_per_second,
            1,
            10_000_000,
        )?;
        let reconcile = range(
            "pace.reconcile_minutes",
            self.reconcile_minutes,
            1,
            7 * 24 * 60,
        )?;
        let step = range(
            "pace.coverage_step_seconds",
            self.coverage_step_seconds,
            1,
            3_600,
        )?;
        let look = range("pace.look_seconds", self.look_seconds, 1, 3_600)?;
        Ok(Pace {
            files_per_second: u32::try_from(files).unwrap_or(u32::MAX),
            reconcile_ms: reconcile * u64::try_from(MINUTE_MS).unwrap_or(0),
            coverage_step_ms: i64::try_from(step).unwrap_or(0) * SECOND_MS,
            look_ms: look * u64::try_from(SECOND_MS).unwrap_or(0),
        })
    }
}

impl RawSpool {
    fn check(&self) -> Result<SpoolBounds, Refused> {
        let megabytes = range("spool.megabytes", self.megabytes, 1, 64 * 1024)?;
        let days = range("spool.days", self.days, 1, 3_650)?;
        let floor = range(
            "spool.free_floor_megabytes",
            self.free_floor_megabytes,
            0,
            1024 * 1024,
        )?;
        Ok(SpoolBounds {
            bytes_max: megabytes * MEBIBYTE,
            age_ms_max: i64::try_from(days).unwrap_or(0) * DAY_MS,
            free_bytes_min: floor * MEBIBYTE,
        })
    }
}

impl RawHold {
    fn check(&self) -> Result<HoldBounds, Refused> {
        let most = u64::try_from(HOLDS_MAX).unwrap_or(u64::MAX);
        let count = range("hold.count", self.count, 0, most)?;
        let speed = range(
            "hold.megabytes_per_second",
            self.megabytes_per_second,
            1,
            10_000,
        )?;
        let days = |field, value, min| {
            let days = range(field, value, min, 3_650)?;
            Ok(i64::try_from(days).unwrap_or(0) * DAY_MS)
        };
        Ok(HoldBounds {
            count_max: usize::try_from(count).unwrap_or(HOLDS_MAX),
            bytes_per_second: speed * MEBIBYTE,
            verify_ms: days("hold.verify_days", self.verify_days, 1)?,
            release_grace_ms: days("hold.release_grace_days", self.release_grace_days, 0)?,
        })
    }
}

impl RawVault {
    fn check(self, at: &str) -> Result<Vault, Refused> {
        const MEGABYTES_MAX: u64 = 1024 * 1024 * 1024;
        let size = range(&format!("{at}.megabytes"), self.megabytes, 1, MEGABYTES_MAX)?;
        let floor = range(
            &format!("{at}.free_floor_megabytes"),
            self.free_floor_megabytes,
            0,
            MEGABYTES_MAX,
        )?;
        Ok(Vault {
            path: absolute(&format!("{at}.path"), self.path)?,
            volume: Name::new(self.volume)
                .map_err(|error| (format!("{at}.volume"), FieldError::Name(error)))?,
            bytes_max: size * MEBIBYTE,
            free_bytes_min: floor * MEBIBYTE,
        })
    }
}

impl RawRecorder {
    fn check(self, at: &str) -> Result<Recorder, Refused> {
        let verify = match self.verify.as_str() {
            "structure" => true,
            "none" => false,
            _ => {
                let wrong = FieldError::Word {
                    word: self.verify,
                    possible: "structure, none",
                };
                return Err((format!("{at}.verify"), wrong));
            }
        };
        Ok(Recorder {
            name: name(at, self.name)?,
            root: absolute(&format!("{at}.root"), self.root)?,
            layout: self.layout,
            layout_zone: self
                .layout_timezone
                .map(|name| Zone::named(&name))
                .transpose()
                .map_err(|e| (format!("{at}.layout_timezone"), FieldError::Zone(e)))?,
            index: self
                .index
                .map(|path| absolute(&format!("{at}.index"), path))
                .transpose()?,
            verify,
            alive: self.alive,
        })
    }
}

impl RawCamera {
    fn check(self, at: &str) -> Result<Camera, Refused> {
        let recorder = Name::new(self.recorder)
            .map_err(|error| (format!("{at}.recorder"), FieldError::Name(error)))?;
        Ok(Camera {
            recorder,
            name: name(at, self.name)?,
            alive: self.alive,
        })
    }
}

impl RawVolume {
    fn check(self, at: &str) -> Result<Volume, Refused> {
        let path = absolute(&format!("{at}.path"), self.path)?;
        let id = self.id.map(|id| VolumeId::parse(&id)).transpose();
        Ok(Volume {
            name: name(at, self.name)?,
            path,
            id: id.map_err(|error| (format!("{at}.id"), FieldError::VolumeId(error)))?,
        })
    }
}

impl RawWatch {
    fn check(self, at: &str) -> Result<Watched, Refused> {
        const FORMATS: &str = "auto, yaml, toml, json, ini, xml, lines";
        if !FORMATS.split(", ").any(|format| format == self.format) {
            let wrong = FieldError::Word {
                word: self.format,
                possible: FORMATS,
            };
            return Err((format!("{at}.format"), wrong));
        }
        Ok(Watched {
            name: name(at, self.name)?,
            path: absolute(&format!("{at}.path"), self.path)?,
            format: self.format,
            secrets: self.secrets,
        })
    }
}

fn name(at: &str, text: String) -> Result<Name, Refused> {
    Name::new(text).map_err(|error| (format!("{at}.name"), FieldError::Name(error)))
}

fn absolute(field: &str, path: PathBuf) -> Result<PathBuf, Refused> {
    if path.is_absolute() {
        return Ok(path);
    }
    Err((field.to_owned(), FieldError::Relative { path }))
}

fn range(field: &str, value: u64, min: u64, max: u64) -> Result<u64, Refused> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err((field.to_owned(), FieldError::Range { value, min, max }))
}
