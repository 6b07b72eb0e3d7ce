//! The Unix socket, for real: what stands between a process on this machine and the router.

use keepwatch_coordinator::web::server::socket;
use keepwatch_tests::databases::for_each_database;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::world::World;

#[test]
fn a_process_of_ours_is_the_administrator_and_is_answered_before_the_end() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("keepwatch.sock");
        let listener = socket::bind(&path).await.unwrap();
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        let serving = socket::serve(
            listener,
            world.router.clone(),
            tracker.clone(),
            stop.clone(),
        );
        tracker.spawn(serving);

        let mut stream = UnixStream::connect(&path).await.unwrap();
        let request = b"GET /api/v1/me HTTP/1.1\r\nhost: local\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.contains(r#""name":"local","role":"administrator""#),
            "{answer}"
        );

        stop.cancel();
        tracker.close();
        tracker.wait().await;
    });
}
