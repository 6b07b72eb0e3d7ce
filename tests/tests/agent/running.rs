//! The whole agent as a test starts and stops it.

use std::path::Path;
use std::time::Duration;

use keepwatch_agent::app::{self, RunError};
use keepwatch_agent::config::Config;
use keepwatch_agent::storage::machine::Machine;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::{HANGS_AFTER, Shifted, now};

/// A running agent.
pub(crate) struct Running {
    stop: CancellationToken,
    ended: JoinHandle<Result<(), RunError>>,
}

/// A configuration with this state folder; looking is left to events, so that what a story hears was
/// heard by the agent.
pub(crate) fn config(state: &Path, rest: &str) -> String {
    format!(
        "state = \"{}\"\npace = {{ look_seconds = 3600 }}\nspool = {{ free_floor_megabytes = 0 }}\n{rest}",
        state.display()
    )
}

impl Running {
    pub(crate) fn start(text: &str) -> Self {
        Self::start_on(Machine::this(), text)
    }

    /// On a machine that shows itself elsewhere than usual.
    pub(crate) fn start_on(machine: Machine, text: &str) -> Self {
        let config = Config::parse(Path::new("agent.toml"), text).unwrap();
        let stop = CancellationToken::new();
        let clock = Shifted::from(now());
        let serving = app::serve_on(machine, config, clock, stop.clone());
        let ended = TaskTracker::new().spawn(serving);
        Self { stop, ended }
    }

    /// Waits until it ends of its own accord.
    pub(crate) async fn ended(self) -> Result<(), RunError> {
        within(HANGS_AFTER, self.ended).await
    }

    pub(crate) async fn stop(self) -> Result<(), RunError> {
        self.stop.cancel();
        within(HANGS_AFTER, self.ended).await
    }
}

async fn within(limit: Duration, ended: JoinHandle<Result<(), RunError>>) -> Result<(), RunError> {
    let ended = tokio::time::timeout(limit, ended).await;
    ended.expect("it ends in time").unwrap()
}
