//! Pictures, decoded by the real child: what it makes of real key frames, of hostile ones, and what
//! is left to it when it is taken over.

#![cfg(test)]

#[path = "pictures/clip.rs"]
mod clip;
#[path = "pictures/confinement.rs"]
mod confinement;
#[path = "pictures/decoding.rs"]
mod decoding;
#[path = "pictures/hostile.rs"]
mod hostile;
