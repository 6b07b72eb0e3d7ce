//! Branches of every kind of recorder, with everything that goes wrong there: the real program must
//! find exactly the truth, nothing missed and nothing invented.

#![cfg(test)]

#[path = "branches/audit.rs"]
mod audit;
#[path = "branches/comparison.rs"]
mod comparison;
#[path = "branches/recorders.rs"]
mod recorders;
#[path = "branches/stories.rs"]
mod stories;
