//! Health and counters.

use axum::http::Method;
use keepwatch_tests::databases::for_each_database;

use super::world::World;

#[test]
fn a_coordinator_that_answers_lives_and_is_ready() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let stranger = world.stranger();
        assert_eq!(stranger.get("//healthz").await.is(200).text, "alive\n");
        assert_eq!(stranger.get("//readyz").await.is(200).text, "ready\n");
    });
}

#[test]
fn a_stuck_writer_makes_it_unready_and_only_this_machine_learns_why() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let writer = &world.services.metrics.intake.writer;
        writer.begin(world.services.clock.tick());
        world.clock.advance(30_000);
        world.local().get("//readyz").await.is(200);
        world.clock.advance(1_000);
        let why = world.local().get("//readyz").await.is(503);
        assert!(why.text.contains("31 s"), "{why:?}");
        assert_eq!(
            world.stranger().get("//readyz").await.is(503).text,
            "not ready\n"
        );
        world.stranger().get("//healthz").await.is(200);
        writer.done();
        world.local().get("//readyz").await.is(200);
    });
}

#[test]
fn a_database_that_does_not_take_reports_makes_it_unready() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let hindrance = &world.services.metrics.intake.hindrance;
        hindrance.arose("the disk is full".to_owned());
        let why = world.local().get("//readyz").await.is(503);
        assert!(why.text.contains("the disk is full"), "{why:?}");
        hindrance.passed();
        world.local().get("//readyz").await.is(200);
    });
}

#[test]
fn a_schema_that_is_not_ours_makes_it_unready() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        database
            .tamper("UPDATE migrations SET checksum = 'x'")
            .await
            .unwrap();
        let why = world.local().get("//readyz").await.is(503);
        assert!(why.text.contains("another build"), "{why:?}");
    });
}

#[test]
fn counters_are_for_this_machine_and_for_who_sees_the_whole_chain() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        world.stranger().get("//metrics").await.is(401);
        world.signed_in("sh").await.get("//metrics").await.is(403);
        let text = world
            .signed_in("hq")
            .await
            .get("//metrics")
            .await
            .is(200)
            .text;
        assert!(text.contains("keepwatch_agents 2"), "{text}");
        assert!(
            text.contains("keepwatch_http_answers_total{method=\"POST\",status=\"201\"}"),
            "{text}"
        );
        world.local().get("//metrics").await.is(200);
        world
            .browser("127.0.0.1:50000")
            .get("//metrics")
            .await
            .is(200);
    });
}

#[test]
fn what_a_proxy_on_this_machine_passes_on_is_not_from_here() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let proxy = world.plain("127.0.0.1:50000");
        proxy.get("//metrics").await.is(200);
        let passed_on = [("x-forwarded-for", "10.1.2.3")];
        let answer = proxy.send(Method::GET, "//metrics", None, &passed_on);
        answer.await.is(401);
    });
}
