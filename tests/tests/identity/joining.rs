//! From a join string to an agent that connects.

use std::net::SocketAddr;

use keepwatch_agent::identity::tls::{join_config, pinned_authority};
use keepwatch_agent::uplink::endpoint::{Refusal, dial_to_join, open};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::join::JoinString;
use keepwatch_common::time::Instant;
use keepwatch_coordinator::authority::token;
use keepwatch_coordinator::intake::endpoint::door::{Door, DoorLimits};
use quinn::{ConnectionError, Endpoint, VarInt};
use rustls::pki_types::CertificateDer;

use crate::world::{AGENT, ANY_PORT, Branch, HANGS_AFTER, Headquarters, meet, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_finds_no_way_in_at_the_agents_endpoint() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let tls = join_config(hq.authority.fingerprint(), branch.time.clone()).unwrap();
    let (seen, told) = meet(&hq.listen(ANY_PORT), tls).await;
    assert_eq!(seen, None);
    assert_eq!(told, Err(Some(Refusal::Protocol)));
}

/// A join string for an endpoint, naming an authority.
fn join_string(server: &Endpoint, authority: Fingerprint) -> JoinString {
    let at = server.local_addr().unwrap().to_string().parse().unwrap();
    let printed = JoinString::new(at, 7443, authority, token::mint(&Seeded::new(9)))
        .unwrap()
        .to_string();
    printed.parse().unwrap()
}

/// Sends the request on the one stream and takes the certificate.
async fn ask_to_join(
    branch: &Branch,
    join: &JoinString,
) -> Result<(CertificateDer<'static>, Vec<u8>), ConnectionError> {
    let remote = SocketAddr::new(join.joining().ip().unwrap(), join.joining().port());
    let tls = join_config(join.authority(), branch.time.clone()).unwrap();
    let agent = open(remote).unwrap();
    let connection = dial_to_join(&agent, remote, tls).unwrap().await?;
    let shown = connection.peer_identity().unwrap();
    let shown = shown.downcast::<Vec<CertificateDer<'static>>>().unwrap();
    let authority = pinned_authority(&shown, &join.authority()).unwrap();
    let request = branch.home.candidate_key().unwrap().request().unwrap();
    let (mut ask, mut answer) = connection.open_bi().await?;
    ask.write_all(&request).await.unwrap();
    ask.finish().unwrap();
    let leaf = answer.read_to_end(4_096).await.unwrap();
    connection.close(VarInt::from_u32(0), b"");
    Ok((authority, leaf))
}

/// Answers one request with a certificate; `None` when the agent would not talk to us.
async fn let_join(hq: &Headquarters, server: &Endpoint) -> Option<()> {
    let door = Door::new(DoorLimits::JOINING);
    let incoming = server.accept().await.unwrap();
    let connection = door.admit(server, incoming)?.finish().await.ok()?;
    let (mut answer, mut ask) = connection.accept_bi().await.ok()?;
    let issued = hq.issue(&ask.read_to_end(4_096).await.unwrap());
    hq.admitted.admit(issued.key);
    answer.write_all(&issued.chain[0]).await.unwrap();
    answer.finish().unwrap();
    connection.closed().await;
    Some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_joins_with_its_join_string_and_then_connects() {
    let (hq, branch) = (Headquarters::new(), Branch::at(Instant::EPOCH));
    let server = hq.listen_for_joining();
    let join = join_string(&server, hq.authority.fingerprint());
    let both = async { tokio::join!(let_join(&hq, &server), ask_to_join(&branch, &join)) };
    let (_, asked) = tokio::time::timeout(HANGS_AFTER, both).await.unwrap();
    let (authority, leaf) = asked.unwrap();
    let mut joined = hq.joined(vec![leaf.into()]);
    joined.authority = authority;
    branch.home.save_joined(joined).unwrap();
    let identity = branch.home.current().unwrap().unwrap();
    let (seen, told) = meet(&hq.listen(ANY_PORT), branch.tls(&identity)).await;
    assert_eq!(told, Ok(()));
    assert_eq!(seen.unwrap().agent, AGENT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_string_with_another_fingerprint_is_refused() {
    let (hq, other, branch) = (Headquarters::new(), Headquarters::new(), Branch::at(now()));
    let server = hq.listen_for_joining();
    let join = join_string(&server, other.authority.fingerprint());
    let both = async { tokio::join!(let_join(&hq, &server), ask_to_join(&branch, &join)) };
    let (answered, asked) = tokio::time::timeout(HANGS_AFTER, both).await.unwrap();
    assert_eq!(answered, None);
    assert_eq!(Refusal::of(&asked.unwrap_err()), Some(Refusal::NotOurs));
}
