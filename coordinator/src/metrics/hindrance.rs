//! Why what is to be written cannot be written at present.
//!
//! Whoever writes says so when the database fails, and says when it works again; in between nothing is
//! tried on purpose, so that asking costs the database nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One worker's hindrance; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Hindrance(Arc<Mutex<Option<String>>>);

impl Hindrance {
    /// The database failed, and why.
    pub fn arose(&self, reason: String) {
        *self.lock() = Some(reason);
    }

    /// Something was written.
    pub fn passed(&self) {
        *self.lock() = None;
    }

    /// Why nothing can be written; none while it can.
    pub fn reason(&self) -> Option<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        // Nothing panics while holding it; a poisoned text is still a whole text.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hindrance_stands_until_something_is_written() {
        let hindrance = Hindrance::default();
        assert_eq!(hindrance.reason(), None);
        hindrance.clone().arose("the disk is full".to_owned());
        assert_eq!(hindrance.reason().as_deref(), Some("the disk is full"));
        hindrance.passed();
        assert_eq!(hindrance.reason(), None);
    }
}
