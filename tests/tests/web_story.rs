//! Stories about what people and programs reach over HTTP, each told on SQLite and on PostgreSQL.
//!
//! They speak to the router as a browser, as the command line or as a stranger would, over a store
//! that an agent's reports fill. Time is turned by hand.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a story needs must be there, or the story has failed"
)]

/// Agents and the tokens that let them in.
#[path = "web_story/agents.rs"]
mod agents;
/// Alerts: seeing, filtering, acknowledging.
#[path = "web_story/alerts.rs"]
mod alerts;
/// The page of alerts.
#[path = "web_story/alerts_page.rs"]
mod alerts_page;
/// Branches, cameras and their numbers.
#[path = "web_story/branches.rs"]
mod branches;
/// Somebody who looks at pages.
#[path = "web_story/browser.rs"]
mod browser;
/// The pages of a branch and of its cameras.
#[path = "web_story/camera_page.rs"]
mod camera_page;
/// Somebody who speaks to the coordinator.
#[path = "web_story/client.rs"]
mod client;
/// Drift and its approval.
#[path = "web_story/drift.rs"]
mod drift;
/// The pages of drift.
#[path = "web_story/drift_page.rs"]
mod drift_page;
/// What every answer has, and what is refused before any route.
#[path = "web_story/envelope.rs"]
mod envelope;
/// The fleet and the list of branches.
#[path = "web_story/fleet.rs"]
mod fleet;
/// What an agent tells of footage.
#[path = "web_story/footage.rs"]
mod footage;
/// Health and counters.
#[path = "web_story/health.rs"]
mod health;
/// Holds, their forms and their agents.
#[path = "web_story/holds.rs"]
mod holds;
/// The pages in Chromium.
#[path = "web_story/in_a_browser.rs"]
mod in_a_browser;
/// Every route, role and scope, from one table.
#[path = "web_story/permissions.rs"]
mod permissions;
/// Signing in and out.
#[path = "web_story/sign_in.rs"]
mod sign_in;
/// What every page has in common.
#[path = "web_story/site.rs"]
mod site;
/// The Unix socket, for real.
#[path = "web_story/socket.rs"]
mod socket;
/// TLS, for real.
#[path = "web_story/tls.rs"]
mod tls;
/// People and the record of what they did.
#[path = "web_story/users.rs"]
mod users;
/// What is under each volume of a branch.
#[path = "web_story/volumes.rs"]
mod volumes;
/// A coordinator without agents' connections, and who speaks to it.
#[path = "web_story/world.rs"]
mod world;
