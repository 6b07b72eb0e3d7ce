//! What people want of an agent: a list of intentions with a version.
//!
//! It is state and not a log: the newest list is the whole truth, and what is not in it is wanted by
//! nobody. An agent does what its branch's own file allows of it and nothing else.

use super::hold::WantedHold;

/// One thing wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intention {
    /// Footage is to be held.
    Hold(WantedHold),
}

/// What an agent has to go by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesiredSet {
    /// Names this list; 0 is that of no list at all.
    pub version: u64,
    /// What is wanted, as far as this program understands it.
    pub intentions: Vec<Intention>,
    /// How many it does not understand: a newer coordinator wants them.
    pub not_understood: usize,
}

impl DesiredSet {
    /// The holds among them.
    pub fn holds(&self) -> impl Iterator<Item = &WantedHold> {
        self.intentions.iter().map(|intention| match intention {
            Intention::Hold(hold) => hold,
        })
    }
}
