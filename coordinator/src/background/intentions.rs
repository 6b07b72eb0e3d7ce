//! Tells connected agents what people want of them now, whoever's coordinator they told.

use std::sync::Arc;

use super::chore::{Chore, ChoreError, Done};
use crate::intake::roll::Roll;
use crate::intake::wanted;
use crate::store::Store;

/// See the module.
#[derive(Debug)]
pub struct Intentions {
    store: Store,
    roll: Arc<Roll>,
}

impl Intentions {
    /// Of these connections.
    pub fn new(store: Store, roll: Arc<Roll>) -> Self {
        Self { store, roll }
    }
}

impl Chore for Intentions {
    const NAME: &'static str = "intentions";
    const PERIOD_MS: u64 = 1_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let rows = self.store.read().await?.hold_list_wanted().await?;
        let changed = self.roll.registry().desire(&wanted::by_agent(&rows));
        Ok(Done::with(changed))
    }
}
