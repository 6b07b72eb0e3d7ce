//! The store: what the coordinator remembers, in SQLite or in PostgreSQL.
//!
//! A *face*: it uses its children. [`open::Store`] opens the database and hands out a
//! [`connection::Reader`] (one snapshot) or a [`connection::Tx`] (one write transaction, rolled back
//! when dropped); each aggregate adds its queries to these two in a file of its own.
//!
//! SQL stands here and nowhere else. A statement that both databases understand stands once, one
//! that differs stands twice, side by side. No business rule stands here: the store keeps verdicts,
//! it never reaches one. Rows are types of their own, neither the model's nor the wire's.

/// When a branch could not be seen.
pub mod absences;
/// Agents, their keys and when they were heard.
pub mod agents;
/// Alerts and what happened to them.
pub mod alerts;
/// Many rows in one statement, on both databases.
pub mod batch;
/// Regions and branches.
pub mod branches;
/// The cameras of every branch, counted.
pub mod camera_counts;
/// Recorders and cameras.
pub mod cameras;
/// One snapshot, one write transaction, and one body of code for both databases.
pub mod connection;
/// Measured ranges, holes and vanished footage.
pub mod coverage;
/// What people did, each row sealed by the one before.
pub mod deeds;
/// SHA-256, and secrets kept only as their hash.
pub mod digest;
/// Watched files that are not as approved.
pub mod drifting;
/// What can go wrong with a statement.
pub mod error;
/// Evidence as it came.
pub mod evidence;
/// Who may open the database at the same time.
pub mod exclusion;
/// Faults of segments.
pub mod faults;
/// Findings.
pub mod findings;
/// Branches and agents as lists across the chain show them.
pub mod fleet;
/// What every page shows around its own matter.
pub mod glance;
/// Footage that must outlive its retention.
pub mod holds;
/// How far each agent's lanes are stored.
pub mod lanes;
/// The schema, version by version.
pub mod migrations;
/// Opens the database and hands out readers and transactions.
pub mod open;
/// Alerts as people work through them.
pub mod open_alerts;
/// What recording needs and was away.
pub mod outages;
/// Notifications on their way out.
pub mod outbox;
/// How many rows a list gives at once.
pub mod page;
/// People who may sign in.
pub mod people;
/// The connections to the database, and what each is told.
pub mod pools;
/// Which agents are connected.
pub mod presence;
/// Readings of watched files.
pub mod readings;
/// Coverage by civil day.
pub mod rollups;
/// How far somebody sees.
pub mod scope;
/// Who is signed in.
pub mod sessions;
/// How every branch stands, counted.
pub mod standings;
/// Invitations for agents.
pub mod tokens;
/// Where the database is, without showing its password.
pub mod url;
/// How well what is under volumes is.
pub mod volume_health;
/// Volumes.
pub mod volumes;
/// Watched files and their baselines.
pub mod watched;

pub use connection::{Reader, Tx};
pub use error::StoreError;
pub use exclusion::Sharing;
pub use open::{OpenError, Opening, Schema, Store};
pub use url::DatabaseUrl;
