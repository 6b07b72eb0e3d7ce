//! What is under a volume: failing, recovered, and unknown, which is nobody's alert.

use keepwatch_common::model::health::{
    Figure, Measure, Reason, Source, SourceHealth, VolumeHealth, Word,
};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::Presence;
use keepwatch_tests::databases::for_each_database;

use super::room::{Room, pair, volume};

fn source(source: Source, subject: &str, word: Word, reason: Reason) -> SourceHealth {
    SourceHealth {
        source,
        subject: Name::new(subject).unwrap(),
        word,
        reason,
        figures: Vec::new(),
        detail: String::new(),
    }
}

fn under(sources: Vec<SourceHealth>) -> Body {
    let mount = source(Source::Mount, "/dev/md0", Word::Good, Reason::Sound);
    Body::Health(VolumeHealth {
        volume: Name::new("footage").unwrap(),
        sources: std::iter::once(mount).chain(sources).collect(),
    })
}

fn disk(name: &str, word: Word, reason: Reason) -> SourceHealth {
    source(Source::Smart, name, word, reason)
}

fn array(working: i64, word: Word, reason: Reason) -> SourceHealth {
    let figures = [(Measure::Members, 2), (Measure::MembersWorking, working)];
    SourceHealth {
        figures: figures
            .map(|(measure, value)| Figure { measure, value })
            .to_vec(),
        ..source(Source::Array, "md0", word, reason)
    }
}

#[test]
fn a_degraded_array_is_told_and_a_rebuilt_one_recovers() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let degraded = array(1, Word::Failing, Reason::Degraded);
        room.tell(vec![volume(Presence::Present), under(vec![degraded])])
            .await;
        assert_eq!(room.kinds().await, [pair("redundancy_lost", "firing")]);
        let alerts = room.alerts().await;
        assert_eq!(alerts[0].subject, "footage:array/md0");
        assert_eq!(alerts[0].severity, "critical");
        let said = database
            .number("SELECT count(*) FROM outbox WHERE body LIKE '%runs with 1 of 2 disks%'")
            .await;
        assert_eq!(said.unwrap(), 1);
        let rebuilding = array(1, Word::Worn, Reason::Rebuilding);
        room.tell(vec![under(vec![rebuilding])]).await;
        assert_eq!(room.alerts().await[0].severity, "major");
        room.tell(vec![under(vec![array(2, Word::Good, Reason::Sound)])])
            .await;
        assert_eq!(room.kinds().await, [pair("redundancy_lost", "recovered")]);
    });
}

#[test]
fn two_disks_that_fail_are_two_alerts_and_one_taken_out_is_over() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let failing = |name| disk(name, Word::Failing, Reason::SelfAssessment);
        room.tell(vec![under(vec![failing("sda"), failing("sdb")])])
            .await;
        assert_eq!(room.kinds().await.len(), 2);
        let fresh = disk("sdc", Word::Good, Reason::Sound);
        room.tell(vec![under(vec![fresh, failing("sdb")])]).await;
        let mut kinds = room.kinds().await;
        kinds.sort();
        assert_eq!(
            kinds,
            [
                pair("disk_failing", "firing"),
                pair("disk_failing", "recovered")
            ]
        );
    });
}

#[test]
fn what_cannot_be_asked_is_no_alert_and_makes_one_that_stood_unknown() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let blind = disk("sda", Word::Unknown, Reason::ToolMissing);
        room.tell(vec![under(vec![blind.clone()])]).await;
        assert_eq!(room.kinds().await, []);
        let failing = disk("sda", Word::Failing, Reason::SelfAssessment);
        room.tell(vec![under(vec![failing])]).await;
        room.tell(vec![under(vec![blind])]).await;
        assert_eq!(room.kinds().await, [pair("disk_failing", "unknown")]);
    });
}

#[test]
fn under_a_volume_that_vanished_nothing_recovers() {
    for_each_database(async |database| {
        let mut room = Room::new(database).await;
        let failing = disk("sda", Word::Failing, Reason::SelfAssessment);
        room.tell(vec![volume(Presence::Present), under(vec![failing])])
            .await;
        room.tell(vec![volume(Presence::Missing)]).await;
        let away = Body::Health(VolumeHealth {
            volume: Name::new("footage").unwrap(),
            sources: vec![source(
                Source::Mount,
                "/srv",
                Word::Unknown,
                Reason::NotMounted,
            )],
        });
        room.tell(vec![away]).await;
        let mut kinds = room.kinds().await;
        kinds.sort();
        assert_eq!(
            kinds,
            [
                pair("disk_failing", "unknown"),
                pair("volume_missing", "firing")
            ]
        );
    });
}
