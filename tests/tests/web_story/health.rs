//! Health and counters.

use keepwatch_coordinator::web::arrival::Arrival;
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
fn the_loopback_is_here_in_both_families() {
    let network = |from: &str| Arrival::Network {
        from: from.parse().unwrap(),
        tls: false,
    };
    for here in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(network(here).is_from_here(), "{here}");
    }
    assert!(!network("10.0.0.1:1").is_from_here());
    assert!(Arrival::Local.is_from_here());
}
