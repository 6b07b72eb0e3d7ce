//! The pages in Chromium, over a real socket: what a person sees, clicks and writes.
//!
//! One browser a story: it is started once and walks through the page's whole business. What each
//! page says in detail is told beside this file, without a browser.

use std::net::SocketAddr;

use keepwatch_coordinator::web::server::tcp::Listening;
use keepwatch_tests::browser::{Browser, Look};
use keepwatch_tests::databases::Database;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::footage::{camera, span};
use super::world::{PASSWORD, World};

/// The pages, served on this machine.
struct Site {
    at: SocketAddr,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Site {
    async fn of(world: &World) -> Self {
        let here = "127.0.0.1:0".parse().unwrap();
        let web = Listening::open(here, None).await.unwrap();
        let at = web.address().unwrap();
        let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
        tracker.spawn(web.serve(world.router.clone(), tracker.clone(), stop.clone()));
        Self { at, stop, tracker }
    }

    fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    async fn close(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Tells a story in a browser that looks at a chain.
fn in_a_browser(look: Look, story: &impl AsyncFn(&World, &Site, &Browser)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = Database::on_sqlite().await.unwrap();
        let world = World::of(&database).await;
        let site = Site::of(&world).await;
        let browser = Browser::open(look).await.unwrap();
        story(&world, &site, &browser).await;
        browser.close().await.unwrap();
        site.close().await;
        database.remove().await.unwrap();
    });
}

/// Signs in on the page that the browser was led to.
async fn sign_in(browser: &Browser, name: &str, password: &str) {
    browser.fill("input[name=name]", name).await.unwrap();
    browser
        .fill("input[name=password]", password)
        .await
        .unwrap();
    browser.follow("main button.go").await.unwrap();
}

async fn says(browser: &Browser, css: &str, words: &str) {
    let text = browser.text(css).await.unwrap();
    let text = text.replace('\u{a0}', " ");
    assert!(text.contains(words), "{css} does not say {words}: {text}");
}

#[test]
fn somebody_signs_in_where_they_wanted_to_go_and_signs_out() {
    in_a_browser(Look::DESK, &async |_, site, browser| {
        browser
            .goto(&site.address("/alerts?severity=critical"))
            .await
            .unwrap();
        assert!(browser.path().await.unwrap().starts_with("/sign-in"));
        sign_in(browser, "hq", "not the password").await;
        says(browser, "[role=alert]", "不对").await;
        sign_in(browser, "hq", PASSWORD).await;
        assert_eq!(browser.path().await.unwrap(), "/alerts?severity=critical");
        says(browser, ".who", "hq").await;
        browser
            .follow("form[action='/sign-out'] button")
            .await
            .unwrap();
        browser.goto(&site.address("/")).await.unwrap();
        assert!(browser.path().await.unwrap().starts_with("/sign-in"));
    });
}

#[test]
fn the_fleet_is_read_in_the_language_and_the_light_that_one_chooses() {
    in_a_browser(Look::DESK, &async |world, site, browser| {
        world.hear(0).await;
        let door = camera("nvr", "door");
        world.recorded(0, &door, 33, &[]).await;
        let path = "2026-11-22/05/door/00.00.mp4";
        world.broken(0, &door, "2026-11-21T21:00:00Z", path).await;
        browser.goto(&site.address("/")).await.unwrap();
        sign_in(browser, "hq", PASSWORD).await;
        says(browser, "h1", "合规总览").await;
        says(browser, "p.lead", "0 家合规").await;
        browser
            .follow("form[action='/preferences'] button[name=language]")
            .await
            .unwrap();
        says(browser, "h1", "Compliance").await;
        says(browser, "p.lead", "0 of 2 compliant").await;
        // The branch that nobody ever heard is unknown, and the other one fails.
        assert_eq!(browser.count(".tile").await.unwrap(), 5);
        browser
            .follow("button[name=theme][value=dark]")
            .await
            .unwrap();
        let theme = browser.attribute("html", "data-theme").await.unwrap();
        assert_eq!(theme.as_deref(), Some("dark"));
        browser
            .follow("a[href='/branches?verdict=fail']")
            .await
            .unwrap();
        says(browser, "tbody", "南京西路店").await;
        assert_eq!(browser.path().await.unwrap(), "/branches?verdict=fail");
        browser.look(Look::ENGLISH.on_a_phone()).await.unwrap();
        assert_eq!(browser.sideways_px().await.unwrap(), 0);
    });
}

#[test]
fn a_gap_is_found_from_the_table_of_days_down_to_its_minutes() {
    in_a_browser(Look::ENGLISH, &async |world, site, browser| {
        world.hear(0).await;
        let gap = span("2026-11-22T01:47:00Z", "2026-11-22T04:58:00Z");
        world.recorded(0, &camera("nvr", "door"), 33, &[gap]).await;
        let path = "2026-11-22/05/door/00.00.mp4";
        let door = camera("nvr", "door");
        world.broken(0, &door, "2026-11-21T21:00:00Z", path).await;
        browser
            .goto(&site.address("/branches/SH-001"))
            .await
            .unwrap();
        sign_in(browser, "sh", PASSWORD).await;
        says(browser, "table.heat td.gap", "86").await;
        browser.follow("table.heat td.gap a").await.unwrap();
        says(browser, "h1", "door").await;
        says(browser, "table.gaps", "09:47–12:58").await;
        says(browser, "main", path).await;
        browser.look(Look::ENGLISH.on_a_phone()).await.unwrap();
        assert_eq!(browser.sideways_px().await.unwrap(), 0);
    });
}

#[test]
fn a_drift_is_read_and_approved_with_a_reason() {
    in_a_browser(Look::ENGLISH, &async |world, site, browser| {
        world.hear(0).await;
        world.read_file(0, r#"{"retain":30}"#).await;
        browser
            .goto(&site.address("/branches/SH-001/drift/nvr.json"))
            .await
            .unwrap();
        sign_in(browser, "hq", PASSWORD).await;
        browser
            .fill("#reason", "as it was handed over")
            .await
            .unwrap();
        browser.follow("main button.go").await.unwrap();
        says(browser, "[role=status]", "baseline").await;

        world.read_file(0, r#"{"retain":7}"#).await;
        browser.goto(&site.address("/drift")).await.unwrap();
        browser
            .follow("main a[href='/branches/SH-001/drift/nvr.json']")
            .await
            .unwrap();
        says(browser, "table.diff", "retain").await;
        says(browser, "table.diff .minus", "30").await;
        says(browser, "table.diff .plus", "7").await;
        browser
            .fill("#reason", "changed on request 4711")
            .await
            .unwrap();
        browser.follow("main button.go").await.unwrap();
        says(browser, "[role=status]", "baseline").await;
        says(browser, "dl.facts", "changed on request 4711").await;
        assert_eq!(browser.count("table.diff td.plus").await.unwrap(), 0);
    });
}

#[test]
fn an_alert_is_taken_on_with_a_note() {
    in_a_browser(Look::ENGLISH, &async |world, site, browser| {
        world.hear(0).await;
        let gap = span("2026-11-22T01:47:00Z", "2026-11-22T04:58:00Z");
        world.recorded(0, &camera("nvr", "door"), 33, &[gap]).await;
        browser
            .goto(&site.address("/alerts?severity=critical"))
            .await
            .unwrap();
        sign_in(browser, "hq", PASSWORD).await;
        says(browser, "table.alerts", "Nobody").await;
        browser.click("table.alerts summary").await.unwrap();
        browser
            .fill("table.alerts textarea", "calling the branch")
            .await
            .unwrap();
        browser.follow("table.alerts form button.go").await.unwrap();
        says(browser, "[role=status]", "yours").await;
        says(browser, "table.alerts", "calling the branch").await;
        assert_eq!(browser.count("table.alerts summary").await.unwrap(), 0);
    });
}
