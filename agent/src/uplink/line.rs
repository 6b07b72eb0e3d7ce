//! The way to a coordinator: down, on its way, or up.

use std::future::{Future, pending};
use std::pin::Pin;

use keepwatch_common::clock::Tick;

use super::call::Call;
use super::dialler::{Dialler, Unreached};
use super::link::{Incoming, Link};

/// A try to connect; gives the dialler back.
pub(super) type Dialling =
    Pin<Box<dyn Future<Output = (Box<Dialler>, Result<Link, Unreached>)> + Send>>;

/// The way to a coordinator.
pub(super) enum Line {
    /// None; tried again then.
    Down { until: Tick },
    /// On its way.
    Dialling(Dialling),
    /// There; whether we are welcome is known to the call.
    Up(Box<Call>),
}

/// What came of waiting for it.
pub(super) enum Happened {
    Dialled(Box<Dialler>, Result<Link, Unreached>),
    Came(Incoming),
    /// There is room to send again.
    Room,
}

impl Line {
    /// When it has something to do without anything having happened.
    pub(super) fn due(&self) -> Option<Tick> {
        match self {
            Self::Down { until } => Some(*until),
            Self::Dialling(_) => None,
            Self::Up(call) => call.due(),
        }
    }

    /// Waits for it; may be dropped and called again.
    pub(super) async fn happened(&mut self) -> Happened {
        match self {
            Self::Down { .. } => pending().await,
            Self::Dialling(dialling) => {
                let (dialler, link) = dialling.as_mut().await;
                Happened::Dialled(dialler, link)
            }
            Self::Up(call) => call.next().await.map_or(Happened::Room, Happened::Came),
        }
    }
}
