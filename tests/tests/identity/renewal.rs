//! Renewal: a candidate takes over only once it connected, wherever the power fails.

use keepwatch_agent::identity::IdentityHome;
use keepwatch_agent::identity::key::AgentKey;
use keepwatch_agent::uplink::endpoint::Refusal;
use keepwatch_common::model::fingerprint::Fingerprint;
use uuid::Uuid;

use crate::world::{ANY_PORT, Branch, Headquarters, meet, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_takes_over_only_after_it_connected() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let old = hq.enrol(&branch);
    let server = hq.listen(ANY_PORT);
    let request = branch.home.candidate_key().unwrap().request().unwrap();
    let issued = hq.issue(&request);
    let candidate = branch.home.save_candidate(issued.chain.clone()).unwrap();
    // The coordinator has not admitted it: the agent goes back to what it had.
    let refused = meet(&server, branch.tls(&candidate)).await.1;
    assert_eq!(refused, Err(Some(Refusal::Revoked)));
    let current = branch.home.current().unwrap().unwrap();
    assert_eq!(current.key().fingerprint(), old.key().fingerprint());
    assert_eq!(meet(&server, branch.tls(&current)).await.1, Ok(()));
    hq.admitted.admit(issued.key);
    assert_eq!(meet(&server, branch.tls(&candidate)).await.1, Ok(()));
    branch.home.commit_candidate().unwrap();
    let current = branch.home.current().unwrap().unwrap();
    assert_eq!(current.key().fingerprint(), issued.key);
}

/// The identity that a restarted agent would use, and the candidate it would go on with.
fn after_restart(branch: &Branch) -> (Fingerprint, Option<Fingerprint>) {
    let home = IdentityHome::open(branch.scratch.path()).unwrap();
    let current = home.current().unwrap().unwrap();
    let candidate = home.candidate().unwrap();
    (
        current.key().fingerprint(),
        candidate.map(|identity| identity.key().fingerprint()),
    )
}

#[test]
fn a_power_cut_anywhere_in_a_renewal_leaves_a_usable_identity() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let old = hq.enrol(&branch).key().fingerprint();
    let path = |name: &str| branch.scratch.path().join(name);
    // While the first file is being written.
    fs_err::write(path(".candidate.json.new"), b"{\"ver").unwrap();
    assert_eq!(after_restart(&branch), (old, None));
    // After the key was made, before the answer.
    let key = branch.home.candidate_key().unwrap();
    assert_eq!(after_restart(&branch), (old, None));
    // After the answer, before the connection.
    let issued = hq.issue(&key.request().unwrap());
    branch.home.save_candidate(issued.chain).unwrap();
    assert_eq!(after_restart(&branch), (old, Some(issued.key)));
    // While the candidate takes over: its new file is not yet in place.
    fs_err::write(path(".identity.json.new"), b"{\"ver").unwrap();
    assert_eq!(after_restart(&branch), (old, Some(issued.key)));
    // After it took over, before the candidate was cleared away.
    let uncleared = fs_err::read(path("candidate.json")).unwrap();
    branch.home.commit_candidate().unwrap();
    fs_err::write(path("candidate.json"), uncleared).unwrap();
    set_private(&path("candidate.json"));
    assert_eq!(after_restart(&branch), (issued.key, None));
    assert!(!path("candidate.json").exists());
}

fn set_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_certificate_for_another_key_or_agent_is_not_kept() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let strange = AgentKey::make().unwrap();
    let issued = hq.issue(&strange.request().unwrap());
    branch.home.candidate_key().unwrap();
    assert!(branch.home.save_joined(hq.joined(issued.chain)).is_err());
    let right = hq.issue(&branch.home.candidate_key().unwrap().request().unwrap());
    let mut other = hq.joined(right.chain);
    other.agent = Uuid::from_u128(2);
    assert!(branch.home.save_joined(other).is_err());
    assert!(branch.home.current().unwrap().is_none());
}
