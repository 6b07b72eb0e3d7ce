//! The pages of drift, and approving from them.

use keepwatch_tests::databases::for_each_database;

use super::browser::Browser;
use super::client::Answer;
use super::drift::secret;
use super::world::World;

const FILE: &str = "/branches/SH-001/drift/nvr.json";

/// The value of a hidden field of the form.
#[track_caller]
fn field(page: &Answer, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .text
        .split_once(&before)
        .unwrap_or_else(|| panic!("no {name}: {page:?}"));
    rest.split('"').next().unwrap().to_owned()
}

async fn approve(browser: &mut Browser, page: &Answer, reason: &str) -> Answer {
    let (version, key) = (field(page, "version"), field(page, "idempotency_key"));
    let form = [
        ("version", version.as_str()),
        ("idempotency_key", key.as_str()),
        ("reason", reason),
    ];
    browser.fill(FILE, &form).await
}

/// Approved with 30 days, and 7 now.
async fn drifting(world: &World, browser: &mut Browser) {
    world
        .read_file(0, r#"{"record":{"days":30,"mode":"all"}}"#)
        .await;
    let page = browser.get(FILE).await.is(200);
    approve(browser, &page, "as installed").await.is(303);
    world
        .read_file(0, r#"{"record":{"days":7,"mode":"all"}}"#)
        .await;
}

#[test]
fn approving_from_the_page_makes_drift_go_away() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        drifting(&world, &mut browser).await;
        let list = browser.get("/drift").await.is(200);
        list.says(FILE).says("漂移 1 项");
        let page = browser.get(FILE).await.is(200);
        let page = page
            .says("record.days")
            .says("as installed")
            .says_no("record.mode");
        let done = approve(&mut browser, &page, "changed on\r\nrequest 4711").await;
        assert_eq!(done.is(303).leads_to().as_deref(), Some(FILE));
        let page = browser.get(FILE).await.is(200);
        let page = page.says("已批准").says_no("name=\"version\"");
        page.says("第 2 版").says("完全一致");
        browser.get("/drift").await.is(200).says_no(FILE);
        browser.get(FILE).await.says_no("role=\"status\"");
    });
}

#[test]
fn an_approval_of_what_is_not_there_any_more_is_refused_and_overwrites_nothing() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        drifting(&world, &mut browser).await;
        let seen = browser.get(FILE).await;
        world
            .read_file(0, r#"{"record":{"days":1,"mode":"all"}}"#)
            .await;
        let refused = approve(&mut browser, &seen, "changed on request")
            .await
            .is(409);
        let refused = refused.says("note gap").says("changed on request");
        assert_ne!(field(&refused, "version"), field(&seen, "version"));
        let approved = "SELECT count(*) FROM baselines";
        assert_eq!(database.number(approved).await.unwrap(), 1);
    });
}

#[test]
fn a_file_of_a_silent_agent_is_unknown_and_no_pass() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        browser.headers.push(("accept-language", "en"));
        drifting(&world, &mut browser).await;
        let past = browser.get("/drift?after=1.1").await.is(200);
        let past = past.says("There is no more on this page");
        past.says_no("Every file is as approved");
        let page = browser.get(FILE).await.is(200);
        approve(&mut browser, &page, "changed on request")
            .await
            .is(303);
        let all = browser.get("/drift").await.is(200);
        let all = all.says("Every file is as approved");
        all.says("1 are as approved").says_no("1 unknown:");
        world.hear(0).await;
        world.clock.advance(20 * 60 * 1_000);
        world.look_for_silence(0).await;
        let doubt = browser.get("/drift").await.is(200);
        let doubt = doubt.says("0 are as approved").says("1 unknown:");
        doubt.says_no("Every file is as approved");
    });
}

#[test]
fn a_form_sent_twice_counts_once() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        drifting(&world, &mut browser).await;
        let page = browser.get(FILE).await;
        for _ in 0..2 {
            approve(&mut browser, &page, "changed on request")
                .await
                .is(303);
        }
        let approved = "SELECT count(*) FROM baselines";
        assert_eq!(database.number(approved).await.unwrap(), 2);
        let deeds = "SELECT count(*) FROM deeds WHERE verb = 'baseline_approve'";
        assert_eq!(database.number(deeds).await.unwrap(), 2);
    });
}

#[test]
fn a_reason_that_says_nothing_is_asked_for_again() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        drifting(&world, &mut browser).await;
        let page = browser.get(FILE).await;
        let long = "x".repeat(501);
        for reason in ["", "<ok", &long] {
            let page = approve(&mut browser, &page, reason).await.is(422);
            page.says("aria-invalid=\"true\"").says_no("<ok");
        }
        let garbage = [("version", "x"), ("reason", "changed on request")];
        browser.fill(FILE, &garbage).await.is(422);
    });
}

#[test]
fn who_may_not_approve_sees_no_form_and_is_refused() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut person = world.visitor_named("hq").await;
        drifting(&world, &mut person).await;
        let page = person.get(FILE).await;
        let mut branch = world.visitor_named("sh").await;
        let seen = branch.get(FILE).await.is(200);
        seen.says("record.days").says_no("name=\"reason\"");
        for reason in ["changed on request", ""] {
            let refused = approve(&mut branch, &page, reason).await.is(403);
            refused.says("由总部或区域批准").says_no("approve_baseline");
        }
    });
}

#[test]
fn a_secret_never_appears() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let mut browser = world.visitor_named("hq").await;
        for (hash, key) in [('a', '1'), ('b', '1'), ('c', '2')] {
            world.read_file(0, &secret(hash, key)).await;
            let page = browser.get(FILE).await.is(200);
            let page = page.says("password").says("••••").says_no("aaaa");
            let page = page.says_no("bbbb").says_no("cccc").says_no("$secret");
            if key == '1' {
                approve(&mut browser, &page, "changed on request")
                    .await
                    .is(303);
            } else {
                page.says("换过密钥");
            }
        }
        let page = browser.get("/branches/SH-001").await.is(200);
        page.says_no("cccc").says_no("$secret");
    });
}
