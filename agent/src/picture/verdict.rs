//! What is wrong with a view, and since when: one camera's samples against its own past.
//!
//! A *face*: it uses its children. Pure: it decodes nothing, reads no clock and keeps no file; its
//! memory is handed out as text and taken back. A suspicion becomes a verdict only by lasting, and
//! ends only by staying away. What is not known is never good.

use std::collections::BTreeMap;

use keepwatch_common::time::{HOUR_MS, Instant};
use serde::{Deserialize, Serialize};

mod check;
mod habit;
mod proposal;
mod suspicion;
mod trace;

pub use check::{CHECKS, CLEAR, Check, Persistence, Standing, Why};
pub use habit::{LEARNING_MS, Light};
pub use suspicion::References;

use super::grid::Grid;
use super::mask::Masks;
use super::sample::Sample;
use super::view::View;
use habit::{Habit, Lesson};
use proposal::Proposal;
use suspicion::{Against, Said};
use trace::{Seen, State, Trace};

/// The version of a memory's text.
const VERSION: u32 = 1;

/// Bytes of a memory's text at most: a thousand numbers, and room.
pub const MEMORY_BYTES_MAX: usize = 256 << 10;

/// Two pictures further apart than this are not compared for standing still.
const PAIR_MS_MAX: i64 = HOUR_MS;

/// Two pictures nearer than this are one.
const PAIR_MS_MIN: i64 = 30_000;

/// What is known of one camera's view.
#[derive(Debug, Clone)]
pub struct Camera {
    memory: Memory,
    last: Option<Last>,
    proposals: BTreeMap<Light, Proposal>,
}

/// The picture before.
#[derive(Debug, Clone)]
struct Last {
    at: Instant,
    cells: Grid<u16>,
    edges: Grid<u8>,
    /// Edges of the one before it.
    before: Option<Grid<u8>>,
}

/// What outlives a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Memory {
    version: u32,
    size: Option<(u32, u32)>,
    habit: Habit,
    traces: BTreeMap<Check, Trace>,
    whys: BTreeMap<Check, Why>,
}

/// When a sample was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The instant of the picture.
    pub at: Instant,
    /// The hour of the branch's day, 0 to 23.
    pub hour: u8,
}

/// A check whose standing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub check: Check,
    /// Whether it became a fault, or ended to be one.
    pub fault: bool,
}

/// A memory's text is none.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// It is longer than any.
    #[error(
        "the memory of a camera's view has {bytes} bytes, more than {MEMORY_BYTES_MAX}; it is learned anew"
    )]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// It is not JSON of this form.
    #[error("the memory of a camera's view cannot be read; it is learned anew")]
    Text(#[source] serde_json::Error),
    /// It says what no camera could have taught.
    #[error("the memory of a camera's view is of another version or damaged; it is learned anew")]
    Unsound,
}

impl Camera {
    /// Knows nothing.
    pub fn new() -> Self {
        Self::of(Memory {
            version: VERSION,
            size: None,
            habit: Habit::new(),
            traces: BTreeMap::new(),
            whys: BTreeMap::new(),
        })
    }

    /// From the text of an earlier one.
    pub fn remember(text: &str) -> Result<Self, MemoryError> {
        if text.len() > MEMORY_BYTES_MAX {
            let bytes = text.len();
            return Err(MemoryError::TooLong { bytes });
        }
        let memory: Memory = serde_json::from_str(text).map_err(MemoryError::Text)?;
        let sound = memory.version == VERSION
            && memory.habit.is_sound()
            && memory.traces.values().all(Trace::is_sound);
        if sound {
            Ok(Self::of(memory))
        } else {
            Err(MemoryError::Unsound)
        }
    }

    /// What it knows, as text.
    pub fn memory(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.memory)
    }

    /// Takes in a sample; what changed by it.
    pub fn see(
        &mut self,
        sample: &Sample,
        moment: Moment,
        references: &References,
        masks: &Masks,
    ) -> Vec<Change> {
        if self.memory.size != Some(sample.size) {
            // Another resolution has another sharpness: what was learned says nothing any more.
            let before = self.memory.size.replace(sample.size);
            if before.is_some() {
                self.relearn();
            }
        }
        self.memory.habit.begin(moment.at);
        let counted = masks.counted_cells();
        let last = self.last_within(moment.at);
        let steady = steady(&sample.edges, last);
        let against = Against {
            habit: &self.memory.habit,
            learning: self.memory.habit.is_learning(moment.at),
            hour: moment.hour,
            references,
            counted: &counted,
            liveliness: last
                .map(|last| suspicion::liveliness(&last.cells, &sample.cells, &counted)),
            steady: &steady,
        };
        let said: Vec<_> = CHECKS
            .map(|check| (check, suspicion::say(check, sample, &against)))
            .into();
        let liveliness = against.liveliness;
        let changes = self.settle(&said, moment.at);
        if self.is_healthy(&said) {
            self.learn(sample, moment, liveliness);
        }
        let age = self.last.as_ref().map(|last| moment.at.since(last.at));
        if age.is_none_or(|age| !(0..PAIR_MS_MIN).contains(&age)) {
            let before = self.last.take().map(|last| last.edges);
            self.last = Some(Last {
                at: moment.at,
                cells: sample.cells.clone(),
                edges: sample.edges.clone(),
                before,
            });
        }
        changes
    }

    /// How it stands on a check.
    pub fn standing(&self, check: Check, now: Instant) -> Standing {
        let trace = self.memory.traces.get(&check);
        let learning = check.is_learned() && self.memory.habit.is_learning(now);
        match (trace.map(Trace::state), self.memory.whys.get(&check)) {
            (None, _) => Standing::Unknown(Why::NothingSeen),
            (Some(State::Fault(since)), _) => Standing::Fault { since },
            (Some(State::Suspected), _) => Standing::Suspected,
            (_, Some(Why::NotLearned)) => Standing::Learning,
            _ if learning => Standing::Learning,
            (_, Some(why)) => Standing::Unknown(*why),
            (Some(State::Clear), None) => Standing::Good,
            (Some(State::Unseen), None) => Standing::Unknown(Why::NothingSeen),
        }
    }

    /// A view that a person could approve, once there is a healthy one by this light.
    pub fn proposal(&self, light: Light) -> Option<View> {
        self.proposals.get(&light).and_then(Proposal::view)
    }

    /// Forgets what was learned and what was suspected: the camera was turned or exchanged on purpose.
    pub fn relearn(&mut self) {
        self.memory.habit = Habit::new();
        self.memory.traces.clear();
        self.last = None;
        self.proposals.clear();
    }

    fn of(memory: Memory) -> Self {
        Self {
            memory,
            last: None,
            proposals: BTreeMap::new(),
        }
    }

    /// The picture before, when it is neither the same nor long ago.
    fn last_within(&self, at: Instant) -> Option<&Last> {
        let near = |last: &&Last| (PAIR_MS_MIN..=PAIR_MS_MAX).contains(&at.since(last.at));
        self.last.as_ref().filter(near)
    }

    fn settle(&mut self, said: &[(Check, Said)], at: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        for (check, (seen, why)) in said {
            let check = *check;
            match why {
                Some(why) => self.memory.whys.insert(check, *why),
                None => self.memory.whys.remove(&check),
            };
            let trace = self.memory.traces.entry(check).or_default();
            let is_fault = |trace: &Trace| matches!(trace.state(), State::Fault(_));
            let before = is_fault(trace);
            trace.see(at, *seen, check.persistence());
            let fault = is_fault(trace);
            if before != fault {
                changes.push(Change { check, fault });
            }
        }
        changes
    }

    /// Nothing is wrong, nor seems to be.
    fn is_healthy(&self, said: &[(Check, Said)]) -> bool {
        let clear = |trace: &Trace| matches!(trace.state(), State::Clear | State::Unseen);
        let suspects = said.iter().any(|(_, (seen, _))| *seen == Seen::Suspect);
        !suspects && self.memory.traces.values().all(clear)
    }

    fn learn(&mut self, sample: &Sample, moment: Moment, liveliness: Option<f32>) {
        let (figures, light) = (&sample.figures, suspicion::light(&sample.figures));
        let condition = suspicion::condition(figures);
        let lesson = Lesson {
            light,
            condition,
            sharpness: suspicion::sharpness(figures),
            liveliness,
            patch: suspicion::patch(figures),
        };
        self.memory.habit.learn(moment.at, moment.hour, lesson);
        if condition.is_none() {
            self.proposals.entry(light).or_default().learn(sample);
        }
    }
}

impl Default for Camera {
    fn default() -> Self {
        Self::new()
    }
}

/// The edges that most of the last three pictures have: people and rain are elsewhere in each.
fn steady(now: &Grid<u8>, last: Option<&Last>) -> Grid<u8> {
    let mut steady = now.clone();
    let Some(last) = last else {
        return steady;
    };
    let before = last.before.as_ref().unwrap_or(&last.edges);
    let earlier = last.edges.cells().iter().zip(before.cells());
    for (edge, (one, other)) in steady.cells_mut().iter_mut().zip(earlier) {
        *edge = (*edge).clamp(*one.min(other), *one.max(other));
    }
    steady
}
