//! Recorders whose names tell everything: a path for closed files, another for those being written.
//!
//! A path is written with the calendar's `%Y %m %d %H %M %S %f %p %s` in the recorder's zone, with
//! `{camera}`, `{nth}` (the camera's number), `{event}` (the file's), `{length}` (milliseconds) and
//! `{end}` (the end's time of day, with dots).

use std::path::Path;

use jiff::fmt::strtime;
use keepwatch_common::time::{Instant, SECOND_MS, Zone};

use super::{Laid, LayError, Place, Recorder, dice, put};
use crate::branch::damage::made;
use crate::branch::media::Container;
use crate::branch::scenario::{Fault, Scenario};
use crate::branch::take::{Condition, Take};

/// A recorder that keeps no book.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    /// What it is called here.
    pub name: &'static str,
    /// The layout's name for the agent.
    pub layout: &'static str,
    /// The zone of its names; UTC where it needs none.
    pub zone: Option<&'static str>,
    /// What it writes.
    pub container: Container,
    /// The folders between what people call its folder and its root.
    pub inner: &'static str,
    /// The camera in its own words, as a path is written.
    pub camera: &'static str,
    /// The path of a closed file.
    pub closed: &'static str,
    /// The path of a file that is being written; the same where nothing tells.
    pub open: &'static str,
    /// Whether it tells how long it recorded by the wall's clock.
    pub tells_wall: bool,
}

impl Recorder for Tree {
    fn name(&self) -> &str {
        self.name
    }

    fn place(&self, folder: &Path) -> Place {
        Place {
            root: folder.to_owned(),
            layout: self.layout.to_owned(),
            zone: self.zone.map(str::to_owned),
            index: None,
        }
    }

    fn container(&self) -> Container {
        self.container
    }

    fn shows(&self, fault: &Fault) -> bool {
        match fault {
            Fault::SlowCamera { .. } => self.tells_wall,
            Fault::Look(..) | Fault::ThinnedBefore => self.container.has_looks(),
            _ => true,
        }
    }

    fn camera(&self, name: &str, nth: usize) -> String {
        filled(self.camera, name, nth)
    }

    fn lay(&self, folder: &Path, scenario: &Scenario) -> Result<Vec<Laid>, LayError> {
        let mut laid = self.lay_in_order(folder, scenario)?;
        laid.sort_by(|one, other| one.path.split('/').cmp(other.path.split('/')));
        Ok(laid)
    }
}

impl Tree {
    /// Lays the files below the folder, in the order in which they were begun.
    pub fn lay_in_order(&self, folder: &Path, scenario: &Scenario) -> Result<Vec<Laid>, LayError> {
        let mut laid = Vec::new();
        for (nth, (camera, takes)) in scenario.takes().iter().enumerate() {
            for take in takes {
                laid.extend(self.add(folder, scenario, (camera, nth), take)?);
            }
        }
        Ok(laid)
    }

    /// Lays one file, as a recorder that is running does; nothing is told of one that is gone again.
    pub fn add(
        &self,
        folder: &Path,
        scenario: &Scenario,
        (camera, nth): (&str, usize),
        take: &Take,
    ) -> Result<Option<Laid>, LayError> {
        let path = self.path(camera, nth, take)?;
        let mut dice = dice(scenario, take);
        let made = made(self.container, take.look, take.condition, &mut dice);
        put(&folder.join(self.inner).join(&path), take, &made)?;
        if take.condition == Condition::Gone {
            return Ok(None);
        }
        let camera = self.camera(camera, nth);
        let one = Laid::of(camera, path, take, &made, self.tells_wall);
        let told = self.open != self.closed;
        Ok(Some(if told {
            one.named_open(take, &made)
        } else {
            one
        }))
    }

    /// The path of a file below the recorder's root.
    pub fn path(&self, camera: &str, nth: usize, take: &Take) -> Result<String, LayError> {
        let path = if take.is_closed() {
            self.closed
        } else {
            self.open
        };
        let start = self.told(path, take.start)?;
        let end = self.told("%H.%M.%S", take.end())?;
        let length = (take.wall_s * SECOND_MS).to_string();
        let path = start
            .replace("{end}", &end)
            .replace("{length}", &length)
            .replace("{event}", &take.number.to_string());
        Ok(filled(&path, camera, nth))
    }

    /// A moment as its clock on the wall shows it.
    fn told(&self, format: &str, at: Instant) -> Result<String, LayError> {
        let zone = self.zone.and_then(|name| Zone::named(name).ok());
        let zone = zone.unwrap_or_else(Zone::utc).time_zone().clone();
        Ok(strtime::format(
            format,
            &at.timestamp().to_zoned_datetime(zone),
        )?)
    }
}

fn filled(path: &str, camera: &str, nth: usize) -> String {
    path.replace("{camera}", camera)
        .replace("{nth}", &(nth + 1).to_string())
}
