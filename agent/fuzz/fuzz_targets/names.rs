//! Feeds the readers of names with any template and any path.
//!
//! The first line is a template, the others are paths; every layout reads each path, too.

#![no_main]

use keepwatch_agent::footage::layout::Layout;
use keepwatch_agent::footage::layout::template::Template;
use keepwatch_agent::footage::layouts;
use keepwatch_agent::footage::named::Named;
use keepwatch_common::time::Zone;
use libfuzzer_sys::fuzz_target;

/// Paths read of one input.
const PATHS_MAX: usize = 16;

fn read(layout: &dyn Layout, path: &str) {
    let mut named = Named::default();
    for (depth, part) in path.split('/').enumerate() {
        if let Some(file) = layout.file(depth, part, &named) {
            let start = file.start(layout.zone(), None);
            assert!(start.is_none_or(|start| file.end(layout.zone(), start).is_none_or(|end| end >= start)));
        }
        let Some(folder) = layout.folder(depth, part, &named) else {
            return;
        };
        named = folder;
    }
}

fuzz_target!(|text: &str| {
    let (template, paths) = text.split_once('\n').unwrap_or((text, ""));
    let template = Template::new(template, Zone::utc()).ok();
    let candidates = layouts::candidates();
    for path in paths.lines().take(PATHS_MAX) {
        if let Some(template) = &template {
            read(template, path);
        }
        for candidate in &candidates {
            read(candidate.layout.as_ref(), path);
        }
    }
});
