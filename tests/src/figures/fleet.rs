//! Many agents that report at once to a coordinator in another process, beside bare inserts.
//!
//! A *face*: it uses its children. The agents are the smallest that are some: real connections with
//! certificates of their own, the session that real agents speak, observations from a seed.

/// The same rows into the same kind of database, with nothing around it.
pub mod bare;
/// Whether what was acknowledged is kept.
mod kept;
/// One agent's connection.
pub mod line;
/// One run, and the figures of several.
pub mod load;
/// What agents tell.
pub mod mix;
/// Where rows are kept and counted.
pub mod place;
