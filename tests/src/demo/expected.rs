//! The alerts that must stand once everything was told, from what the scene arranged. Pure.

use keepwatch_common::time::Instant;
use serde_json::Value;

use super::scene::{Branch, CHANGED, GAPPED, RECORDER, SHORT, Scene};
use super::site::relative_path;
use crate::footage::NamingError;

/// An alert that must come, in the API's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected {
    kind: &'static str,
    branch: &'static str,
    subject: String,
    condition: &'static str,
}

impl Expected {
    /// All of a scene; the change of a configuration has to be made first.
    pub(super) fn of(scene: &Scene) -> Result<Vec<Self>, NamingError> {
        let mut expected = vec![
            // It was over before anybody watched.
            gap(&scene.branches[GAPPED], 0, scene.gap.start(), "recovered"),
        ];
        for damaged in scene.damaged {
            let (branch, camera) = damaged.at;
            let branch = &scene.branches[branch];
            let path = relative_path(branch, &branch.cameras[camera].camera, damaged.start)?;
            let path = path.to_string_lossy();
            expected.push(Self {
                kind: "segment_fault",
                branch: branch.code,
                subject: format!("{}:{path}", subject(branch, camera)),
                condition: "firing",
            });
        }
        let changed = &scene.branches[CHANGED];
        let stopped = changed.stopped.into_iter();
        expected.extend(stopped.map(|camera| gap(changed, camera, scene.stopped_at(), "firing")));
        let short = &scene.branches[SHORT];
        expected.extend((0..short.cameras.len()).map(|camera| Self {
            kind: "retention_short",
            branch: short.code,
            subject: subject(short, camera),
            condition: "firing",
        }));
        expected.push(Self {
            kind: "config_drift",
            branch: changed.code,
            subject: changed.software.watched().to_owned(),
            condition: "firing",
        });
        Ok(expected)
    }

    /// Whether one of the API's items is this alert.
    pub(super) fn is(&self, item: &Value) -> bool {
        item["kind"] == self.kind
            && item["branch"] == self.branch
            && item["subject"] == self.subject.as_str()
            && item["condition"] == self.condition
    }

    /// Whether it comes only after a configuration was changed.
    pub(super) fn is_drift(&self) -> bool {
        self.kind == "config_drift"
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kind,
            branch,
            subject,
            condition,
        } = self;
        write!(f, "{kind} ({condition}) of {subject} at branch {branch}")
    }
}

fn gap(branch: &Branch, camera: usize, start: Instant, condition: &'static str) -> Expected {
    Expected {
        kind: "gap",
        branch: branch.code,
        subject: format!("{}@{start}", subject(branch, camera)),
        condition,
    }
}

fn subject(branch: &Branch, camera: usize) -> String {
    format!("{RECORDER}/{}", branch.cameras[camera].camera)
}
