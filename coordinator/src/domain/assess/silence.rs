//! Agents are heard. Only the coordinator's clock counts, and its own absence is not their silence.
//!
//! Evidence holds when the agent was heard last and never for how long ago: it stays the same while
//! the silence lasts.

use keepwatch_common::time::Instant;

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Subjects, Why};
use crate::domain::pack::{Control, SilenceParameters};
use crate::domain::subject::Subject;

/// What is known of one agent. Revoked agents are not judged.
#[derive(Debug, Clone, Copy)]
pub struct SilenceFacts<'a> {
    /// Its id.
    pub agent: &'a str,
    /// The host it runs on.
    pub host: &'a str,
    /// When it joined.
    pub joined_at: Instant,
    /// When it was heard last; none when it never was.
    pub heard_at: Option<Instant>,
    /// Whether it is connected to any coordinator now.
    pub connected: bool,
    /// When the coordinator that judges started to listen.
    pub coordinator_started_at: Instant,
}

/// Judges one agent.
pub fn judge(
    control: &Control,
    parameters: &SilenceParameters,
    facts: &SilenceFacts<'_>,
    now: Instant,
) -> Judgement {
    let subject = Subject::agent(facts.agent);
    let scope = Subjects::one(subject.clone());
    let last = facts.heard_at.unwrap_or(facts.joined_at);
    let silent_ms = now.since(last);
    if facts.connected || silent_ms < parameters.after_ms {
        return Judgement::of(&control.id, scope, Vec::new());
    }
    let listening_ms = now.since(facts.coordinator_started_at);
    if last < facts.coordinator_started_at && listening_ms < parameters.grace_ms {
        return Judgement::unknown(&control.id, scope, Why::JustStarted);
    }
    let evidence = Evidence::Silence {
        agent: facts.agent.to_owned(),
        host: facts.host.to_owned(),
        heard_at_ms: facts.heard_at,
    };
    let mut failing = Failing::of(control, subject, last, evidence);
    if silent_ms < parameters.worst_ms {
        failing = failing.at_most(control.severity.milder());
    }
    Judgement::of(&control.id, scope, vec![failing])
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::{HOUR_MS, MINUTE_MS};

    use super::*;
    use crate::domain::judgement::Verdict;
    use crate::domain::kind::Severity;
    use crate::domain::pack::Check;
    use crate::domain::packs;

    const NOW_S: i64 = 1_800_000_000;

    /// Heard and started so many minutes ago.
    fn judged(heard: Option<i64>, connected: bool, started: i64) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let control = pack.control("F-3.4").unwrap();
        let Check::Silence(parameters) = control.check else {
            panic!("F-3.4 is not about silence");
        };
        let now = Instant::from_s(NOW_S);
        let facts = SilenceFacts {
            agent: "018f-agent",
            host: "till-7",
            joined_at: now - HOUR_MS,
            heard_at: heard.map(|minutes| now - minutes * MINUTE_MS),
            connected,
            coordinator_started_at: now - started * MINUTE_MS,
        };
        judge(control, &parameters, &facts, now)
    }

    #[test]
    fn five_minutes_without_a_word_are_silence() {
        assert_eq!(judged(Some(4), false, 60).verdict, Verdict::Pass);
        let silent = judged(Some(5), false, 60);
        assert_eq!(silent.failing[0].severity, Severity::Major);
        assert_eq!(
            silent.failing[0].since,
            Instant::from_s(NOW_S) - 5 * MINUTE_MS
        );
    }

    #[test]
    fn long_silence_is_worse() {
        let silent = judged(Some(240), false, 600);
        assert_eq!(silent.failing[0].severity, Severity::Critical);
    }

    #[test]
    fn a_connected_agent_is_heard_however_little_it_tells() {
        assert_eq!(judged(Some(600), true, 600).verdict, Verdict::Pass);
    }

    #[test]
    fn a_coordinator_that_just_started_does_not_know() {
        let early = judged(Some(30), false, 2);
        assert_eq!(early.why, Some(Why::JustStarted));
        assert_eq!(judged(Some(30), false, 5).verdict, Verdict::Fail);
    }

    #[test]
    fn an_agent_never_heard_is_silent_since_it_joined() {
        let never = judged(None, false, 600);
        assert_eq!(never.failing[0].since, Instant::from_s(NOW_S) - HOUR_MS);
    }
}
