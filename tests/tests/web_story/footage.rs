//! What an agent tells of footage, for stories about pages.

use std::collections::BTreeSet;

use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, FootageVanished, UtcDay,
};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::outage::{Outage, OutageOf};
use keepwatch_common::model::segment::{FaultKind, SegmentFault};
use keepwatch_common::model::volume::{Presence, VolumeState};
use keepwatch_common::time::{DAY_MS, Instant, MINUTE_MS};
use keepwatch_coordinator::assess::{Bench, Listening};
use keepwatch_coordinator::store::presence::Heard;

use super::world::{AGENTS, World};

pub(crate) fn camera(recorder: &str, camera: &str) -> CameraKey {
    CameraKey {
        recorder: Name::new(recorder).unwrap(),
        camera: Name::new(camera).unwrap(),
    }
}

pub(crate) fn span(start: &str, end: &str) -> Interval {
    let at = |text| Instant::parse(text).unwrap();
    Interval::new(at(start), at(end)).unwrap()
}

impl World {
    /// A camera of a branch recorded for so many days up to now, but for some gaps.
    pub(crate) async fn recorded(
        &self,
        branch: usize,
        camera: &CameraKey,
        days: i64,
        gaps: &[Interval],
    ) {
        let now = self.services.clock.now();
        let oldest = now - days * DAY_MS;
        let footage = CameraFootage {
            camera: camera.clone(),
            oldest: Some(oldest),
            newest: Some(now),
            sealed: 480,
            open: 1,
            opaque: 0,
            corrupt: 0,
            bytes: 1 << 30,
            segment_ms: MINUTE_MS,
        };
        self.tell(branch, Body::Footage(footage)).await;
        self.measured(branch, camera, Interval::new(oldest, now).unwrap(), gaps)
            .await;
    }

    /// A stretch of a camera's time was measured.
    pub(crate) async fn measured(
        &self,
        branch: usize,
        camera: &CameraKey,
        range: Interval,
        gaps: &[Interval],
    ) {
        let gaps: IntervalSet = gaps.iter().copied().collect();
        let mut day = UtcDay::of(range.start());
        while day <= UtcDay::of(range.end() - 1) {
            let measured = day.interval().unwrap().intersection(range).unwrap();
            let slice = CoverageSlice {
                camera: camera.clone(),
                day,
                measured,
                holes: gaps.within(measured).iter().copied().collect(),
            };
            self.tell(branch, Body::Coverage(slice)).await;
            day = UtcDay(day.0 + 1);
        }
    }

    /// A segment cannot be played.
    pub(crate) async fn broken(&self, branch: usize, camera: &CameraKey, start: &str, path: &str) {
        let fault = SegmentFault {
            path: path.to_owned(),
            start: Instant::parse(start).unwrap(),
            kind: FaultKind::Truncated,
            detail: "moov box missing".to_owned(),
        };
        let fault = FaultState {
            camera: camera.clone(),
            fault,
            standing: true,
        };
        self.tell(branch, Body::Fault(fault)).await;
    }

    /// Footage is gone.
    pub(crate) async fn vanished(&self, branch: usize, camera: &CameraKey, gone: Interval) {
        let vanished = FootageVanished {
            camera: camera.clone(),
            spans: vec![gone],
            files: 1,
        };
        self.tell(branch, Body::Vanished(vanished)).await;
    }

    /// A volume is as it is.
    pub(crate) async fn volume(&self, branch: usize, presence: Presence) {
        let volume = VolumeState {
            volume: Name::new("D1").unwrap(),
            path: "/srv/footage".to_owned(),
            presence,
            total_bytes: 0,
            free_bytes: 0,
            kind: String::new(),
        };
        self.tell(branch, Body::Volume(volume)).await;
    }

    /// Something that recording needs was away, or still is.
    pub(crate) async fn outage(
        &self,
        branch: usize,
        of: OutageOf,
        from: Instant,
        until: Option<Instant>,
    ) {
        self.tell(branch, Body::Outage(Outage { of, from, until }))
            .await;
    }

    /// The agent of a branch is heard now.
    pub(crate) async fn hear(&self, branch: usize) {
        let mut tx = self.services.store.begin().await.unwrap();
        let heard = Heard {
            agent: AGENTS[branch],
            at: self.services.clock.now(),
            clock_ahead_ms: Some(230),
        };
        tx.agents_heard(&[heard]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The chore that looks for silence looks at a branch, hearing nobody.
    pub(crate) async fn look_for_silence(&self, branch: usize) {
        let services = &self.services;
        let bench = Bench::new(
            services.store.clone(),
            services.policy.clone(),
            services.clock.clone(),
            services.outbox.clone(),
        );
        let here = BTreeSet::new();
        let since = services.clock.now() - DAY_MS;
        let listening = Listening { here: &here, since };
        let ids = [self.branches[branch]];
        bench.judge_silence(&ids, listening).await.unwrap();
    }
}
