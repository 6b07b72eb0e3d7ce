//! The pages of a branch and of its cameras: which day, which stretch, and why.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::outage::OutageOf;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{HOUR_MS, MINUTE_MS};
use keepwatch_tests::databases::for_each_database;

use super::browser::encoded;
use super::footage::{camera, span};
use super::world::World;

const BRANCH: &str = "/branches/SH-001";
const DOOR: &str = "/branches/SH-001/cameras/nvr/door";

/// 09:47 to 12:58 on the day before, by Shanghai's wall clock.
fn gap() -> Interval {
    span("2026-11-22T01:47:00Z", "2026-11-22T04:58:00Z")
}

/// What lies between two texts, the first time.
#[track_caller]
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from}: {text}"));
    rest.split(to).next().unwrap()
}

#[test]
fn the_table_of_days_shows_on_which_day_footage_is_missing() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world
            .recorded(0, &camera("nvr", "door"), 33, &[gap()])
            .await;
        world.recorded(0, &camera("nvr", "till"), 33, &[]).await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(BRANCH).await.is(200);
        let table = between(&page.text, "<table class=\"heat\">", "</table>");
        let day = format!("<td class=\"gap deep\"><a href=\"{DOOR}?day=2026-11-22\"");
        assert!(table.contains(&day), "{table}");
        assert_eq!(table.matches("?day=").count(), 1, "{table}");
        assert_eq!(
            table.matches("class=\"pass\"").count(),
            2 * 31 - 1,
            "{table}"
        );
        page.says(">86</a>").says_no("class=\"unknown\"");
    });
}

#[test]
fn a_table_of_days_longer_than_the_footage_says_where_that_begins() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.recorded(0, &camera("nvr", "door"), 10, &[]).await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(BRANCH).await.is(200);
        page.says("最早的录像是 11-13 的");
        world.recorded(0, &camera("nvr", "till"), 33, &[]).await;
        browser.get(BRANCH).await.is(200).says_no("最早的录像");
    });
}

#[test]
fn the_camera_page_tells_a_gaps_start_end_and_cause_and_the_broken_segment() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        let (door, till) = (camera("nvr", "door"), camera("nvr", "till"));
        let night = span("2026-11-21T18:00:00Z", "2026-11-21T18:11:00Z");
        world.recorded(0, &door, 33, &[gap(), night]).await;
        world.recorded(0, &till, 33, &[night]).await;
        let path = "2026-11-22/05/door/00.00.mp4";
        world.broken(0, &door, "2026-11-21T21:00:00Z", path).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser.get(&format!("{DOOR}?day=2026-11-22")).await.is(200);
        let rows = between(&page.text, "<table class=\"cards gaps\">", "</table>");
        let (first, second) = rows.split_once("</tr>\n").unwrap();
        assert!(
            first.contains("02:00–02:11") && first.contains("whole recorder"),
            "{first}"
        );
        let said = second.contains("09:47–12:58") && second.contains("This camera alone");
        assert!(
            said && second.contains("3\u{a0}h\u{a0}11\u{a0}min"),
            "{second}"
        );
        let page = page.says("What is wrong now").says("/alerts?branch=SH-001");
        page.says(path).says("05:00").says("moov box missing");
    });
}

#[test]
fn a_gap_has_the_cause_that_the_agent_saw_at_that_time() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        let (door, till) = (camera("nvr", "door"), camera("nvr", "till"));
        let night = span("2026-11-21T18:00:00Z", "2026-11-21T18:11:00Z");
        world.recorded(0, &door, 33, &[gap(), night]).await;
        world.recorded(0, &till, 33, &[night]).await;
        let (away, back) = (gap().start() - MINUTE_MS, gap().end());
        // It began before anybody knew when it would end, and was told again when it had.
        let of_door = OutageOf::Camera(door.clone());
        world.outage(0, of_door.clone(), away, None).await;
        world.outage(0, of_door.clone(), away, Some(back)).await;
        world.outage(0, of_door, away, None).await;
        let nvr = OutageOf::Recorder(door.recorder.clone());
        world.outage(0, nvr, night.start(), Some(night.end())).await;
        let other = OutageOf::Recorder(Name::new("other").unwrap());
        world.outage(0, other, away, None).await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(&format!("{DOOR}?day=2026-11-22")).await.is(200);
        let rows = between(&page.text, "<table class=\"cards gaps\">", "</table>");
        let (first, second) = rows.split_once("</tr>\n").unwrap();
        assert!(
            first.contains("02:00–02:11") && first.contains("录像机无应答"),
            "{first}"
        );
        assert!(
            second.contains("09:47–12:58") && second.contains("通道无应答"),
            "{second}"
        );
        let page = browser.get(&format!("{DOOR}?day=2026-11-23")).await.is(200);
        page.says_no("通道无应答");
    });
}

#[test]
fn footage_that_vanished_is_missing_on_its_day_and_named_so() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        let door = camera("nvr", "door");
        world.recorded(0, &door, 33, &[]).await;
        world.vanished(0, &door, gap()).await;
        let mut browser = world.visitor_named("sh").await;
        browser.get(BRANCH).await.is(200).says(">86</a>");
        let page = browser.get(&format!("{DOOR}?day=2026-11-22")).await.is(200);
        page.says("09:47–12:58").says("录像被提前删除");
    });
}

#[test]
fn a_silent_branch_is_unknown_and_never_a_gap() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.recorded(0, &camera("nvr", "door"), 33, &[]).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        browser.get(BRANCH).await.says("class=\"v pass\"");
        world.clock.advance(u64::try_from(6 * HOUR_MS).unwrap());
        world.look_for_silence(0).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser
            .get(BRANCH)
            .await
            .is(200)
            .says("No report for 6\u{a0}h");
        let head = between(&page.text, "<h1>", "</div>");
        assert!(
            head.contains("v unknown") && !head.contains("v pass"),
            "{head}"
        );
        let page = browser.get(&format!("{DOOR}?day=2026-11-23")).await.is(200);
        let rows = between(&page.text, "<table class=\"cards gaps\">", "</table>");
        assert!(
            rows.contains("16:00–22:00") && rows.contains("Agent silent"),
            "{rows}"
        );
        assert!(
            rows.contains("v unknown") && !rows.contains("v gap"),
            "{rows}"
        );
        let page = page.says("The continuous depth is <b>unknown</b>");
        let head = between(&page.text, "<h1>", "</div>");
        assert!(head.contains("v unknown"), "{head}");
    });
}

#[test]
fn a_volume_that_is_away_is_why_nothing_is_known() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.recorded(0, &camera("nvr", "door"), 33, &[]).await;
        world.volume(0, Presence::Present).await;
        world.volume(0, Presence::Missing).await;
        world.clock.advance(u64::try_from(3 * HOUR_MS).unwrap());
        world.hear(0).await;
        let mut browser = world.visitor_named("sh").await;
        browser.get(BRANCH).await.is(200).says("未挂载");
        let page = browser.get(&format!("{DOOR}?day=2026-11-23")).await.is(200);
        let rows = between(&page.text, "<table class=\"cards gaps\">", "</table>");
        assert!(
            rows.contains("16:00–19:00") && rows.contains("存储卷未挂载"),
            "{rows}"
        );
        assert!(!rows.contains("v gap"), "{rows}");
    });
}

#[test]
fn days_that_nobody_measured_are_unknown() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.recorded(0, &camera("nvr", "door"), 3, &[]).await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(BRANCH).await.is(200);
        let table = between(&page.text, "<table class=\"heat\">", "</table>");
        assert_eq!(
            table.matches("class=\"unknown\"").count(),
            31 - 3,
            "{table}"
        );
        let page = browser.get(&format!("{DOOR}?day=2026-11-10")).await.is(200);
        page.says("00:00–24:00")
            .says("当日没有观测")
            .says_no("v gap");
    });
}

#[test]
fn what_is_no_day_is_refused_and_what_is_far_away_is_nowhere() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.recorded(0, &camera("nvr", "door"), 1, &[]).await;
        let mut browser = world.visitor_named("sh").await;
        let long = "9".repeat(4_000);
        for day in [
            "garbage",
            "9999-99-99",
            "2026-02-30",
            "2026-11-22T10",
            "+002026-11-22",
            &long,
        ] {
            let page = browser
                .get(&format!("{DOOR}?day={}", encoded(day)))
                .await
                .is(400);
            page.says("<h1>");
        }
        for day in ["9999-12-31", "0001-01-01", "2026-11-24", "2025-01-01"] {
            browser
                .get(&format!("{DOOR}?day={day}"))
                .await
                .is(404)
                .says("没有这一天")
                .says(&format!("href=\"{DOOR}\""));
        }
        browser
            .get(&format!("{DOOR}?day=2026-11-23&day=2026-11-22"))
            .await
            .is(400);
        let name = "%F0%9F%8E%A5".repeat(1_000);
        for path in [
            format!("/branches/SH-001/cameras/nvr/{name}"),
            format!("/branches/{name}"),
            "/branches/SH-001/cameras/nvr/none".to_owned(),
            "/branches/SH-001/cameras/nvr/a%00b".to_owned(),
            "/branches/a%00b".to_owned(),
        ] {
            browser.get(&path).await.is(404).says("<h1>");
        }
        for after in ["x", "-1", "99999999999999999999"] {
            let status = if after == "-1" { 200 } else { 400 };
            browser
                .get(&format!("{BRANCH}?after={after}"))
                .await
                .is(status);
        }
    });
}

#[test]
fn why_a_camera_stopped_is_told_while_it_still_stands() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        world.recorded(0, &camera("nvr", "till"), 33, &[]).await;
        world.clock.advance(30_000);
        let now = world.services.clock.now();
        let gap = Interval::new(now - HOUR_MS, now).unwrap();
        world.recorded(0, &camera("nvr", "door"), 33, &[gap]).await;
        let mut browser = world.visitor_named("sh").await;
        browser.headers.push(("accept-language", "en"));
        let page = browser.get(&format!("{DOOR}?day=2026-11-23")).await.is(200);
        page.says("This camera alone stopped");
        // Half a minute behind is not due yet.
        let till = DOOR.replace("door", "till");
        let page = browser.get(&format!("{till}?day=")).await.is(200);
        page.says("2026-11-23 Monday").says_no("cards gaps");
    });
}

#[test]
fn a_name_with_any_sign_is_text_and_its_link_leads_to_it() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        let (recorder, name) = ("nvr/1?#%2F", "<b>\"door\" & 'till'/../x</b>");
        world
            .recorded(0, &camera(recorder, name), 2, &[gap()])
            .await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(BRANCH).await.is(200).says_no("<b>\"door");
        let table = between(&page.text, "<table class=\"heat\">", "</table>");
        let link = between(table, "<a href=\"", "\"").to_owned();
        let page = browser.get(&link).await.is(200).says_no("<b>\"door");
        let shown = between(&page.text, "<h1>", "</h1>");
        assert!(
            shown.contains("&#60;b&#62;") && shown.contains("/../x"),
            "{shown}"
        );
    });
}

#[test]
fn minutes_that_lack_from_the_newest_measurement_hide_nothing() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.hear(0).await;
        let door = camera("nvr", "door");
        world.recorded(0, &door, 33, &[]).await;
        world.clock.advance(u64::try_from(20 * MINUTE_MS).unwrap());
        let mut browser = world.visitor_named("sh").await;
        let today = format!("{DOOR}?day=2026-11-23\"");
        let page = browser.get(BRANCH).await.is(200);
        page.says_no(&today).says_no("class=\"unknown\"");
        world.clock.advance(u64::try_from(2 * HOUR_MS).unwrap());
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get(BRANCH).await.is(200);
        page.says("<td class=\"unknown\">?</td><td class=\"deep-days\">");
    });
}
