//! Any layout that names its files by time: `template:{camera}/%Y-%m-%d/%H-%M-%S.mp4`.
//!
//! What may stand in such a path is written down with the patterns that it is compiled to.

use keepwatch_common::time::{MINUTE_MS, Zone};

use super::forms::Forms;
use super::pattern::PatternError;
use super::{About, Layout, Told, ZoneRule};
use crate::footage::named::Named;

/// How the name begins on the command line.
pub const PREFIX: &str = "template:";

/// What people should know of it.
pub const ABOUT: About = About {
    name: "template:PATTERN",
    maker: "any other",
    pattern: "a path with strftime fields and {camera}, such as {camera}/%Y-%m-%d/%H-%M-%S.mp4",
    zone: ZoneRule::Utc,
    told: Told::Start,
    deletes: "not known",
    holds: "not known",
};

/// A minute is the commonest choice of those who choose; used only when no file tells its length.
const NOMINAL_MS: i64 = MINUTE_MS;

/// A compiled template.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    forms: Forms,
    zone: Zone,
}

impl Template {
    /// Compiles the path below the root.
    pub fn new(text: &str, zone: Zone) -> Result<Self, PatternError> {
        let forms = Forms::new([(text, false)])?;
        for pattern in forms.patterns() {
            let count = pattern.cameras_from(0);
            if count != 1 {
                return Err(PatternError::CameraCount { count });
            }
            if !pattern.tells_day() {
                return Err(PatternError::NoDate);
            }
        }
        Ok(Self {
            text: text.to_owned(),
            forms,
            zone,
        })
    }
}

impl Layout for Template {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn name(&self) -> String {
        format!("{PREFIX}{}", self.text)
    }

    fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.forms.folder(depth, name, before)
    }

    fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.forms.file(depth, name, before)
    }

    fn has_no_folders(&self, depth: usize) -> bool {
        self.forms.has_no_folders(depth)
    }

    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn nominal_ms(&self) -> i64 {
        NOMINAL_MS
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> Template {
        Template::new(text, Zone::utc()).unwrap()
    }

    fn read(layout: &Template, path: &str) -> Option<(String, Instant)> {
        let mut named = Named::default();
        let parts: Vec<_> = path.split('/').collect();
        let (file, folders) = parts.split_last()?;
        for (depth, part) in folders.iter().enumerate() {
            named = layout.folder(depth, part, &named)?;
        }
        let named = layout.file(folders.len(), file, &named)?;
        Some((named.camera.clone()?, named.start(layout.zone(), None)?))
    }

    fn found(camera: &str, at: &str) -> (String, Instant) {
        (camera.to_owned(), Instant::parse(at).unwrap())
    }

    #[test]
    fn folders_and_names_tell_camera_and_start() {
        let layout = template("{camera}/%Y-%m-%d/%H-%M-%S.mp4");
        let read = read(&layout, "till 3/2026-11-23/08-15-00.mp4");
        assert_eq!(read.unwrap(), found("till 3", "2026-11-23T08:15:00Z"));
    }

    #[test]
    fn a_camera_may_stand_inside_a_name() {
        let layout = template("%Y%m%d/{camera}_%H%M%S_*.mp4");
        let read = read(&layout, "20261123/Hintertür_Nord_081500_17.mp4");
        assert_eq!(
            read.unwrap(),
            found("Hintertür_Nord", "2026-11-23T08:15:00Z")
        );
    }

    #[test]
    fn an_epoch_an_offset_and_a_fraction_are_read() {
        assert_eq!(
            read(&template("{camera}-%s.mp4"), "a-1795421700.mp4").unwrap(),
            found("a", "2026-11-23T08:15:00Z")
        );
        let layout = template("{camera}/%Y-%m-%dT%H:%M:%S.%f%z.mp4");
        assert_eq!(
            read(&layout, "a/2026-11-23T16:15:00.25+08:00.mp4").unwrap(),
            found("a", "2026-11-23T08:15:00.250Z")
        );
    }

    #[test]
    fn a_name_that_only_begins_right_is_not_footage() {
        let layout = template("{camera}/%Y-%m-%d.mp4");
        for path in [
            "a/2026-11-23.mp4.part",
            "a/2026-13-01.mp4",
            "a/2026-1-01.mp4",
            "/2026-11-23.mp4",
        ] {
            assert_eq!(read(&layout, path), None, "{path}");
        }
    }

    #[test]
    fn a_template_that_cannot_tell_is_refused_with_the_remedy() {
        let refused = |text: &str| Template::new(text, Zone::utc()).unwrap_err();
        assert_eq!(
            refused("%Y%m%d.mp4"),
            PatternError::CameraCount { count: 0 }
        );
        assert_eq!(refused("{camera}/%H.mp4"), PatternError::NoDate);
        assert_eq!(
            refused("{camera}/%Q"),
            PatternError::UnknownField {
                field: "Q".to_owned()
            }
        );
        assert_eq!(
            refused("/{camera}/%s"),
            PatternError::BadPart {
                part: String::new()
            }
        );
        assert!(matches!(
            refused("{camera}*%s"),
            PatternError::TooVariable { .. }
        ));
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(name in "\\PC{0,40}", template_text in "[{}camera%YmdHMSfsz*/_.-]{0,30}") {
            if let Ok(layout) = Template::new(&template_text, Zone::utc()) {
                let _ = read(&layout, &name);
            }
            let _ = read(&template("{camera}_%Y%m%d%H%M%S*.mp4"), &name);
        }

        #[test]
        fn what_a_template_writes_it_reads(
            camera in "[a-zA-Z0-9 一-龥-]{1,20}", at in 0_i64..4_000_000_000,
        ) {
            let start = Instant::from_s(at);
            let stamp = start.timestamp().strftime("%Y%m%d_%H%M%S").to_string();
            let layout = template("{camera}/recording_%Y%m%d_%H%M%S.mp4");
            let found = read(&layout, &format!("{camera}/recording_{stamp}.mp4"));
            prop_assert_eq!(found, Some((camera, start)));
        }
    }
}
