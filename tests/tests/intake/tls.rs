//! Receivers behind TLS, whose certificates are of an authority that only we know.

use std::sync::Arc;

use keepwatch_common::model::volume::Presence;
use keepwatch_tests::receivers::Receiver;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::agent::Agent;
use crate::hq::Hq;
use crate::told::volume;

/// A receiver with a certificate for a name, and its authority as PEM.
async fn receiver_named(name: &str) -> (Receiver, String) {
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let root = authority.self_signed(&authority_key).unwrap();
    let own_key = key();
    let own = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let own = own
        .signed_by(&own_key, &Issuer::new(authority, authority_key))
        .unwrap();
    let tls = ServerConfig::builder_with_provider(keepwatch_agent::identity::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![own.der().clone()],
            PrivatePkcs8KeyDer::from(own_key.serialize_der()).into(),
        )
        .unwrap();
    let receiver = Receiver::listen_with_tls(Arc::new(tls)).await.unwrap();
    (receiver, root.pem())
}

/// A coordinator that tells this receiver, trusting this authority besides the public ones.
async fn telling(receiver: &Receiver, authority: Option<&str>) -> Hq {
    let mut hq = Hq::new().await;
    let authorities = authority.map(|pem| hq.secret_file("ca.pem", pem));
    hq.tell(&receiver.url(), authorities);
    hq.start().await.unwrap();
    let mut agent = Agent::of(&hq, "SH-001").await;
    agent.tell(&hq, vec![volume(Presence::Missing)]).await;
    hq
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_of_our_own_authority_is_told() {
    let (receiver, authority) = receiver_named("127.0.0.1").await;
    let mut hq = telling(&receiver, Some(&authority)).await;
    hq.notifications_are(|rows| rows[0].state == "sent").await;
    assert_eq!(receiver.received().len(), 1);
    hq.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_of_an_authority_that_nobody_knows_is_told_nothing() {
    let (receiver, _) = receiver_named("127.0.0.1").await;
    let mut hq = telling(&receiver, None).await;
    let rows = hq.notifications_are(|rows| rows[0].answer.is_some()).await;
    let why = rows[0].answer.as_deref().unwrap_or_default();
    assert!(why.contains("certificate"), "{why}");
    assert_eq!(receiver.received(), []);
    hq.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_of_another_name_is_told_nothing() {
    let (receiver, authority) = receiver_named("hooks.example").await;
    let mut hq = telling(&receiver, Some(&authority)).await;
    hq.notifications_are(|rows| rows[0].answer.is_some()).await;
    assert_eq!(receiver.received(), []);
    hq.stop().await;
}

/// Addresses of chat bots carry their key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_went_wrong_is_kept_without_the_address() {
    let (receiver, _) = receiver_named("127.0.0.1").await;
    let mut hq = telling(&receiver, None).await;
    let rows = hq.notifications_are(|rows| rows[0].answer.is_some()).await;
    let why = rows[0].answer.as_deref().unwrap_or_default();
    assert!(!why.contains("/hook"), "{why}");
    hq.stop().await;
}
