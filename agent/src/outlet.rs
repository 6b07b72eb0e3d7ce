//! Where observers put what they saw: a bounded queue towards the spool.
//!
//! Observers work on threads of their own. When the queue is full they wait: nothing is dropped
//! before the spool, which has rules for dropping. It must not know what becomes of observations.

use keepwatch_common::clock::Clock;
use keepwatch_common::model::observation::{Body, Observation};
use tokio::sync::mpsc;

/// Observations on their way from observers to the spool.
const QUEUE_MAX: usize = 4_096;

/// The observers' end.
#[derive(Debug, Clone)]
pub struct Outlet(mpsc::Sender<Observation>);

/// The agent is stopping: nobody takes observations any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the agent is stopping")]
pub struct Stopping;

/// Both ends of a new queue.
pub fn queue() -> (Outlet, mpsc::Receiver<Observation>) {
    let (sender, receiver) = mpsc::channel(QUEUE_MAX);
    (Outlet(sender), receiver)
}

impl Outlet {
    /// Tells bodies as they are now; waits while the queue is full. Only for threads of their own:
    /// it blocks.
    pub fn tell(&self, bodies: Vec<Body>, clock: &dyn Clock) -> Result<(), Stopping> {
        for body in bodies {
            let observation = Observation {
                at: clock.now(),
                body,
            };
            self.0.blocking_send(observation).map_err(|_| Stopping)?;
        }
        Ok(())
    }

    /// Tells bodies as they are now, for tasks; waits while the queue is full.
    pub async fn tell_from_task(
        &self,
        bodies: Vec<Body>,
        clock: &dyn Clock,
    ) -> Result<(), Stopping> {
        for body in bodies {
            let observation = Observation {
                at: clock.now(),
                body,
            };
            self.0.send(observation).await.map_err(|_| Stopping)?;
        }
        Ok(())
    }
}
