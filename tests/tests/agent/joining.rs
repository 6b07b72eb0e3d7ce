//! From a join string to an agent that is welcomed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use keepwatch_agent::join::{EnrolError, Enrolled, enrol};
use keepwatch_agent::uplink::joining::JoinError;
use keepwatch_common::ids::Seeded;
use keepwatch_common::limits::JOIN_PAYLOAD_BYTES_MAX;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::join::JoinString;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::wire::codec::{self, Bound};
use keepwatch_common::wire::frame::FrameReader;
use keepwatch_common::wire::v1::join::{Join, JoinRefused, Joined};
use keepwatch_common::wire::version::MessageType;
use keepwatch_coordinator::authority::token;
use keepwatch_coordinator::intake::endpoint::door::{Door, DoorLimits};
use quinn::Endpoint;

use crate::coordinator::Coordinator;
use crate::tongue::{Agent, drift};
use crate::world::{AGENT, Branch, Headquarters, Shifted, now};

/// A join string for an endpoint, naming an authority and the port for agents.
fn join_string(server: &Endpoint, agents: u16, authority: Fingerprint) -> JoinString {
    let at = server.local_addr().unwrap().to_string().parse().unwrap();
    JoinString::new(at, agents, authority, token::mint(&Seeded::new(9))).unwrap()
}

fn listen(hq: &Headquarters) -> Endpoint {
    hq.open_for_joining(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
}

/// Answers one question: with a certificate when its secret is the right one.
async fn let_join(hq: &Headquarters, server: &Endpoint, secret: &str) -> Option<()> {
    let door = Door::new(DoorLimits::JOINING);
    let incoming = server.accept().await.unwrap();
    let connection = door.admit(server, incoming)?.finish().await.ok()?;
    let (mut answer, mut ask) = connection.accept_bi().await.ok()?;
    let bytes = ask.read_to_end(2 * JOIN_PAYLOAD_BYTES_MAX).await.unwrap();
    let mut reader = FrameReader::new(JOIN_PAYLOAD_BYTES_MAX);
    reader.add(&bytes);
    let wish: Join =
        codec::from_frame(&reader.next_frame().unwrap().unwrap(), Bound::Stranger).unwrap();
    let frame = if wish.secret == secret {
        let issued = hq.issue(&wish.request);
        hq.admitted.admit(issued.key);
        let joined = Joined {
            agent_id: AGENT.to_string(),
            branch: "南京西路店".to_owned(),
            chain: issued.chain.iter().map(|der| der.to_vec()).collect(),
        };
        codec::to_frame(MessageType::Joined.number(), 1, &joined).unwrap()
    } else {
        let refused = JoinRefused { reason: 0 };
        codec::to_frame(MessageType::JoinRefused.number(), 1, &refused).unwrap()
    };
    answer.write_all(&frame.to_bytes().unwrap()).await.unwrap();
    answer.finish().unwrap();
    connection.closed().await;
    Some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_joins_and_its_reports_are_taken() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let (server, branch) = (listen(&hq), Branch::new());
    let join = join_string(
        &server,
        coordinator.address().port(),
        hq.authority.fingerprint(),
    );
    let secret = join.secret().expose().to_owned();
    let clock = Shifted::from(now());
    let (_, enrolled) = tokio::join!(
        let_join(&hq, &server, &secret),
        enrol(branch.state.path(), &join, false, clock.clone())
    );
    assert!(matches!(enrolled.unwrap(), Enrolled::Now(identity) if identity.agent() == AGENT));
    let agent = Agent::start(&branch).await;
    agent.tell(drift(0..1)).await;
    coordinator
        .hears(|heard| heard.count(Lane::Urgent) == 1)
        .await;
    agent.stop().await;
    // A second time nobody is asked, and the token is not needed.
    let again = enrol(branch.state.path(), &join, false, clock).await;
    assert!(matches!(again.unwrap(), Enrolled::Already(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_does_not_let_in_is_said_in_clear_words() {
    let hq = Headquarters::new();
    let (server, branch) = (listen(&hq), Branch::new());
    let join = join_string(&server, 7443, hq.authority.fingerprint());
    let (_, enrolled) = tokio::join!(
        let_join(&hq, &server, "another"),
        enrol(branch.state.path(), &join, false, Shifted::from(now()))
    );
    let refused = enrolled.unwrap_err();
    assert!(matches!(refused, EnrolError::Join(JoinError::Token)));
    let said = keepwatch_common::error_chain::chain(&refused).to_string();
    assert!(said.contains("keepwatch token create"), "{said}");
    assert!(branch.home.current().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_of_another_authority_never_sees_the_secret() {
    let (hq, other, branch) = (Headquarters::new(), Headquarters::new(), Branch::new());
    let server = listen(&hq);
    let join = join_string(&server, 7443, other.authority.fingerprint());
    let (asked, enrolled) = tokio::join!(
        let_join(&hq, &server, ""),
        enrol(branch.state.path(), &join, false, Shifted::from(now()))
    );
    assert_eq!(asked, None);
    assert!(matches!(
        enrolled.unwrap_err(),
        EnrolError::Join(JoinError::Refusal(_))
    ));
}
