//! Stories about the store, each told on SQLite and on PostgreSQL.
//!
//! They know the store's face and what someone with an administrator's rights could do beside it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a story needs must be there, or the story has failed"
)]

/// Agents: keys, renewal, shutting out, signs of life.
#[path = "store_story/agents.rs"]
mod agents;
/// Regions and branches, and holding them.
#[path = "store_story/branches.rs"]
mod branches;
/// The sealed record of deeds, and what breaks it.
#[path = "store_story/deeds.rs"]
mod deeds;
/// How far lanes are stored.
#[path = "store_story/lanes.rs"]
mod lanes;
/// Opening, migrating and refusing.
#[path = "store_story/opening.rs"]
mod opening;
/// Notifications on their way out.
#[path = "store_story/outbox.rs"]
mod outbox;
/// People and who is signed in.
#[path = "store_story/people.rs"]
mod people;
/// What several stories need: a branch, an agent.
#[path = "store_story/settings.rs"]
mod settings;
/// How branches stand, counted.
#[path = "store_story/standings.rs"]
mod standings;
/// Invitations and who gets the last one.
#[path = "store_story/tokens.rs"]
mod tokens;
/// Transactions and snapshots.
#[path = "store_story/transactions.rs"]
mod transactions;
/// The health of volumes.
#[path = "store_story/volume_health.rs"]
mod volume_health;
