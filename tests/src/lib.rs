//! What the tests share: makers of footage, worlds and receivers. Nothing here ships.

/// Databases to try the store on: a file, and a PostgreSQL that is thrown away.
pub mod databases;
