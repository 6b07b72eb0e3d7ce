//! A layout that sees one camera and one interval only, so that a walk for a hold enters a few
//! folders and not the whole tree.

use keepwatch_common::interval::Interval;
use keepwatch_common::time::{HOUR_MS, Zone};

use crate::footage::book::Book;
use crate::footage::layout::{About, Layout};
use crate::footage::named::Named;

/// A segment may start so long before what it still covers, and a folder's name be off by an hour
/// where clocks change, in milliseconds.
const MARGIN_MS: i64 = 3 * HOUR_MS;

/// See the module.
#[derive(Debug)]
pub(super) struct Within<'a> {
    layout: &'a dyn Layout,
    camera: &'a str,
    wide: Option<Interval>,
}

impl<'a> Within<'a> {
    pub(super) fn new(layout: &'a dyn Layout, camera: &'a str, span: Interval) -> Self {
        Self {
            layout,
            camera,
            wide: Interval::new(span.start() - MARGIN_MS, span.end() + MARGIN_MS),
        }
    }

    fn is_inside(&self, named: &Named) -> bool {
        let ours = named.camera.as_deref().is_none_or(|it| it == self.camera);
        let stretch = named.stretch(self.layout.zone());
        ours && match (stretch, self.wide) {
            (Some(stretch), Some(wide)) => stretch.intersection(wide).is_some(),
            _ => true,
        }
    }
}

impl Layout for Within<'_> {
    fn about(&self) -> &'static About {
        self.layout.about()
    }

    fn name(&self) -> String {
        self.layout.name()
    }

    fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        let named = self.layout.folder(depth, name, before)?;
        self.is_inside(&named).then_some(named)
    }

    fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        let named = self.layout.file(depth, name, before)?;
        self.is_inside(&named).then_some(named)
    }

    fn has_no_folders(&self, depth: usize) -> bool {
        self.layout.has_no_folders(depth)
    }

    fn zone(&self) -> &Zone {
        self.layout.zone()
    }

    fn nominal_ms(&self) -> i64 {
        self.layout.nominal_ms()
    }

    fn book(&self) -> Option<&dyn Book> {
        self.layout.book()
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;

    use super::*;
    use crate::footage::layout::forms::Shaped;
    use crate::footage::layout::frigate;

    #[test]
    fn other_days_hours_and_cameras_are_not_entered() {
        let layout = Shaped::new(&frigate::SHAPE, Zone::utc()).unwrap();
        let at = |text: &str| Instant::parse(text).unwrap();
        let span = Interval::new(at("2026-11-23T10:00:00Z"), at("2026-11-23T11:00:00Z")).unwrap();
        let within = Within::new(&layout, "till", span);
        let enters = |parts: &[&str]| {
            let mut named = Named::default();
            parts.iter().enumerate().all(|(depth, part)| {
                let read = if depth == 3 {
                    within.file(depth, part, &named)
                } else {
                    within.folder(depth, part, &named)
                };
                named = read.clone().unwrap_or_default();
                read.is_some()
            })
        };
        assert!(enters(&["2026-11-23", "10", "till", "00.00.mp4"]));
        assert!(enters(&["2026-11-23", "09"]), "a segment may reach over");
        assert!(!enters(&["2026-11-21"]));
        assert!(!enters(&["2026-11-23", "05"]));
        assert!(!enters(&["2026-11-23", "10", "door"]));
    }
}
