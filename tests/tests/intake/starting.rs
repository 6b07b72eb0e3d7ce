//! What a coordinator starts with, and what it refuses to start with.

use keepwatch_common::error_chain::chain;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::wire::agent_session::Ending;
use keepwatch_coordinator::auth::viewer::Viewer;
use keepwatch_coordinator::config::{Database as Where, PolicySource};
use keepwatch_tests::databases::Database;

use crate::agent::Agent;
use crate::hq::Hq;
use crate::told::volume_named;

/// Why it does not start.
async fn refused(hq: &mut Hq) -> String {
    chain(&hq.start().await.unwrap_err()).to_string()
}

/// A new authority would orphan every agent; the old one has to come back from a backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_without_its_authority_does_not_make_another() {
    let mut hq = Hq::new().await;
    hq.start().await.unwrap();
    Agent::of(&hq, "SH-001").await;
    hq.stop().await;
    fs_err::remove_file(hq.config.state.join("keys/authority.pem")).unwrap();
    let said = refused(&mut hq).await;
    assert!(
        said.contains("authority.pem") && said.contains("backup"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_coordinators_do_not_share_a_file() {
    let mut hq = Hq::new().await;
    hq.start().await.unwrap();
    let mut other = Hq::new().await;
    other.config = hq.config.clone();
    let said = refused(&mut other).await;
    assert!(said.contains("another keepwatch program"), "{said}");
    hq.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_runs_says_so_in_a_file() {
    let mut hq = Hq::new().await;
    hq.start().await.unwrap();
    let path = hq.config.state.join("keepwatch.ready");
    let ready: serde_json::Value =
        serde_json::from_str(&fs_err::read_to_string(&path).unwrap()).unwrap();
    let agents = hq.services().addresses.agents.to_string();
    assert_eq!(ready["agents"], agents);
    hq.stop().await;
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_of_another_program_is_not_touched() {
    let mut hq = Hq::new().await;
    hq.start().await.unwrap();
    hq.stop().await;
    let forget = "DELETE FROM migrations";
    hq.tamper(forget, forget).await;
    let said = refused(&mut hq).await;
    assert!(said.contains("keepwatch migrate"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_named() {
    let mut hq = Hq::new().await;
    hq.start().await.unwrap();
    let mut other = Hq::new().await;
    other.config.listen.agents = hq.services().addresses.agents;
    let said = refused(&mut other).await;
    let port = hq.services().addresses.agents.to_string();
    assert!(said.contains(&port), "{said}");
    hq.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_pack_of_ones_own_is_judged_by() {
    let mut hq = Hq::new().await;
    let shipped = include_str!("../../../coordinator/packs/monitoring-room.toml");
    let version = shipped.lines().find(|line| line.starts_with("version = "));
    let own = shipped.replace(version.unwrap(), "version = \"7 of ours\"");
    hq.config.policy = PolicySource::File(hq.secret_file("pack.toml", &own));
    hq.start().await.unwrap();
    assert_eq!(hq.services().policy.pack.version, "7 of ours");
    hq.stop().await;
    hq.config.policy = PolicySource::File(hq.secret_file("pack.toml", "[pack]"));
    let said = refused(&mut hq).await;
    assert!(said.contains("pack.toml, line 1"), "{said}");
}

/// Two coordinators of one database, each with the authority's key. Whoever drops the database may
/// stop its server.
async fn pair() -> (Database, Hq, Hq) {
    let database = Database::on_postgres().await.unwrap();
    let address = database.address().unwrap();
    let (mut one, mut two) = (Hq::new().await, Hq::new().await);
    for hq in [&mut one, &mut two] {
        hq.config.database = Where::UrlFile(hq.secret_file("database-url", &address));
    }
    one.start().await.unwrap();
    let keys = |hq: &Hq| hq.config.state.join("keys");
    fs_err::create_dir_all(keys(&two)).unwrap();
    let name = "authority.pem";
    let key = fs_err::read_to_string(keys(&one).join(name)).unwrap();
    let copied = two.secret_file(name, &key);
    fs_err::rename(copied, keys(&two).join(name)).unwrap();
    two.start().await.unwrap();
    (database, one, two)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_joined_one_coordinator_is_known_to_the_other() {
    let (_database, mut one, mut two) = pair().await;
    let agent = Agent::of(&one, "SH-001").await;
    for _ in 0..3 {
        two.run("admission").await;
    }
    agent.connect(&two).await.leave();
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_revoked_at_one_coordinator_is_sent_away_by_the_other() {
    let (_database, mut one, mut two) = pair().await;
    let agent = Agent::of(&one, "SH-001").await;
    for _ in 0..3 {
        two.run("admission").await;
    }
    let mut link = agent.connect(&two).await;
    let roll = &one.services().roll;
    roll.revoke(agent.identity.agent(), &Viewer::local(), "stolen")
        .await
        .unwrap();
    two.run("admission").await;
    let ending = link.goodbye().await;
    assert!(
        matches!(ending, Ending::Goodbye { reason: 1, .. }),
        "{ending:?}"
    );
    one.stop().await;
    two.stop().await;
}

/// Each has a writer of its own; only the rows that they lock keep them apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_coordinators_judge_one_branch_at_once() {
    let (_database, mut one, mut two) = pair().await;
    let mut here = Agent::of(&one, "SH-001").await;
    let mut there = Agent::of(&one, "SH-001").await;
    for _ in 0..3 {
        two.run("admission").await;
    }
    let (mut of_one, mut of_two) = (here.connect(&one).await, there.connect(&two).await);
    for disk in 0..20 {
        let missing = || vec![volume_named(&format!("disk {disk}"), Presence::Missing)];
        let ((lane, first), (_, second)) = (here.report_of(missing()), there.report_of(missing()));
        let (first, second) = tokio::join!(of_one.tell(lane, &first), of_two.tell(lane, &second));
        assert_eq!((first.refused, second.refused), (vec![], vec![]));
    }
    let standing = one.alert_words().await;
    assert_eq!(standing.len(), 20, "{standing:?}");
    assert_eq!(two.notifications().await.len(), 20);
    of_one.leave();
    of_two.leave();
    one.stop().await;
    two.stop().await;
}
