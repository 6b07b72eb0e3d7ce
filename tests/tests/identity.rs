//! Who is let in and who is not: an agent and a coordinator over real QUIC on this machine.

#![expect(
    clippy::unwrap_used,
    reason = "whatever cannot be set up fails the test that asked for it"
)]

#[path = "identity/clocks.rs"]
mod clocks;
#[path = "identity/joining.rs"]
mod joining;
#[path = "identity/renewal.rs"]
mod renewal;
#[path = "identity/world.rs"]
mod world;

use std::sync::Arc;

use keepwatch_agent::identity;
use keepwatch_agent::uplink::endpoint::{Refusal, dial, open};
use quinn::ConnectionError;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use world::{AGENT, ANY_PORT, Branch, HANGS_AFTER, Headquarters, hear_hello, meet, now, receive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_known_by_its_name_and_its_key() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let identity = hq.enrol(&branch);
    let (seen, told) = meet(&hq.listen(ANY_PORT), branch.tls(&identity)).await;
    let seen = seen.unwrap();
    assert_eq!(seen.agent, AGENT);
    assert_eq!(seen.key, identity.key().fingerprint());
    assert_eq!(seen.not_after, identity.not_after());
    assert_eq!(told, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_refuses_a_coordinator_of_another_authority() {
    let (hq, other, branch) = (Headquarters::new(), Headquarters::new(), Branch::at(now()));
    let identity = hq.enrol(&branch);
    let (seen, told) = meet(&other.listen(ANY_PORT), branch.tls(&identity)).await;
    assert_eq!(seen, None);
    assert_eq!(told, Err(Some(Refusal::NotOurs)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_refuses_a_certificate_of_another_authority() {
    let (hq, other, branch) = (Headquarters::new(), Headquarters::new(), Branch::at(now()));
    let key = branch.home.candidate_key().unwrap();
    let issued = other.issue(&key.request().unwrap());
    hq.admitted.admit(issued.key);
    // The agent's own code would not present such a certificate, so this is made by hand.
    let mut roots = rustls::RootCertStore::empty();
    roots.add(hq.authority.certificate().clone()).unwrap();
    let mut tls = rustls::ClientConfig::builder_with_provider(identity::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            issued.chain,
            PrivateKeyDer::from_pem_slice(key.pem().as_bytes()).unwrap(),
        )
        .unwrap();
    tls.alpn_protocols = vec![b"keepwatch/1".to_vec()];
    let (seen, told) = meet(&hq.listen(ANY_PORT), Arc::new(tls)).await;
    assert_eq!(seen, None);
    assert_eq!(told, Err(Some(Refusal::OtherAuthority)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_refused_though_it_was_in_before() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let identity = hq.enrol(&branch);
    let server = hq.listen(ANY_PORT);
    // An agent that would resume a session if it were offered one, unlike ours.
    let mut eager = (*branch.tls(&identity)).clone();
    eager.resumption = rustls::client::Resumption::in_memory_sessions(8);
    let tls = Arc::new(eager);
    assert_eq!(meet(&server, tls.clone()).await.1, Ok(()));
    hq.admitted.revoke(&identity.key().fingerprint());
    let (seen, told) = meet(&server, tls.clone()).await;
    assert_eq!(seen, None);
    assert_eq!(told, Err(Some(Refusal::Revoked)));
    hq.admitted.admit(identity.key().fingerprint());
    assert_eq!(meet(&server, tls).await.1, Ok(()));
}

/// A runtime that can be killed like a process.
fn machine() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn a_killed_and_restarted_coordinator_is_noticed_with_the_next_packet() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let tls = branch.tls(&hq.enrol(&branch));
    let (here, first) = (machine(), machine());
    let server = first.block_on(async { hq.listen(ANY_PORT) });
    let remote = server.local_addr().unwrap();
    first.spawn(async move { receive(&server).await });
    let connection = here.block_on(async {
        let agent = open(remote).unwrap();
        let connection = dial(&agent, remote, tls).unwrap().await.unwrap();
        hear_hello(&connection).await.unwrap();
        connection
    });
    // Nothing of the first coordinator runs any more, so it says no good-bye.
    first.shutdown_timeout(HANGS_AFTER);
    let second = machine();
    let _server = second.block_on(async { hq.listen(remote) });
    let ended = here.block_on(async {
        connection
            .open_uni()
            .await
            .unwrap()
            .write_all(b"still there?")
            .await
            .unwrap();
        tokio::time::timeout(HANGS_AFTER, connection.closed()).await
    });
    assert_eq!(ended, Ok(ConnectionError::Reset));
}
