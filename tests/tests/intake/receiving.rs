//! Receivers that do not take what they are sent, at first.

use keepwatch_common::model::volume::Presence;
use keepwatch_tests::receivers::{Manners, Received};

use crate::agent::Agent;
use crate::hq::{Hq, SECRET, on_each_database};
use crate::told::{volume, volume_named};

/// Raises one alert.
async fn alarm(hq: &Hq) {
    let mut agent = Agent::of(hq, "SH-001").await;
    agent.tell(hq, vec![volume(Presence::Missing)]).await;
}

/// Lets a minute pass, so that whatever waits is due.
fn wait(hq: &Hq) {
    hq.clock.advance(60_000);
    hq.services().outbox.wake();
}

fn keys(received: &[Received]) -> Vec<&str> {
    received
        .iter()
        .map(|one| one.header("keepwatch-key"))
        .collect()
}

#[test]
fn a_receiver_that_was_down_is_told_once_it_is_back() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver.behave(Manners::HangsUp);
        alarm(hq).await;
        let tried = hq.notifications_are(|rows| rows[0].answer.is_some()).await;
        assert_eq!(tried[0].state, "waiting");
        hq.receiver.behave(Manners::status(200, "welcome back"));
        wait(hq);
        let sent = hq.notifications_are(|rows| rows[0].state == "sent").await;
        assert_eq!(sent[0].answer.as_deref(), Some("200: welcome back"));
        assert_eq!(sent[0].attempts, 2);
    });
}

#[test]
fn a_notification_that_was_not_taken_is_sent_again_under_its_key() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver.behave(Manners::status(500, "out of\x07 order"));
        alarm(hq).await;
        let refused = hq.notifications_are(|rows| rows[0].answer.is_some()).await;
        assert_eq!(refused[0].answer.as_deref(), Some("500: out of  order"));
        hq.receiver.behave(Manners::status(204, ""));
        wait(hq);
        let received = hq.receiver.received_at_least(2).await;
        assert_eq!(keys(&received)[0], keys(&received)[1]);
        assert!(received.iter().all(|one| one.is_signed_with(SECRET)));
        // The time is signed, so an old one cannot be played again.
        let times: Vec<_> = received
            .iter()
            .map(|one| one.header("keepwatch-timestamp"))
            .collect();
        assert_ne!(times[0], times[1]);
    });
}

#[test]
fn a_receiver_that_asks_for_time_gets_it() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver.behave(Manners::Answers {
            status: 429,
            headers: "Retry-After: 600\r\n".to_owned(),
            text: String::new(),
        });
        alarm(hq).await;
        let told = hq.notifications_are(|rows| rows[0].answer.is_some()).await;
        assert_eq!(told[0].due_at_ms, hq.now().ms() + 600_000);
    });
}

#[test]
fn a_redirection_is_not_followed() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver.behave(Manners::Answers {
            status: 307,
            headers: format!("Location: {}/elsewhere\r\n", hq.receiver.url()),
            text: String::new(),
        });
        alarm(hq).await;
        let told = hq.notifications_are(|rows| rows[0].answer.is_some()).await;
        assert_eq!(told[0].state, "waiting");
        assert_eq!(hq.receiver.received().len(), 1);
    });
}

#[test]
fn what_nobody_took_for_a_day_is_given_up_with_the_last_answer() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver.behave(Manners::status(503, "closed for good"));
        alarm(hq).await;
        hq.notifications_are(|rows| rows[0].answer.is_some()).await;
        hq.clock.advance(24 * 60 * 60_000);
        hq.services().outbox.wake();
        let rows = hq
            .notifications_are(|rows| rows[0].state == "given_up")
            .await;
        assert_eq!(rows[0].answer.as_deref(), Some("503: closed for good"));
    });
}

/// A receiver that is down is tried by one notification at a time, however many wait.
#[test]
fn many_notifications_do_not_all_try_a_receiver_that_is_down() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver.behave(Manners::HangsUp);
        alarm(hq).await;
        hq.notifications_are(|rows| rows[0].answer.is_some()).await;
        let tried = hq.receiver.received().len();
        let mut agent = Agent::of(hq, "SH-002").await;
        let names: Vec<_> = (0..40).map(|n| format!("disk {n}")).collect();
        let volumes = names
            .iter()
            .map(|name| volume_named(name, Presence::Missing));
        agent.tell(hq, volumes.collect()).await;
        hq.notifications_are(|rows| {
            rows.len() == 41 && rows.iter().all(|row| row.answer.is_some())
        })
        .await;
        assert_eq!(hq.receiver.received().len(), tried);
    });
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    on_each_database(async |hq: &mut Hq| {
        hq.receiver
            .behave(Manners::status(200, &"好".repeat(500_000)));
        alarm(hq).await;
        let sent = hq.notifications_are(|rows| rows[0].state == "sent").await;
        let answer = sent[0].answer.clone().unwrap();
        assert_eq!(answer, format!("200: {}", "好".repeat(166)));
    });
}

/// A coordinator died with a notification in its hands.
#[test]
fn what_was_lent_to_the_dead_is_due_again_when_the_loan_runs_out() {
    on_each_database(async |hq: &mut Hq| {
        let now = hq.now().ms();
        let lent = format!(
            "INSERT INTO outbox (channel, key, body, created_at_ms, due_at_ms, attempts, state)
             VALUES ('ops', 'ops-1', '{{}}', {now}, {}, 1, 'waiting')",
            now + 60_000
        );
        hq.tamper(&lent, &lent).await;
        hq.services().outbox.wake();
        wait(hq);
        let rows = hq.notifications_are(|rows| rows[0].state == "sent").await;
        assert_eq!(rows[0].attempts, 2);
        assert_eq!(hq.receiver.received().len(), 1);
    });
}
