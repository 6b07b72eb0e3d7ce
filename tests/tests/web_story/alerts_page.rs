//! The page of alerts, and taking one on from it; and what is outside somebody's scope.

use keepwatch_tests::databases::for_each_database;
use serde_json::json;

use super::alerts::drifting;
use super::client::Answer;
use super::footage::camera;
use super::world::World;

/// The address and the version in the first form of a page.
#[track_caller]
fn form(page: &Answer) -> (String, String) {
    let after = |before: &str| {
        let (_, rest) = page
            .text
            .split_once(before)
            .unwrap_or_else(|| panic!("{page:?}"));
        rest.split('"').next().unwrap().to_owned()
    };
    let path = format!("/alerts/{}", after("action=\"/alerts/"));
    (path, after("name=\"version\" value=\""))
}

#[test]
fn an_alert_says_what_is_wrong_and_leads_to_it() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let gap = super::footage::span("2026-11-23T01:00:00Z", "2026-11-23T04:00:00Z");
        world.recorded(0, &camera("nvr", "door"), 33, &[gap]).await;
        let mut browser = world.visitor_named("sh").await;
        let page = browser.get("/alerts").await.is(200);
        let page = page.says("/branches/SH-001/drift/nvr.json\">nvr.json 被改 1 项");
        let page = page.says("/branches/SH-001/cameras/nvr/door?day=2026-11-23\">door 自");
        let (gap, drift) = (page.text.find("door 自"), page.text.find("nvr.json 被改"));
        assert!(gap < drift, "the gravest comes first: {page:?}");
        page.says_no("CD-001");
    });
}

#[test]
fn the_filter_is_the_address_and_nonsense_is_refused() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let mut browser = world.visitor_named("hq").await;
        let page = browser
            .get("/alerts?severity=major&handling=new&branch=")
            .await;
        page.is(200).says("SH-001").says("CD-001");
        let page = browser.get("/alerts?branch=%20SH-001%20").await.is(200);
        page.says("/branches/SH-001\"")
            .says_no("/branches/CD-001\"");
        for none in [
            "severity=critical",
            "handling=closed",
            "handling=snoozed",
            "after=minor.1",
        ] {
            let page = browser.get(&format!("/alerts?{none}")).await.is(200);
            page.says_no("/drift/nvr.json\"");
        }
        for bad in [
            "severity=dire",
            "handling=x",
            "after=x",
            "severity=major&severity=minor",
        ] {
            browser.get(&format!("/alerts?{bad}")).await.is(400);
        }
        for nowhere in ["branch=SH-999", "branch=%3Cb%3E"] {
            let page = browser.get(&format!("/alerts?{nowhere}")).await.is(200);
            page.says("没有编号为").says_no("\"<b>").says_no("SH-001");
        }
    });
}

#[test]
fn each_count_is_of_the_rows_its_link_leads_to() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let gap = super::footage::span("2026-11-23T01:00:00Z", "2026-11-23T04:00:00Z");
        world.recorded(0, &camera("nvr", "door"), 33, &[gap]).await;
        let mut browser = world.visitor_named("hq").await;
        let page = browser.get("/alerts?branch=SH-001&handling=new").await;
        let chips = page.text.split("class=\"chips\"").skip(1);
        let chips = chips.map(|chips| chips.split("</nav>").next().unwrap());
        let mut followed = 0;
        for chip in chips.flat_map(|chips| chips.split("<a href=\"").skip(1)) {
            let link = chip.split('"').next().unwrap().replace("&#38;", "&");
            let count = chip.split("<b>").nth(1).unwrap();
            let count: usize = count.split('<').next().unwrap().parse().unwrap();
            let rows = browser.get(&link).await.is(200);
            assert_eq!(rows.text.matches("<tr><td>").count(), count, "{link}");
            followed += count;
        }
        assert!(followed > 0, "{page:?}");
    });
}

#[test]
fn a_note_that_is_not_taken_stays_in_its_form_or_is_said_to_be_lost() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let mut browser = world.visitor_named("sh").await;
        let then = "/alerts?handling=new";
        let (path, version) = form(&browser.get(then).await.is(200));
        let long = "盘".repeat(501);
        let mut fields = [
            ("version", version.as_str()),
            ("then", then),
            ("note", &long),
        ];
        let refused = browser.fill(&path, &fields).await.is(422);
        refused
            .says(&format!("{long}</textarea>"))
            .says("<details open>")
            .says("handling=new");
        fields[2].1 = "first";
        browser.fill(&path, &fields).await.is(303);
        fields[2].1 = "another word";
        let refused = browser.fill(&path, &fields).await.is(409);
        refused.says("another word").says("早已由您负责");
    });
}

#[test]
fn taking_an_alert_on_from_the_page_twice_counts_once() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let mut browser = world.visitor_named("sh").await;
        let (path, version) = form(&browser.get("/alerts?handling=new").await.is(200));
        let fields = [
            ("version", version.as_str()),
            ("idempotency_key", "0123456789abcdef"),
            ("then", "/alerts?handling=new"),
            ("note", "硬盘已送修\r\n<b>今天</b>"),
        ];
        for _ in 0..2 {
            let done = browser.fill(&path, &fields).await.is(303);
            assert_eq!(done.leads_to().as_deref(), Some("/alerts?handling=new"));
        }
        let page = browser
            .get("/alerts")
            .await
            .is(200)
            .says("已认领")
            .says("硬盘已送修");
        page.says("sh <span")
            .says_no("<b>今天")
            .says_no("name=\"version\"");
        let noted = "SELECT count(*) FROM alert_events WHERE actor = 'sh'";
        assert_eq!(database.number(noted).await.unwrap(), 1);
        let deeds = "SELECT count(*) FROM deeds WHERE verb = 'alert_acknowledge'";
        assert_eq!(database.number(deeds).await.unwrap(), 1);
    });
}

#[test]
fn an_alert_that_changed_meanwhile_is_shown_as_it_is_and_left_alone() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        let mut browser = world.visitor_named("sh").await;
        let (path, version) = form(&browser.get("/alerts").await.is(200));
        world.clock.advance(1_000);
        let other = world.signed_in("hq").await;
        other.post(&path, &json!({"note": "mine"})).await.is(200);
        let fields = [("version", version.as_str())];
        let refused = browser.fill(&path, &fields).await.is(409);
        refused.says("note gap").says("hq <span").says("mine");
        let by = "SELECT count(*) FROM alerts WHERE handled_by = 'hq'";
        assert_eq!(database.number(by).await.unwrap(), 1);
        for bad in ["x", ""] {
            browser.fill(&path, &[("version", bad)]).await.is(422);
        }
        let hostile = [("version", version.as_str()), ("note", "a\u{1b}b")];
        browser.fill(&path, &hostile).await.is(422);
    });
}

#[test]
fn what_is_outside_somebodys_scope_is_not_there() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        drifting(&world).await;
        world.recorded(0, &camera("nvr", "door"), 1, &[]).await;
        let mut own = world.visitor_named("east").await;
        let (alert, version) = form(&own.get("/alerts").await.is(200));
        for name in ["west", "cd"] {
            let mut foreign = world.visitor_named(name).await;
            for path in [
                "/branches/SH-001",
                "/branches/SH-001/cameras/nvr/door",
                "/branches/SH-001/drift/nvr.json",
            ] {
                own.get(path).await.is(200);
                foreign.get(path).await.is(404).says_no("南京西路店");
            }
            let nowhere = foreign.get("/alerts?branch=SH-001").await.is(200);
            nowhere.says("没有编号为").says_no("南京西路店");
            for list in ["/alerts", "/drift"] {
                foreign.get(list).await.is(200).says_no("SH-001");
            }
            let fields = [("version", version.as_str()), ("reason", "as it should be")];
            for path in [alert.as_str(), "/branches/SH-001/drift/nvr.json"] {
                foreign.fill(path, &fields).await.is(404);
            }
            foreign
                .fill("/alerts/999999/acknowledge", &fields)
                .await
                .is(404);
            foreign.fill("/alerts/x/acknowledge", &fields).await.is(400);
        }
    });
}

#[test]
fn a_stranger_is_led_to_sign_in() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor();
        for path in ["/alerts", "/drift", "/branches/SH-001"] {
            let answer = browser.get(path).await.is(303);
            let to = answer.leads_to().unwrap();
            assert!(to.starts_with("/sign-in?then="), "{to}");
        }
    });
}
