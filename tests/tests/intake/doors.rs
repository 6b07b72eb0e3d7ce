//! Who is let in, who is not any more, and what garbage does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use keepwatch_agent::identity::time::TrustedTime;
use keepwatch_agent::identity::tls::join_config;
use keepwatch_agent::uplink::endpoint::{Refusal, dial_to_join, open};
use keepwatch_common::ids::{Randomness, Seeded};
use keepwatch_common::model::volume::Presence;
use keepwatch_common::wire::agent_session::Ending;
use keepwatch_coordinator::auth::viewer::Viewer;
use tokio::net::UdpSocket;

use crate::agent::Agent;
use crate::hq::{Hq, on_each_database, on_sqlite};
use crate::told::volume;

fn reason(ending: &Ending) -> Option<u8> {
    match ending {
        Ending::Goodbye { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[test]
fn a_revoked_agent_is_sent_away_and_does_not_get_in_again() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        let mut link = agent.connect(hq).await;
        let roll = &hq.services().roll;
        assert!(
            roll.revoke(agent.identity.agent(), &Viewer::local(), "stolen")
                .await
                .unwrap()
        );
        assert_eq!(reason(&link.goodbye().await), Some(1));
        let refused = agent.try_connect(hq).await.err();
        assert_eq!(refused, Some(Some(Refusal::Revoked)));
    });
}

#[test]
fn a_revoked_agent_stays_out_after_a_restart() {
    on_each_database(async |hq: &mut Hq| {
        let agent = Agent::of(hq, "SH-001").await;
        let roll = &hq.services().roll;
        roll.revoke(agent.identity.agent(), &Viewer::local(), "stolen")
            .await
            .unwrap();
        hq.restart().await;
        let refused = agent.try_connect(hq).await.err();
        assert_eq!(refused, Some(Some(Refusal::Revoked)));
    });
}

#[test]
fn a_token_lets_one_agent_in() {
    on_each_database(async |hq: &mut Hq| {
        let branch = hq.branch("SH-001").await;
        let join = hq.join_string(branch).await;
        assert!(Agent::join(hq, &join).await.is_ok());
        assert_eq!(Agent::join(hq, &join).await.err(), Some(0));
        assert_eq!(hq.count("agents").await, 1);
    });
}

#[test]
fn a_token_that_expired_lets_nobody_in() {
    on_each_database(async |hq: &mut Hq| {
        let branch = hq.branch("SH-001").await;
        let join = hq.join_string(branch).await;
        hq.clock.advance(60 * 60_000);
        assert_eq!(Agent::join(hq, &join).await.err(), Some(0));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newer_of_two_connections_of_one_agent_stays() {
    on_sqlite(async |hq: &mut Hq| {
        let mut agent = Agent::of(hq, "SH-001").await;
        let mut older = agent.connect(hq).await;
        let (lane, report) = agent.report_of(vec![volume(Presence::Missing)]);
        let mut newer = agent.connect(hq).await;
        assert_eq!(reason(&older.goodbye().await), Some(3));
        assert_eq!(newer.tell(lane, &report).await.through, 1);
        newer.leave();
    })
    .await;
}

/// What is no frame ends its own connection and nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_sends_garbage_is_sent_away_alone() {
    on_sqlite(async |hq: &mut Hq| {
        let mut good = Agent::of(hq, "SH-001").await;
        let bad = Agent::of(hq, "SH-002").await;
        let mut of_good = good.connect(hq).await;
        for seed in 0..5 {
            let mut of_bad = bad.connect(hq).await;
            let mut garbage = vec![0; 10_000];
            Seeded::new(seed).fill(&mut garbage);
            of_bad.send_raw(&garbage).await;
            assert_eq!(reason(&of_bad.goodbye().await), Some(4));
        }
        let (lane, report) = good.report_of(vec![volume(Presence::Missing)]);
        assert_eq!(of_good.tell(lane, &report).await.through, 1);
        of_good.leave();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_that_sends_garbage_keeps_nobody_from_joining() {
    on_sqlite(async |hq: &mut Hq| {
        let branch = hq.branch("SH-001").await;
        let join = hq.join_string(branch).await;
        let remote = hq.services().addresses.join;
        let time = TrustedTime::new(Arc::new(hq.clock.clone()), hq.now(), None);
        let tls = join_config(join.authority(), Arc::new(time)).unwrap();
        let endpoint = open(remote).unwrap();
        for seed in 0..5 {
            let connection = dial_to_join(&endpoint, remote, tls.clone()).unwrap();
            let connection = connection.await.unwrap();
            let (mut ask, _answer) = connection.open_bi().await.unwrap();
            let mut garbage = vec![0; 1_000];
            Seeded::new(seed).fill(&mut garbage);
            ask.write_all(&garbage).await.unwrap();
            ask.finish().unwrap();
            connection.closed().await;
        }
        assert!(Agent::join(hq, &join).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_that_are_no_quic_do_no_harm() {
    on_sqlite(async |hq: &mut Hq| {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let socket = UdpSocket::bind(any).await.unwrap();
        let addresses = hq.services().addresses;
        for seed in 0..200 {
            let mut garbage = vec![0; 1_200];
            Seeded::new(seed).fill(&mut garbage);
            for at in [addresses.agents, addresses.join] {
                socket.send_to(&garbage, at).await.unwrap();
            }
        }
        let mut agent = Agent::of(hq, "SH-001").await;
        let stored = agent.tell(hq, vec![volume(Presence::Missing)]).await;
        assert!(stored.refused.is_empty());
    })
    .await;
}
