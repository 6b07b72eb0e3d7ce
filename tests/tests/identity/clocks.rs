//! Wrong clocks, at the branch and at the coordinator.

use keepwatch_agent::uplink::endpoint::Refusal;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

use crate::world::{ANY_PORT, Branch, Headquarters, meet, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_clock_at_the_branch_does_not_lock_it_out_and_is_told() {
    let hq = Headquarters::new();
    let server = hq.listen(ANY_PORT);
    let ahead = now() + DAY_MS;
    for (clock, is_fault) in [
        (now(), false),
        (now() - DAY_MS, true),
        (Instant::EPOCH, true),
        (Instant::EARLIEST, true),
        (Instant::parse("2099-01-01T00:00:00Z").unwrap(), true),
        // A day ahead looks like a day without a word; the session compares both clocks.
        (ahead, false),
        (now() + 60 * DAY_MS, false),
    ] {
        let branch = Branch::at(clock);
        let identity = hq.enrol(&branch);
        assert_eq!(branch.time.standing().is_fault(), is_fault, "{clock}");
        let (_, told) = meet(&server, branch.tls(&identity)).await;
        assert_eq!(told, Ok(()), "{clock}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_with_a_right_clock_refuses_a_coordinator_whose_certificate_ended() {
    let hq = Headquarters::new();
    let later = now() + 31 * DAY_MS;
    let branch = Branch::at(later);
    let identity = hq.enrol(&branch);
    branch.time.hear(later);
    let (_, told) = meet(&hq.listen(ANY_PORT), branch.tls(&identity)).await;
    assert_eq!(told, Err(Some(Refusal::NotOurs)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_coordinators_clock_decides_when_a_certificate_ends() {
    let (hq, branch) = (Headquarters::new(), Branch::at(now()));
    let identity = hq.enrol(&branch);
    let (server, tls) = (hq.listen(ANY_PORT), branch.tls(&identity));
    hq.clock.set(identity.not_after());
    assert_eq!(meet(&server, tls.clone()).await.1, Ok(()));
    hq.clock.set(identity.not_after() + 1_000);
    let (seen, told) = meet(&server, tls.clone()).await;
    assert_eq!(seen, None);
    assert_eq!(told, Err(Some(Refusal::Expired)));
    // Back-dated, so a coordinator whose clock is set back does not refuse its newest agents.
    hq.clock.set(now() - 47 * HOUR_MS);
    assert_eq!(meet(&server, tls.clone()).await.1, Ok(()));
    hq.clock.set(now() - 49 * HOUR_MS);
    assert_eq!(
        meet(&server, tls).await.1,
        Err(Some(Refusal::Expired)),
        "not begun is told like ended"
    );
}
