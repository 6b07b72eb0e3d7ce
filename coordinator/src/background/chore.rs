//! What a chore is, and what a run of it says.

use std::future::Future;

use crate::assess::JudgeError;
use crate::authority::server::ServerError;
use crate::store::StoreError;

/// Something to be done again and again.
pub trait Chore: Send + 'static {
    /// What logs, pages and figures call it.
    const NAME: &'static str;

    /// Between two runs, in milliseconds, when nobody rings.
    const PERIOD_MS: u64;

    /// Does it once.
    fn run(&mut self) -> impl Future<Output = Result<Done, ChoreError>> + Send;
}

/// A run that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// How many things it changed.
    pub changed: u64,
    /// Whether there is more to do at once: the run ended at its limit.
    pub more: bool,
}

impl Done {
    /// So much, and nothing is left.
    pub fn with(changed: u64) -> Self {
        Self {
            changed,
            more: false,
        }
    }
}

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ChoreError {
    /// The database.
    #[error("the store fails")]
    Store(#[from] StoreError),
    /// Judging.
    #[error("nothing was judged")]
    Judge(#[from] JudgeError),
    /// The certificate.
    #[error("the coordinator's certificate is not renewed")]
    Certificate(#[from] ServerError),
}
