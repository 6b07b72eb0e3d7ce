//! What judging goes by.

use std::sync::Arc;

use crate::domain::pack::Pack;

/// What judging goes by.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The controls.
    pub pack: Arc<Pack>,
    /// The channels that every notification goes to.
    pub channels: Vec<String>,
    /// Where people reach the pages, without a path: links of notifications begin with it.
    pub pages: String,
}
