//! The course of connections: dialling, greeting, talking, parting, and coming back.
//!
//! It holds at most one connection and decides when there is to be one and as whom. The spool is
//! lent to it while it talks. It must not know what is observed, nor wait for the network.

use std::sync::Arc;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::error_chain::chain;
use keepwatch_common::ids::{Randomness, nonce};
use keepwatch_common::time::Instant;
use keepwatch_common::wire::v1::control::Hello;
use keepwatch_common::wire::version::{PROTOCOL, PROTOCOL_MIN};
use tracing::{debug, error, info, warn};

use super::call::{Broken, Call, CallEnd, CallEvent};
use super::credentials::Credentials;
use super::dialler::{Dialler, Unreached};
use super::keeper::Keeper;
use super::line::{Happened, Line};
use super::link::Link;
use super::offset::CoordinatorTime;
use super::pacing::{Away, Pacing};
use super::parting::{after_call, after_dial, refusal};
use super::standing::{Connected, UplinkStanding};
use crate::desired::Desk;
use crate::identity::time::{ClockStanding, TrustedTime};
use crate::spool::DatabaseError;

/// Between two looks at whether the certificate is to be renewed, in milliseconds.
const RENEW_LOOK_MS: u64 = 60_000;

/// Between two notes of when the coordinator was heard, in milliseconds.
const HEARD_MS: u64 = 24 * 3_600_000;

/// Who connects, by which clock, and what is wanted of it.
pub(super) struct Party {
    pub(super) credentials: Credentials,
    pub(super) time: Arc<TrustedTime>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) randomness: Arc<dyn Randomness>,
    /// A number of this process.
    pub(super) process: u64,
    pub(super) desk: Desk,
}

/// The way to a coordinator, and what is known of it.
pub(super) struct Course {
    party: Party,
    line: Line,
    /// Away while a dial is in flight.
    dialler: Option<Dialler>,
    pacing: Pacing,
    coordinator_time: Option<CoordinatorTime>,
    /// What was last said about a lasting trouble, so that it is said once.
    warned: Option<String>,
    renew_look_at: Tick,
    heard_at: Tick,
    standing: UplinkStanding,
    /// The standing is another than it was when it was last asked for.
    has_news: bool,
}

impl Course {
    /// Down, and to be dialled at once.
    pub(super) fn new(party: Party, dialler: Dialler, standing: UplinkStanding) -> Self {
        let now = party.clock.tick();
        Self {
            party,
            line: Line::Down { until: now },
            dialler: Some(dialler),
            pacing: Pacing::new(),
            coordinator_time: None,
            warned: None,
            renew_look_at: now,
            heard_at: now,
            standing,
            has_news: true,
        }
    }

    /// Waits for something to happen; may be dropped and called again.
    pub(super) async fn happened(&mut self) -> Happened {
        self.line.happened().await
    }

    /// When it has something to do without anything having happened. Who stops dials no more, so a
    /// line that is down is due for nothing.
    pub(super) fn due(&self, stopping: bool) -> Option<Tick> {
        let dials = !stopping || !matches!(self.line, Line::Down { .. });
        self.line.due().filter(|_| dials)
    }

    /// Whether our clock is near the coordinator's, as far as is known.
    pub(super) fn clock_is_good(&self) -> bool {
        self.party.time.standing() == ClockStanding::Plausible
    }

    /// Whether the standing changed since it was last asked for.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    /// How it stands now, but for what waits in the spool.
    pub(super) fn standing(&mut self) -> UplinkStanding {
        self.has_news = false;
        self.standing.certificate_until = self.party.credentials.current().not_after();
        self.standing.clock_offset_ms = self
            .coordinator_time
            .map(|time| time.offset_ms(self.party.clock.as_ref()));
        self.standing.clone()
    }

    /// Something happened; `epoch` is the spool's.
    pub(super) fn on(&mut self, happened: Happened, epoch: u64) {
        match happened {
            Happened::Room => {}
            Happened::Dialled(dialler, link) => {
                self.dialler = Some(*dialler);
                match link {
                    Ok(link) => self.begin(link, epoch),
                    Err(unreached) => self.unreached(&unreached),
                }
            }
            Happened::Came(incoming) => {
                if let Line::Up(call) = &mut self.line
                    && let Err(end) = call.came(incoming)
                {
                    self.ended(&end);
                }
            }
        }
    }

    /// Begins to dial, when it is time to.
    pub(super) fn dial_when_due(&mut self) {
        let now = self.party.clock.tick();
        if matches!(self.line, Line::Down { until } if now >= until) {
            self.dial();
        }
    }

    /// Ends whatever there is, and gives the dialler back to be closed.
    pub(super) fn close(mut self) -> Option<Dialler> {
        self.line = Line::Down { until: Tick(0) };
        self.dialler.take()
    }

    /// Talks as far as can be done now.
    pub(super) async fn drive(&mut self, keeper: &mut Keeper) -> Result<(), DatabaseError> {
        self.renew();
        loop {
            let Line::Up(call) = &mut self.line else {
                return Ok(());
            };
            match call.drive(keeper).await {
                Ok(None) => return Ok(()),
                Ok(Some(event)) => self.told(event),
                Err(Broken::Call(end)) => self.ended(&end),
                Err(Broken::Spool(failed)) => return Err(failed),
            }
        }
    }

    fn dial(&mut self) {
        let Some(mut dialler) = self.dialler.take() else {
            return;
        };
        let tls = match self.party.credentials.tls(&self.party.time) {
            Ok(tls) => tls,
            Err(failed) => {
                self.dialler = Some(dialler);
                self.away(Away::Refused, chain(&failed).to_string());
                return;
            }
        };
        let coordinators = self.party.credentials.current().coordinators().to_vec();
        self.line = Line::Dialling(Box::pin(async move {
            let link = dialler.dial(&coordinators, &tls).await;
            (Box::new(dialler), link)
        }));
    }

    fn begin(&mut self, link: Link, epoch: u64) {
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL,
            capabilities: 0,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            process: self.party.process,
            epoch,
            clock_ms: self.party.clock.now().ms(),
        };
        match Call::new(link, &hello, Arc::clone(&self.party.clock)) {
            Ok(call) => self.line = Line::Up(Box::new(call)),
            Err(failed) => self.ended(&failed.into()),
        }
    }

    fn told(&mut self, event: CallEvent) {
        match event {
            CallEvent::Welcomed(time) => self.welcomed(time),
            CallEvent::Acked { refused } => {
                self.standing.acked_at = Some(self.party.clock.now());
                self.standing.refused = self.standing.refused.saturating_add(refused);
            }
            CallEvent::Desired(desired) => {
                self.party.desk.take(&desired);
                self.say_what_is_in_force();
            }
            CallEvent::Renewed(chain) => {
                if self.party.credentials.renewed(chain) {
                    self.ended(&CallEnd::Renewed);
                }
            }
        }
    }

    fn welcomed(&mut self, time: CoordinatorTime) {
        let Line::Up(call) = &self.line else { return };
        let (link, now) = (call.link(), self.party.clock.tick());
        let offset_ms = time.offset_ms(self.party.clock.as_ref());
        info!(coordinator = %link.coordinator, transport = link.transport.word(), offset_ms, "connected");
        self.standing.connected = Some(Connected {
            coordinator: link.coordinator.to_string(),
            since: self.party.clock.now(),
            transport: link.transport,
        });
        self.standing.away = None;
        self.warned = None;
        self.coordinator_time = Some(time);
        self.party.credentials.welcomed();
        self.hear(time.now(now));
        (self.has_news, self.renew_look_at) = (true, now);
        self.say_what_is_in_force();
    }

    fn say_what_is_in_force(&mut self) {
        if let Line::Up(call) = &mut self.line
            && let Err(end) = call.in_force(self.party.desk.in_force())
        {
            self.ended(&end);
        }
    }

    fn hear(&mut self, at: Instant) {
        self.heard_at = self.party.clock.tick().after(HEARD_MS);
        self.party.time.hear(at);
        self.party.credentials.heard(at);
    }

    /// Asks for a new certificate when it is time, and notes now and then that we are heard.
    fn renew(&mut self) {
        let now = self.party.clock.tick();
        let (Line::Up(call), Some(time)) = (&mut self.line, self.coordinator_time) else {
            return;
        };
        if call.welcome().is_none() || now < self.renew_look_at {
            return;
        }
        self.renew_look_at = now.after(RENEW_LOOK_MS);
        match self.party.credentials.renewal(time.now(now), now) {
            Ok(None) => {}
            Ok(Some(request)) => {
                info!("asking for a new certificate");
                if let Err(end) = call.renew(request) {
                    self.ended(&end);
                    return;
                }
            }
            Err(failed) => error!(error = %chain(&failed), "no new certificate can be asked for"),
        }
        if now >= self.heard_at {
            self.hear(time.now(now));
        }
    }

    fn unreached(&mut self, unreached: &Unreached) {
        let refused = unreached.refusal().is_some();
        let away = if self.party.credentials.failed(refused) {
            Away::Changing
        } else {
            after_dial(unreached)
        };
        self.away(away, chain(unreached).to_string());
    }

    /// The call is over: the line goes down until it is time to try again.
    fn ended(&mut self, end: &CallEnd) {
        let welcome = match &self.line {
            Line::Up(call) => call.welcome().copied(),
            Line::Down { .. } | Line::Dialling(_) => None,
        };
        let mut away = after_call(end, welcome.as_ref(), self.party.clock.tick());
        if welcome.is_none() && away != Away::Changing {
            if self.party.credentials.failed(refusal(end).is_some()) {
                away = Away::Changing;
            }
            if let Some(dialler) = &mut self.dialler {
                dialler.turn_away();
            }
        }
        self.away(away, chain(end).to_string());
    }

    fn away(&mut self, away: Away, why: String) {
        let wait_ms = self
            .pacing
            .wait_ms(away, nonce(self.party.randomness.as_ref()));
        let now = self.party.clock.tick();
        let until = now.after(wait_ms);
        self.line = Line::Down { until };
        match (away, self.warned.as_deref() == Some(&*why)) {
            (Away::Changing, _) => info!(%why, "connecting anew"),
            (_, true) => debug!(%why, wait_ms, "not connected"),
            (Away::Refused, _) => error!(%why, wait_ms, "not connected, and not without help"),
            _ => warn!(%why, wait_ms, "not connected"),
        }
        self.warned = Some(why.clone());
        self.standing.connected = None;
        self.standing.away = Some(why);
        self.has_news = true;
    }
}
