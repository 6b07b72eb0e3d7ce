//! The branch's page: what is under each volume, in both languages, and what nobody can say.

use keepwatch_common::model::health::{
    Figure, Measure, Reason, Source, SourceHealth, VolumeHealth, Word,
};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::MINUTE_MS;
use keepwatch_tests::databases::for_each_database;

use super::world::World;

const BRANCH: &str = "/branches/SH-001";

fn source(
    source: Source,
    subject: &str,
    word: Word,
    reason: Reason,
    figures: &[(Measure, i64)],
) -> SourceHealth {
    let figures = figures.iter();
    SourceHealth {
        source,
        subject: Name::new(subject).unwrap(),
        word,
        reason,
        figures: figures
            .map(|(measure, value)| Figure {
                measure: *measure,
                value: *value,
            })
            .collect(),
        detail: String::new(),
    }
}

/// A mirror that lost a disk; the one that is left wears out, and its speed cannot be told.
fn ill() -> Body {
    let members = [(Measure::Members, 2), (Measure::MembersWorking, 1)];
    let sectors = [
        (Measure::ReallocatedSectors, 3),
        (Measure::TemperatureC, 41),
    ];
    let mut disk = source(
        Source::Smart,
        "sda",
        Word::Worn,
        Reason::Reallocated,
        &sectors,
    );
    disk.detail.push_str("<b>HD</b>, EX-1");
    Body::Health(VolumeHealth {
        volume: Name::new("D1").unwrap(),
        sources: vec![
            source(Source::Mount, "/dev/md0", Word::Good, Reason::Sound, &[]),
            source(
                Source::Array,
                "md0",
                Word::Failing,
                Reason::Degraded,
                &members,
            ),
            disk,
            source(
                Source::Smart,
                "sdb",
                Word::Unknown,
                Reason::ToolMissing,
                &[],
            ),
        ],
    })
}

#[test]
fn what_is_under_a_volume_is_said_with_its_figures_in_both_languages() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.volume(0, Presence::Present).await;
        world.tell(0, ill()).await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(BRANCH).await.is(200);
        page.says("已替换 3 个扇区")
            .says("2 块盘中只有 1 块在工作")
            .says("没有安装 smartctl")
            .says("41 °C")
            .says("&#60;b&#62;HD")
            .says_no("<b>HD");
        browser.headers.push(("accept-language", "en"));
        let page = browser.get(BRANCH).await.is(200);
        page.says("3 sectors reallocated")
            .says("runs with 1 of 2 disks")
            .says("smartctl is not installed; install smartmontools")
            .says("1 source is good")
            // The alert says the same in one sentence.
            .says("D1, md0: runs with 1 of 2 disks");
    });
}

#[test]
fn of_a_volume_that_was_never_examined_nothing_is_known() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.volume(0, Presence::Present).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser.get(BRANCH).await.is(200);
        page.says("Nothing is known yet of what is under it");
    });
}

#[test]
fn what_a_silent_agent_said_of_a_disk_is_unknown() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.volume(0, Presence::Present).await;
        world.tell(0, ill()).await;
        world.clock.advance(u64::try_from(20 * MINUTE_MS).unwrap());
        world.look_for_silence(0).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser.get(BRANCH).await.is(200);
        let under = page.text.split("<tr class=\"under\">").nth(1).unwrap();
        let under = under.split("</tr>").next().unwrap();
        assert!(!under.contains("v fail"), "{under}");
        assert!(under.contains("v unknown"), "{under}");
        let alerts = database
            .number(
                "SELECT count(*) FROM alerts JOIN findings ON findings.id = alerts.finding_id
                 WHERE findings.kind IN ('disk_failing', 'redundancy_lost')
                   AND alerts.condition = 'unknown'",
            )
            .await;
        assert_eq!(alerts.unwrap(), 2);
    });
}
