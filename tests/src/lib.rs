//! What the tests share: makers of footage, worlds and receivers, and the guards of the house.
//! Nothing here ships.

/// Makes branches of every kind of recorder, with faults and their truth.
pub mod branch;
/// A real browser, for stories that people click through.
pub mod browser;
/// Databases to try the store on: a file, and a PostgreSQL that is thrown away.
pub mod databases;
/// Shows everything at work on one machine.
pub mod demo;
/// What the programs that measure share.
pub mod figures;
/// Makes footage as recorders leave it.
pub mod footage;
/// Pictures that cameras never took.
pub mod pictures;
/// Finds the programs that were built beside the tests.
pub mod programs;
/// Receivers of notifications.
pub mod receivers;
/// Guards the house: what must hold in the repository's own files.
pub mod tidy;
