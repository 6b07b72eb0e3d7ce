//! Layouts whose recorder keeps a list of its footage: no name below the root is read.
//!
//! It must not know any recorder's list.

use keepwatch_common::time::Zone;

use super::{About, Layout};
use crate::footage::book::Book;
use crate::footage::named::Named;

/// A recorder's layout that is told by its own list.
#[derive(Debug)]
pub struct Booked {
    about: &'static About,
    name: String,
    book: Box<dyn Book>,
    zone: Zone,
    nominal_ms: i64,
}

impl Booked {
    /// A layout of this name, told by a list.
    pub fn new(
        about: &'static About,
        name: String,
        book: Box<dyn Book>,
        zone: Zone,
        nominal_ms: i64,
    ) -> Self {
        Self {
            about,
            name,
            book,
            zone,
            nominal_ms,
        }
    }
}

impl Layout for Booked {
    fn about(&self) -> &'static About {
        self.about
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn folder(&self, _depth: usize, _name: &str, _before: &Named) -> Option<Named> {
        None
    }

    fn file(&self, _depth: usize, _name: &str, _before: &Named) -> Option<Named> {
        None
    }

    fn has_no_folders(&self, _depth: usize) -> bool {
        true
    }

    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn nominal_ms(&self) -> i64 {
        self.nominal_ms
    }

    fn book(&self) -> Option<&dyn Book> {
        Some(self.book.as_ref())
    }
}
