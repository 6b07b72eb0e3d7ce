//! Says that the coordinator is ready: to systemd, and in a file for whoever started it.

use keepwatch_common::error_chain::chain;
use sd_notify::NotifyState;
use serde::Serialize;
use tracing::warn;

use super::services::Services;
use crate::authority::folder::PrivateFolder;

/// The file in the state folder that is there while the coordinator runs.
const FILE: &str = "keepwatch.ready";

#[derive(Serialize)]
struct Ready {
    process: u32,
    agents: String,
    join: String,
    web: String,
    since: String,
}

/// Says that agents are let in from now on. That it could not be said ends nothing.
pub(super) fn ready(services: &Services, folder: &PrivateFolder) {
    let ready = Ready {
        process: std::process::id(),
        agents: services.addresses.agents.to_string(),
        join: services.addresses.join.to_string(),
        web: services.addresses.web.to_string(),
        since: services.started_at.to_string(),
    };
    // Text and numbers always become JSON.
    let text = serde_json::to_string(&ready).unwrap_or_default();
    if let Err(error) = folder.write(FILE, text.as_bytes()) {
        warn!(error = %chain(&error), "the file that says “ready” is not written");
    }
    tell(NotifyState::Ready);
}

/// Says that the end has come.
pub(super) fn stopping(folder: &PrivateFolder) {
    tell(NotifyState::Stopping);
    if let Err(error) = folder.remove(FILE) {
        warn!(error = %chain(&error), "the file that says “ready” is not removed");
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        warn!(error = %chain(&error), "systemd does not hear us");
    }
}
