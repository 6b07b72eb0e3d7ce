//! Wakes whoever waits, without knowing whom.
//!
//! It lies below everything, so that a lower layer can wake a higher one and never names it. A wake
//! that comes while nobody waits is not lost: the next wait returns at once. Many wakes count as one.

use std::sync::Arc;

use tokio::sync::Notify;

/// One bell; clones ring and hear the same.
#[derive(Debug, Clone, Default)]
pub struct Activator(Arc<Notify>);

impl Activator {
    /// Rings.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_that_nobody_waited_for_is_heard_later() {
        let bell = Activator::default();
        bell.wake();
        bell.wake();
        bell.clone().woken().await;
    }
}
