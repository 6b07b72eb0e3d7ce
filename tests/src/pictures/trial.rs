//! A camera's weeks, judged as the agent judges them: every verdict on a healthy camera is false,
//! and every fault that is put in must be found, and be over when it is.

use keepwatch_agent::picture::mask::Masks;
use keepwatch_agent::picture::sample::Sample;
use keepwatch_agent::picture::verdict::{
    Camera, Change, Check, Light, MemoryError, Moment, References, Standing,
};
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

use super::fault::{FAULTS, Fault};
use super::scene::Scene;

/// How a trial is done.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// Width and height of the pictures.
    pub size: (usize, usize),
    /// Between two pictures.
    pub step_ms: i64,
}

/// A verdict on a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Instant,
    /// Which.
    pub change: Change,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Which was put in.
    pub fault: Fault,
    /// Whether its check said so while it lasted.
    pub found: bool,
    /// Whether every verdict had ended some hours after it was over.
    pub over: bool,
}

/// The day on which a person approves the views that are proposed.
const APPROVED_DAY: i64 = 4;

/// The hour at which faults begin, how long they last, and how long afterwards all must be well: a
/// place that is dark by night is judged again by day.
const FAULT_HOUR: i64 = 9;
const FAULT_HOURS: i64 = 7;
const AFTER_HOURS: i64 = 24;

/// Pictures are narrow here: nobody looks at them.
const RASTER_WIDTH: u16 = 64;

/// A camera in its place, as of some moment.
#[derive(Debug, Clone)]
struct Watched {
    scene: Scene,
    camera: Camera,
    references: References,
    masks: Masks,
}

impl Trial {
    /// Every change of standing on a healthy camera over some days.
    pub fn healthy(&self, scene: Scene, days: i64) -> Vec<Told> {
        let mut watched = Watched::new(scene);
        watched.live(self, Instant::EPOCH, days * DAY_MS, None)
    }

    /// Each fault by itself, on a camera that was healthy for some days before.
    pub fn faults(&self, scene: Scene, days: i64) -> Result<Vec<Outcome>, MemoryError> {
        let mut watched = Watched::new(scene);
        watched.live(self, Instant::EPOCH, days * DAY_MS, None);
        let begin = days * DAY_MS;
        watched.live(self, Instant::from_ms(begin), FAULT_HOUR * HOUR_MS, None);
        let begin = Instant::from_ms(begin + FAULT_HOUR * HOUR_MS);
        FAULTS
            .iter()
            .map(|fault| Ok(watched.restarted()?.suffer(self, begin, *fault)))
            .collect()
    }
}

impl Watched {
    fn new(scene: Scene) -> Self {
        Self {
            scene,
            camera: Camera::new(),
            references: References::default(),
            masks: Masks::default(),
        }
    }

    /// The same after the agent was stopped and started.
    fn restarted(&self) -> Result<Self, MemoryError> {
        let text = self.camera.memory().map_err(MemoryError::Text)?;
        let camera = Camera::remember(&text)?;
        Ok(Self {
            camera,
            ..self.clone()
        })
    }

    fn suffer(mut self, trial: &Trial, from: Instant, fault: Fault) -> Outcome {
        let wrong = |told: &Told| told.change.fault && fault.checks().contains(&told.change.check);
        let told = self.live(trial, from, FAULT_HOURS * HOUR_MS, Some((fault, from)));
        let after = Instant::from_ms(from.ms() + FAULT_HOURS * HOUR_MS);
        self.live(trial, after, AFTER_HOURS * HOUR_MS, None);
        let end = Instant::from_ms(after.ms() + AFTER_HOURS * HOUR_MS);
        Outcome {
            fault,
            found: told.iter().any(wrong),
            over: !self.is_faulty(end),
        }
    }

    fn is_faulty(&self, now: Instant) -> bool {
        let standing = |check: &Check| self.camera.standing(*check, now);
        let mut all = keepwatch_agent::picture::verdict::CHECKS
            .iter()
            .map(standing);
        all.any(|standing| matches!(standing, Standing::Fault { .. }))
    }

    /// Lets time pass from an instant on.
    fn live(
        &mut self,
        trial: &Trial,
        from: Instant,
        ms: i64,
        fault: Option<(Fault, Instant)>,
    ) -> Vec<Told> {
        let mut told = Vec::new();
        for step in 0..ms / trial.step_ms {
            let at = Instant::from_ms(from.ms() + step * trial.step_ms);
            let picture = self.scene.picture(at, trial.size, fault);
            let sample = Sample::of(&picture, &self.masks, RASTER_WIDTH);
            let hour = at.ms().rem_euclid(DAY_MS) / HOUR_MS;
            let moment = Moment {
                at,
                hour: u8::try_from(hour).unwrap_or(0),
            };
            let changes = self
                .camera
                .see(&sample, moment, &self.references, &self.masks);
            told.extend(changes.into_iter().map(|change| Told { at, change }));
            if at.ms() == APPROVED_DAY * DAY_MS {
                self.references = References {
                    day: self.camera.proposal(Light::Day),
                    night: self.camera.proposal(Light::Night),
                };
            }
        }
        told
    }
}
