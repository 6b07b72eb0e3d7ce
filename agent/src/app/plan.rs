//! What a configuration means: layouts compiled, patterns checked, nothing opened.
//!
//! Everything that a person has to correct is refused here, with the field's name, so that
//! `check-config` and a start say the same.

use std::path::PathBuf;
use std::sync::Arc;

use keepwatch_common::model::name::Name;

use crate::config::Config;
use crate::device::normalise::Format;
use crate::device::redact::{RuleError, Rules};
use crate::footage::layout::Layout;
use crate::footage::layouts::{self, LayoutError};

/// A configuration that can be run.
#[derive(Debug)]
pub struct Plan {
    /// The recorders, in the order of the configuration.
    pub recorders: Vec<RecorderPlan>,
    /// The watched files, in the order of the configuration.
    pub watched: Vec<WatchedPlan>,
}

/// A recorder with its layout compiled.
#[derive(Debug)]
pub struct RecorderPlan {
    /// Its name in the branch's words.
    pub name: Name,
    /// The folder as configured.
    pub root: PathBuf,
    /// How footage is laid.
    pub layout: Arc<dyn Layout>,
    /// Whether files are opened.
    pub verify: bool,
}

/// A watched file with its rules compiled.
#[derive(Debug)]
pub struct WatchedPlan {
    /// Its name in the branch's words.
    pub name: Name,
    /// The file.
    pub path: PathBuf,
    /// How it is written; guessed when not given.
    pub format: Option<Format>,
    /// What is secret in it beside what is secret everywhere.
    pub rules: Rules,
}

/// A field that cannot be compiled.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A layout.
    #[error("recorder[{index}].layout")]
    Layout {
        /// Which recorder, from 0.
        index: usize,
        /// Why.
        #[source]
        source: LayoutError,
    },
    /// Words that mark secrets.
    #[error("watch[{index}].secrets")]
    Secrets {
        /// Which watched file, from 0.
        index: usize,
        /// Why.
        #[source]
        source: RuleError,
    },
}

impl Plan {
    /// Compiles a configuration.
    pub fn of(config: &Config) -> Result<Self, PlanError> {
        let recorders = config
            .recorders
            .iter()
            .enumerate()
            .map(|(index, recorder)| {
                let zone = recorder.layout_zone.clone();
                let layout = layouts::indexed(&recorder.layout, zone, recorder.index.as_deref())
                    .map_err(|source| PlanError::Layout { index, source })?;
                Ok(RecorderPlan {
                    name: recorder.name.clone(),
                    root: recorder.root.clone(),
                    layout: Arc::from(layout),
                    verify: recorder.verify,
                })
            });
        let watched = config.watched.iter().enumerate().map(|(index, watched)| {
            let words: Vec<_> = watched.secrets.iter().map(String::as_str).collect();
            let rules = Rules::default()
                .with_secret_names(&words)
                .map_err(|source| PlanError::Secrets { index, source })?;
            Ok(WatchedPlan {
                name: watched.name.clone(),
                path: watched.path.clone(),
                // `auto` is the word of no format.
                format: Format::from_word(&watched.format),
                rules,
            })
        });
        Ok(Self {
            recorders: recorders.collect::<Result<_, _>>()?,
            watched: watched.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use keepwatch_common::error_chain::chain;

    use super::*;

    fn refusal(text: &str) -> String {
        let config = Config::parse(Path::new("agent.toml"), text).unwrap();
        chain(&Plan::of(&config).unwrap_err()).to_string()
    }

    #[test]
    fn a_layout_that_cannot_be_compiled_is_named_by_its_place() {
        let said = refusal(
            r#"
            state = "/var/lib/keepwatch-agent"
            [[recorder]]
            name = "good"
            root = "/srv/a"
            layout = "frigate"
            [[recorder]]
            name = "bad"
            root = "/srv/b"
            layout = "template:%Q.mp4"
            "#,
        );
        assert!(
            said.starts_with("recorder[1].layout: ") && said.contains("%Q is not a field"),
            "{said}"
        );
    }

    #[test]
    fn a_layout_to_be_recognised_is_refused_with_the_remedy() {
        let said = refusal(
            r#"
            state = "/var/lib/keepwatch-agent"
            [[recorder]]
            name = "nvr"
            root = "/srv/a"
            layout = "auto"
            "#,
        );
        assert!(said.starts_with("recorder[0].layout: "), "{said}");
        assert!(said.contains("scan --layout auto"), "{said}");
    }

    #[test]
    fn a_word_that_marks_everything_a_secret_is_named_by_its_place() {
        let said = refusal(
            r#"
            state = "/var/lib/keepwatch-agent"
            [[watch]]
            name = "a"
            path = "/etc/a"
            secrets = ["x"]
            "#,
        );
        assert!(said.starts_with("watch[0].secrets: "), "{said}");
    }
}
