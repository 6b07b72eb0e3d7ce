//! The spool as its owner sees it: stories, caps, a model to compare with, and damage.

#[cfg(test)]
mod again;
#[cfg(test)]
mod caps;
#[cfg(test)]
mod comparison;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod loss;
#[cfg(test)]
mod model;
#[cfg(test)]
mod story;
#[cfg(test)]
mod world;
