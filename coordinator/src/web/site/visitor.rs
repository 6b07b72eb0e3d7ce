//! Somebody who is signed in and looks at a page: who, how they want it, and what surrounds it.
//!
//! Every page takes a [`Visitor`], so that no page can be seen by a stranger; what it shows it reads
//! within the visitor's scope.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use keepwatch_common::time::{Instant, MINUTE_MS, Zone};

use super::answer;
use super::back::Back;
use super::look::Look;
use crate::auth::Viewer;
use crate::domain::pack::{Check, Pack};
use crate::store::glance::Glance;
use crate::store::{Reader, StoreError};
use crate::web::failure::Failure;
use crate::web::frame::{Frame, Notice, Stale};
use crate::web::moment::Moment;
use crate::web::services::Services;
use crate::web::session::Caller;
use crate::web::text::Text;

/// Without a word from any branch for so long, what a page says is old, where no control says so:
/// as long as the shortest silence that the policy pack takes for one by default.
const STALE_MS: i64 = 5 * MINUTE_MS;

/// The zone of pages across branches while there is no branch.
const ZONE_DEFAULT: &str = "Asia/Shanghai";

/// See the module.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who.
    pub viewer: Viewer,
    /// How the page is to look.
    pub look: Look,
    services: Arc<Services>,
}

impl FromRequestParts<Arc<Services>> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Arc<Services>,
    ) -> Result<Self, Failure> {
        let Caller(viewer) = Caller::from_request_parts(parts, services).await?;
        Ok(Self {
            viewer,
            look: Look::of(parts),
            services: services.clone(),
        })
    }
}

/// What surrounds a page, as of one snapshot.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// For the template.
    pub frame: Frame,
    /// The wall clock of pages across branches: that of most branches in sight.
    pub zone: Zone,
    /// When any branch in sight was heard last; none before the first report.
    pub heard_at: Option<Instant>,
    /// Now, by our clock.
    pub now: Instant,
}

impl Surroundings {
    /// Now, and the wall clock of pages across branches.
    pub fn wall(&self) -> (Instant, &Zone) {
        (self.now, &self.zone)
    }

    /// An instant by the wall clock of pages across branches.
    pub fn moment(&self, at: Instant) -> Moment {
        Moment::new(at, &self.zone)
    }
}

impl Visitor {
    /// The coordinator's parts.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The words in the visitor's language.
    pub fn text(&self) -> &Text {
        self.services.texts.of(self.look.locale)
    }

    /// A snapshot to read the page from.
    pub async fn read(&self) -> Result<Reader, Failure> {
        Ok(self.services.store.read().await?)
    }

    /// What surrounds the page, from the page's own snapshot.
    pub async fn surroundings(&self, reader: &mut Reader) -> Result<Surroundings, StoreError> {
        let glance = reader.glance(self.viewer.scope()).await?;
        let now = self.services.clock.now();
        let zone = zone(glance.time_zone.as_deref());
        let heard_at = heard_at(&glance, now);
        let frame = Frame {
            person: Some(self.viewer.name().to_owned()),
            open_alerts: u64::try_from(glance.alerts_open).unwrap_or(0),
            stale: stale(heard_at, now, &self.services.policy.pack, &zone),
            zone: zone.name().to_owned(),
            ..self.look.bare()
        };
        Ok(Surroundings {
            frame,
            zone,
            heard_at,
            now,
        })
    }

    /// The page as its template drew it.
    pub fn page(&self, drawn: Result<String, askama::Error>) -> Result<Response, Failure> {
        answer::page(&self.look, drawn)
    }

    /// Leads to another page after a form; that page tells what was done.
    pub fn lead(&self, to: &str, notice: Notice) -> Response {
        answer::lead_telling(&self.look, &Back::to(to), notice)
    }
}

fn zone(name: Option<&str>) -> Zone {
    Zone::named(name.unwrap_or(ZONE_DEFAULT)).unwrap_or_else(|_| Zone::utc())
}

/// Whoever is connected is heard now, however little there is to tell.
fn heard_at(glance: &Glance, now: Instant) -> Option<Instant> {
    if glance.agents_connected > 0 {
        return Some(now);
    }
    glance.heard_at_ms.map(Instant::from_ms)
}

fn stale(heard_at: Option<Instant>, now: Instant, pack: &Pack, zone: &Zone) -> Option<Stale> {
    let last = heard_at?;
    let for_ms = now.since(last);
    (for_ms >= stale_after_ms(pack)).then(|| Stale {
        last: Moment::new(last, zone),
        for_ms,
    })
}

/// The least that a control takes for silence.
fn stale_after_ms(pack: &Pack) -> i64 {
    let silences = pack
        .controls
        .iter()
        .filter_map(|control| match control.check {
            Check::Silence(parameters) => Some(parameters.after_ms),
            _ => None,
        });
    silences.min().unwrap_or(STALE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::packs;

    fn now() -> Instant {
        Instant::from_s(1_800_000_000)
    }

    fn glance(connected: i64, heard_ms_ago: i64) -> Glance {
        Glance {
            alerts_open: 0,
            agents_connected: connected,
            heard_at_ms: Some((now() - heard_ms_ago).ms()),
            time_zone: None,
        }
    }

    fn told(glance: &Glance) -> Option<Stale> {
        let pack = packs::monitoring_room().unwrap();
        stale(heard_at(glance, now()), now(), &pack, &Zone::utc())
    }

    #[test]
    fn a_page_is_stale_when_nobody_was_heard_for_as_long_as_silence_takes() {
        assert_eq!(told(&glance(0, STALE_MS - 1)), None);
        assert_eq!(told(&glance(0, STALE_MS)).unwrap().for_ms, STALE_MS);
    }

    #[test]
    fn whoever_is_connected_need_not_talk() {
        assert_eq!(told(&glance(1, 100 * STALE_MS)), None);
    }

    #[test]
    fn before_the_first_report_nothing_is_stale() {
        let mut glance = glance(0, 0);
        glance.heard_at_ms = None;
        assert_eq!(told(&glance), None);
    }
}
