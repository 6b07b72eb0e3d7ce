//! Judges each camera about once an hour by what time alone does to it.
//!
//! Ten thousand branches have a hundred and sixty thousand cameras; they are taken in turn, some at a
//! time, so that a round takes the hour and no single run is felt.

use std::sync::Arc;

use keepwatch_common::clock::{Clock, Tick};

use super::chore::{Chore, ChoreError, Done};
use crate::assess::Bench;
use crate::store::page::PageRows;

/// Cameras of one run: with the period, a hundred and eighty thousand an hour.
const CAMERAS_A_RUN: u32 = 500;

/// From the beginning of one round to the next, in milliseconds.
const ROUND_MS: u64 = 60 * 60 * 1_000;

/// See the module.
#[derive(Debug)]
pub struct Ageing {
    bench: Bench,
    clock: Arc<dyn Clock>,
    after: i64,
    began: Option<Tick>,
}

impl Ageing {
    /// Begins with the oldest.
    pub fn new(bench: Bench, clock: Arc<dyn Clock>) -> Self {
        Self {
            bench,
            clock,
            after: 0,
            began: None,
        }
    }
}

impl Chore for Ageing {
    const NAME: &'static str = "ageing";
    const PERIOD_MS: u64 = 10_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let now = self.clock.tick();
        let begins = self.after == 0;
        if begins && self.began.is_some_and(|began| now.since(began) < ROUND_MS) {
            return Ok(Done::default());
        }
        if begins {
            self.began = Some(now);
        }
        let rows = PageRows::new(CAMERAS_A_RUN);
        let round = self.bench.judge_ageing(self.after, rows).await?;
        self.after = round.next.unwrap_or(0);
        Ok(Done::with(round.changed))
    }
}
