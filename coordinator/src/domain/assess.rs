//! The checks: plain facts, a control and the time in; a judgement out.
//!
//! A *face*: it only names the checks, and none knows another. Each takes facts that its caller has
//! read from wherever they are kept, in the words of `keepwatch_common`, and answers the same thing
//! for the same facts however often it is asked. When the branch cannot be seen, the answer is
//! *unknown*; it is never a pass and never a finding.

/// Watched files are as approved.
pub mod drift;
/// Recorded files are whole.
pub mod fault;
/// Footage is recorded whenever it should be.
pub mod gap;
/// What is under volumes is well.
pub mod health;
/// What is held is there and as it was.
pub mod hold;
/// Footage reaches back far enough.
pub mod retention;
/// Agents are heard.
pub mod silence;
/// Footage is not deleted before its time.
pub mod vanished;
/// Volumes are there and can be written.
pub mod volume;
