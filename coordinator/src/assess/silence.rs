//! Agents that are not heard, and what that makes of everything they told.
//!
//! While an agent is silent, whatever of its branch still fires is unknown: it may be over. When it is
//! heard again, that is judged anew by what it told last; what changed meanwhile follows in its
//! reports.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::model::camera::UtcDay;
use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;
use uuid::Uuid;

use super::bench::{Bench, JudgeError, would_change};
use super::branches::branches;
use super::conclude::Judged;
use super::footage::Changed;
use super::judge::{self, Rules, Sights};
use crate::domain::assess::silence::{self, SilenceFacts};
use crate::domain::code::Code;
use crate::domain::judgement::{Judgement, Subjects, Verdict, Why};
use crate::domain::kind::AlertKind;
use crate::domain::pack::{Check, Pack};
use crate::domain::subject::{Moment, Subject};
use crate::store::agents::AgentRow;
use crate::store::findings::FindingRow;
use crate::store::{Reader, StoreError, Tx};

/// Whom this coordinator hears, and since when it listens.
#[derive(Debug, Clone, Copy)]
pub struct Listening<'a> {
    /// Agents that are connected to it now.
    pub here: &'a BTreeSet<Uuid>,
    /// When it started, or came back from an absence of its own.
    pub since: Instant,
}

impl Bench {
    /// The branches where an agent may be silent, or was: only these need a look.
    pub async fn branches_in_doubt(&self) -> Result<Vec<i64>, JudgeError> {
        let now = self.now();
        let mut reader = self.store.read().await?;
        let mut found = BTreeSet::new();
        for control in &self.policy.pack.controls {
            if let Check::Silence(parameters) = control.check {
                found.extend(reader.branches_quiet(now - parameters.after_ms).await?);
                found.extend(reader.branches_of_open(control.id.as_str()).await?);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Judges the agents of some branches, in one transaction; says in how many of the branches
    /// something changed.
    pub async fn judge_silence(
        &self,
        ids: &[i64],
        listening: Listening<'_>,
    ) -> Result<u64, JudgeError> {
        let now = self.now();
        let look = Look {
            pack: &self.policy.pack,
            listening,
            now,
        };
        let mut changed = Vec::new();
        let mut reader = self.store.read().await?;
        for id in ids {
            if look.at(&mut reader, *id).await?.changes() {
                changed.push(*id);
            }
        }
        drop(reader);
        if changed.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        tx.branches_lock(&changed).await?;
        let known = branches(&mut tx, &changed).await?;
        let mut judged = Judged::new();
        for (id, branch) in &known {
            let seen = look.at(&mut tx, *id).await?;
            let since = BTreeMap::from([(*id, branch.since)]);
            let mut judgements = seen.doubts(&mut tx).await?;
            judgements.extend(look.again(&mut tx, &seen, &since).await?);
            judgements.extend(seen.judgements);
            judged.insert(*id, judgements);
        }
        self.finish(tx, &known, &judged, now).await?;
        Ok(u64::try_from(changed.len()).unwrap_or(u64::MAX))
    }
}

/// What a look at a branch goes by.
#[derive(Debug, Clone, Copy)]
struct Look<'a> {
    pack: &'a Pack,
    listening: Listening<'a>,
    now: Instant,
}

/// A branch as it was seen.
struct Seen {
    branch_id: i64,
    open: Vec<FindingRow>,
    judgements: Vec<(Option<i64>, Judgement)>,
    /// Agents that are silent now.
    silent: Vec<(i64, String)>,
    /// Agents that were, and are heard again.
    back: BTreeSet<Uuid>,
}

impl Look<'_> {
    async fn at(self, reader: &mut Reader, branch_id: i64) -> Result<Seen, StoreError> {
        let agents = reader.agent_list_of_branch(branch_id).await?;
        let mut seen = Seen {
            open: reader.finding_list_open(branch_id).await?,
            branch_id,
            judgements: Vec::new(),
            silent: Vec::new(),
            back: BTreeSet::new(),
        };
        for agent in &agents {
            let id = agent.id.to_string();
            let was_silent = seen
                .open
                .iter()
                .any(|row| row.kind == AlertKind::AgentSilent.word() && row.subject == id);
            for judgement in self.judge(agent, &id, was_silent) {
                match judgement.verdict {
                    Verdict::Fail => seen.silent.push((branch_id, id.clone())),
                    Verdict::Pass if was_silent => {
                        seen.back.insert(agent.id);
                    }
                    _ => {}
                }
                seen.judgements.push((None, judgement));
            }
        }
        Ok(seen)
    }

    fn judge(self, agent: &AgentRow, id: &str, was_silent: bool) -> Vec<Judgement> {
        let mut judgements = Vec::new();
        for control in &self.pack.controls {
            let Check::Silence(parameters) = control.check else {
                continue;
            };
            if agent.revoked_at_ms.is_some() {
                if was_silent {
                    let scope = Subjects::one(Subject::agent(id));
                    let verdict = Verdict::NotApplicable;
                    let why = Some(Why::NothingExpected);
                    judgements.push(Judgement::without(&control.id, scope, verdict, why));
                }
                continue;
            }
            let here = self.listening.here.contains(&agent.id);
            let facts = SilenceFacts {
                agent: id,
                host: &agent.host,
                joined_at: Instant::from_ms(agent.joined_at_ms),
                heard_at: agent.heard_at_ms.map(Instant::from_ms),
                connected: here || agent.connected_since_ms.is_some(),
                coordinator_started_at: self.listening.since,
            };
            let judgement = silence::judge(control, &parameters, &facts, self.now);
            // Who only just began to listen changes nobody's mind.
            if judgement.why != Some(Why::JustStarted) {
                judgements.push(judgement);
            }
        }
        judgements
    }

    /// Judges again what nobody knew while its agent was silent.
    async fn again(
        self,
        tx: &mut Tx,
        seen: &Seen,
        watched_since: &BTreeMap<i64, Instant>,
    ) -> Result<Vec<(Option<i64>, Judgement)>, StoreError> {
        let mut cameras: BTreeMap<i64, Changed> = BTreeMap::new();
        let mut volumes = BTreeSet::new();
        let mut files = BTreeSet::new();
        let mut holds = Vec::new();
        if seen.back.is_empty() {
            return Ok(Vec::new());
        }
        for row in seen.standing("unknown") {
            let kind = AlertKind::from_word(&row.kind);
            match (kind, row.camera_id) {
                (
                    Some(
                        AlertKind::VolumeMissing
                        | AlertKind::DiskFailing
                        | AlertKind::RedundancyLost,
                    ),
                    _,
                ) => {
                    volumes.insert(seen.branch_id);
                }
                (Some(AlertKind::HoldBroken), _) if holds.is_empty() => {
                    let standing = tx.hold_list_of_branch(seen.branch_id).await?;
                    holds.extend(standing.into_iter().map(|hold| hold.key));
                }
                (Some(AlertKind::ConfigDrift), _) => {
                    files.extend(seen.files_of(tx, row).await?);
                }
                (Some(kind), Some(camera)) => {
                    widen(cameras.entry(camera).or_default(), kind, row);
                }
                _ => {}
            }
        }
        let sights = Sights::of(tx, &[seen.branch_id], &seen.back).await?;
        let rules = Rules {
            pack: self.pack,
            watched_since,
            sights: &sights,
            now: self.now,
        };
        let all = [
            judge::cameras(tx, &cameras, rules).await?,
            judge::volumes(tx, self.pack, &volumes, &sights).await?,
            judge::watched(tx, self.pack, &files).await?,
            judge::holds(tx, self.pack, &holds, &sights).await?,
        ];
        Ok(all
            .into_iter()
            .flat_map(BTreeMap::into_values)
            .flatten()
            .collect())
    }
}

impl Seen {
    /// Whether anything would change.
    fn changes(&self) -> bool {
        let doubted = !self.silent.is_empty() && self.standing("firing").next().is_some();
        doubted || would_change(&self.open, &self.judgements)
    }

    /// Findings of other kinds whose alerts are in a condition.
    fn standing(&self, condition: &str) -> impl Iterator<Item = &FindingRow> {
        let silence = AlertKind::AgentSilent.word();
        self.open
            .iter()
            .filter(move |row| row.alert.condition == condition && row.kind != silence)
    }

    /// Doubts what fires of a silent agent's cameras, volumes and files.
    async fn doubts(&self, tx: &mut Tx) -> Result<Vec<(Option<i64>, Judgement)>, StoreError> {
        let mut doubts = Vec::new();
        if self.silent.is_empty() {
            return Ok(doubts);
        }
        let is_silent = |agent: &String| self.silent.iter().any(|(_, silent)| silent == agent);
        let cameras = tx.camera_ids_of_agents(&self.silent).await?;
        let volumes = tx.volume_list_of_branch(self.branch_id).await?;
        let files = tx.watched_list_of_branch(self.branch_id).await?;
        let names = volumes
            .iter()
            .flat_map(|row| {
                let kinds = [
                    AlertKind::VolumeMissing,
                    AlertKind::DiskFailing,
                    AlertKind::RedundancyLost,
                ];
                kinds.map(|kind| (kind, &row.name, &row.agent_id))
            })
            .chain(
                files
                    .iter()
                    .map(|row| (AlertKind::ConfigDrift, &row.name, &row.agent_id)),
            );
        let unseen: BTreeSet<_> = names
            .filter(|(_, _, agent)| is_silent(agent))
            .filter_map(|(kind, name, _)| Some((kind.word(), subject_of(name)?)))
            .collect();
        for row in self.standing("firing") {
            let subject = Subject::stored(row.subject.as_str());
            let owned = match row.camera_id {
                Some(camera) => cameras.contains(&camera),
                // A disk is its volume's.
                None => unseen.contains(&(row.kind.as_str(), subject.owner())),
            };
            if let (true, Ok(control)) = (owned, Code::new(row.control.as_str())) {
                let scope = Subjects::one(subject);
                let doubt = Judgement::unknown(&control, scope, Why::AgentSilent);
                doubts.push((row.camera_id, doubt));
            }
        }
        Ok(doubts)
    }

    /// The watched file that a finding is about.
    async fn files_of(
        &self,
        tx: &mut Tx,
        row: &FindingRow,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let files = tx.watched_list_of_branch(self.branch_id).await?;
        let of_it = files
            .into_iter()
            .filter(|file| subject_of(&file.name).is_some_and(|s| s.as_str() == row.subject));
        Ok(of_it.map(|file| (self.branch_id, file.name)).collect())
    }
}

fn subject_of(name: &str) -> Option<Subject> {
    Name::new(name).ok().map(|name| Subject::name(&name))
}

/// Adds to what is to be judged of a camera what a finding is about.
fn widen(changed: &mut Changed, kind: AlertKind, row: &FindingRow) {
    match kind {
        AlertKind::Gap => {
            let day = match Subject::stored(row.subject.as_str()).moment() {
                Some(Moment::At(at)) => UtcDay::of(at),
                Some(Moment::On(day)) => day,
                None => return,
            };
            let known = changed.holes.unwrap_or((day, day));
            changed.holes = Some((known.0.min(day), known.1.max(day)));
        }
        AlertKind::SegmentFault => changed.faults = true,
        AlertKind::RetentionShort => changed.retention = true,
        AlertKind::FootageVanished => changed.vanished = true,
        AlertKind::ConfigDrift
        | AlertKind::AgentSilent
        | AlertKind::VolumeMissing
        | AlertKind::DiskFailing
        | AlertKind::RedundancyLost
        | AlertKind::HoldBroken => {}
    }
}
