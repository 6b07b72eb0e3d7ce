//! TLS, for real: who connects pins our authority and is answered over HTTP/1.1 or HTTP/2.

use std::sync::Arc;

use keepwatch_common::model::peer::COORDINATOR_NAME;
use keepwatch_coordinator::authority::server::ServerCertificate;
use keepwatch_coordinator::authority::web_tls::web_config;
use keepwatch_coordinator::authority::{provider, root::Authority};
use keepwatch_coordinator::web::server::tcp::Listening;
use keepwatch_tests::databases::for_each_database;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::world::{World, now};

/// A client that trusts our authority alone; its clock is the machine's, so the story's time is real.
fn client(authority: &Authority, protocols: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|one| one.as_bytes().to_vec())
        .collect();
    TlsConnector::from(Arc::new(config))
}

#[test]
fn a_browser_is_answered_over_tls_and_hears_that_it_should_stay_there() {
    for_each_database(async |database| {
        let world = World::of(database).await;
        let authority = &world.authority;
        let certificate = Arc::new(ServerCertificate::issue(authority, &[], now()).unwrap());
        let tls = web_config(&certificate, world.services.clock.clone()).unwrap();
        let web = Listening::open("127.0.0.1:0".parse().unwrap(), Some(tls))
            .await
            .unwrap();
        let address = web.address().unwrap();
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        tracker.spawn(web.serve(world.router.clone(), tracker.clone(), stop.clone()));

        let name = ServerName::try_from(COORDINATOR_NAME).unwrap();
        let both = client(authority, &["h2", "http/1.1"]);
        let stream = TcpStream::connect(address).await.unwrap();
        let stream = both.connect(name.clone(), stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        drop(stream);

        let old = client(authority, &["http/1.1"]);
        let stream = TcpStream::connect(address).await.unwrap();
        let mut stream = old.connect(name, stream).await.unwrap();
        let request = b"GET /readyz HTTP/1.1\r\nhost: hq\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.contains("strict-transport-security: max-age="),
            "{answer}"
        );

        stop.cancel();
        tracker.close();
        tracker.wait().await;
    });
}
