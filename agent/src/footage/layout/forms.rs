//! Layouts that are a list of paths: most recorders, each with the forms of its versions and settings.
//!
//! A path stays with every form that it fits until its file fits one; of several the first tells. It
//! must not know any recorder.

use std::path::{Path, PathBuf};

use keepwatch_common::time::Zone;

use super::pattern::{Pattern, PatternError};
use super::{About, Layout};
use crate::footage::named::Named;

/// Forms of one layout at most: a path's remaining ones are the bits of a word.
const FORMS_MAX: usize = 32;

/// A recorder whose layout is a list of paths.
#[derive(Debug)]
pub struct Shape {
    /// What people should know of it.
    pub about: About,
    /// Its paths, the most particular first.
    pub forms: &'static [Form],
    /// Folders below what people call the recorder's root, one of which holds the footage where it
    /// is there.
    pub inner: &'static [&'static str],
    /// How long a segment lasts when nothing else tells, in milliseconds.
    pub nominal_ms: i64,
}

impl Shape {
    /// The folder to walk.
    pub fn root(&self, path: &Path) -> PathBuf {
        let mut inner = self.inner.iter().map(|inner| path.join(inner));
        inner
            .find(|inner| inner.is_dir())
            .unwrap_or_else(|| path.to_owned())
    }
}

/// One path of a layout.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The path below the root.
    pub path: &'static str,
    /// Whether its writer has not closed a file of this name.
    pub is_open: bool,
}

impl Form {
    /// A path of closed files, or of files whose names do not tell.
    pub const fn closed(path: &'static str) -> Self {
        Self {
            path,
            is_open: false,
        }
    }

    /// A path of files that are being written.
    pub const fn open(path: &'static str) -> Self {
        Self {
            path,
            is_open: true,
        }
    }
}

/// Compiled paths, of which a recorder's names follow one.
#[derive(Debug, Clone)]
pub struct Forms {
    patterns: Vec<(Pattern, bool)>,
    depth_max: usize,
}

impl Forms {
    /// Compiles paths, each with whether its files are open; of more than a word has bits, the last
    /// are never met.
    pub fn new<'p>(paths: impl IntoIterator<Item = (&'p str, bool)>) -> Result<Self, PatternError> {
        let patterns = paths
            .into_iter()
            .take(FORMS_MAX)
            .map(|(path, is_open)| Ok((Pattern::new(path)?, is_open)))
            .collect::<Result<Vec<_>, _>>()?;
        let depth_max = patterns
            .iter()
            .map(|(pattern, _)| pattern.depth())
            .max()
            .unwrap_or(0);
        Ok(Self {
            patterns,
            depth_max,
        })
    }

    /// The paths.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.iter().map(|(pattern, _)| pattern)
    }

    /// Reads a folder as [`Layout::folder`] does: tells what the first fitting form does, and the
    /// camera when all of them mean the same.
    pub fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        if let [(pattern, _)] = self.patterns.as_slice() {
            return alone(pattern, depth, name, before);
        }
        let path = match &before.path {
            Some(path) => format!("{path}/{name}"),
            None => name.to_owned(),
        };
        let mut first: Option<Named> = None;
        let mut forms = 0;
        for (bit, pattern, _) in self.remaining(depth, before) {
            if depth + 1 >= pattern.depth() {
                continue;
            }
            let Some(mut named) = read(pattern, bit, depth, name, before) else {
                continue;
            };
            forms |= bit;
            // A camera is told when its whole name is: part of one names nobody.
            named.camera = (pattern.cameras_from(depth + 1) == 0)
                .then(|| named.camera_parts.clone())
                .flatten();
            match &mut first {
                Some(first) if first.camera != named.camera => first.camera = None,
                Some(_) => {}
                None => first = Some(named),
            }
        }
        first.map(|named| Named {
            forms,
            path: Some(path),
            ..named
        })
    }

    /// Reads a file as [`Layout::file`] does.
    pub fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.remaining(depth, before)
            .filter(|(_, pattern, _)| depth + 1 == pattern.depth())
            .find_map(|(bit, pattern, is_open)| {
                let mut named = read(pattern, bit, depth, name, before)?;
                named.is_open = is_open;
                named.camera = named.camera_parts.take().or(named.camera);
                (named.forms, named.path) = (0, None);
                Some(named)
            })
    }

    /// Whether no folder with footage lies so deep.
    pub fn has_no_folders(&self, depth: usize) -> bool {
        depth + 1 >= self.depth_max
    }

    /// The forms that the path still fits, with their bits.
    fn remaining<'f>(
        &'f self,
        depth: usize,
        before: &Named,
    ) -> impl Iterator<Item = (u32, &'f Pattern, bool)> + use<'f> {
        let forms = if depth == 0 { u32::MAX } else { before.forms };
        let patterns = self.patterns.iter().enumerate();
        patterns.filter_map(move |(index, (pattern, is_open))| {
            let bit = 1_u32.checked_shl(u32::try_from(index).ok()?)?;
            (forms & bit != 0).then_some((bit, pattern, *is_open))
        })
    }
}

/// Reads a component of a path that has one form only.
fn alone(pattern: &Pattern, depth: usize, name: &str, before: &Named) -> Option<Named> {
    if depth + 1 >= pattern.depth() {
        return None;
    }
    let mut named = pattern.read(depth, name, before)?;
    named.forms = 1;
    if pattern.cameras_from(depth + 1) == 0 {
        named.camera = named.camera_parts.take().or(named.camera);
    }
    Some(named)
}

/// Reads a component for one form: what was told before is told by the first form that still fits,
/// so the others read the path again.
fn read(pattern: &Pattern, bit: u32, depth: usize, name: &str, before: &Named) -> Option<Named> {
    let is_first = before.forms & before.forms.wrapping_neg() == bit;
    if depth == 0 || is_first {
        return pattern.read(depth, name, before);
    }
    let mut named = Named::default();
    let parts = before.path.as_deref()?.split('/');
    for (depth, part) in parts.enumerate() {
        named = pattern.read(depth, part, &named)?;
    }
    pattern.read(depth, name, &named)
}

/// A recorder's layout, reading names in a zone.
#[derive(Debug)]
pub struct Shaped {
    shape: &'static Shape,
    forms: Forms,
    zone: Zone,
}

impl Shaped {
    /// Compiles a recorder's paths.
    pub fn new(shape: &'static Shape, zone: Zone) -> Result<Self, PatternError> {
        let forms = Forms::new(shape.forms.iter().map(|form| (form.path, form.is_open)))?;
        Ok(Self { shape, forms, zone })
    }
}

impl Layout for Shaped {
    fn about(&self) -> &'static About {
        &self.shape.about
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
        self.shape.nominal_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(forms: &[&'static str], path: &str) -> Option<String> {
        let forms = Forms::new(forms.iter().map(|path| (*path, false))).unwrap();
        let mut named = Named::default();
        let parts: Vec<_> = path.split('/').collect();
        let (file, folders) = parts.split_last()?;
        for (depth, part) in folders.iter().enumerate() {
            named = forms.folder(depth, part, &named)?;
        }
        forms.file(folders.len(), file, &named)?.camera
    }

    #[test]
    fn a_camera_may_be_named_by_several_folders() {
        let forms = ["{camera}/{camera}/%s.mp4", "{camera}/%s.mp4"];
        assert_eq!(camera(&forms, "a/b/1.mp4").as_deref(), Some("a/b"));
        assert_eq!(camera(&forms, "a/1.mp4").as_deref(), Some("a"));
    }

    #[test]
    fn part_of_a_name_is_no_camera_yet() {
        let forms = Forms::new([("{camera}/{camera}/%s.mp4", false)]).unwrap();
        let first = forms.folder(0, "a", &Named::default()).unwrap();
        assert_eq!(first.camera, None);
        let second = forms.folder(1, "b", &first).unwrap();
        assert_eq!(second.camera.as_deref(), Some("a/b"));
    }

    #[test]
    fn a_folder_may_mean_two_things_until_its_file_tells() {
        let forms = ["{camera}/%y/%m/%d/%s.mp4", "{camera}/{serial}/%s.mp4"];
        assert_eq!(camera(&forms, "1/26/11/23/1.mp4").as_deref(), Some("1"));
        assert_eq!(camera(&forms, "1/26/1.mp4").as_deref(), Some("1"));
        assert_eq!(camera(&forms, "1/26/11/1.mp4"), None);
        let forms = ["{camera}/{camera}/%s.mp4", "*/{camera}/%s.mkv"];
        assert_eq!(camera(&forms, "a/b/1.mp4").as_deref(), Some("a/b"));
        assert_eq!(camera(&forms, "a/b/1.mkv").as_deref(), Some("b"));
    }

    #[test]
    fn a_camera_on_which_forms_disagree_is_not_told_by_a_folder() {
        let forms = Forms::new([
            ("{camera}/%s.mp4", false),
            ("{camera}/{camera}/%s.mp4", false),
        ]);
        let named = forms.unwrap().folder(0, "a", &Named::default()).unwrap();
        assert_eq!(named.camera, None);
    }
}
