//! What the coordinator's webhook sends us: checked, timed and shown.

use std::sync::Arc;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::secret::Secret;
use serde_json::Value;
use tokio::sync::watch;

use super::secrets;
use super::voice::Voice;
use crate::receivers::{Received, Receiver};

/// One notification.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// When it was here.
    pub(super) at: Tick,
    /// Its body.
    pub(super) body: Value,
}

impl Delivery {
    /// Whether it is the first word of an alert.
    pub(super) fn raises(&self, kind: &str, branch: &str) -> bool {
        let body = &self.body;
        body["notice"] == "raised" && body["kind"] == kind && body["branch"]["code"] == branch
    }

    fn line(&self) -> String {
        let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let body = &self.body;
        format!(
            "webhook ← {} {} {} {}: {}",
            word(&body["at"]),
            word(&body["notice"]),
            word(&body["kind"]),
            word(&body["branch"]["name"]),
            word(&body["sentence"]["en"]),
        )
    }
}

/// A receiver and the secret that it shares with the coordinator.
#[derive(Debug)]
pub(super) struct Deliveries {
    receiver: Receiver,
    secret: Secret,
}

impl Deliveries {
    /// Begins to listen.
    pub(super) async fn listen() -> std::io::Result<Self> {
        Ok(Self {
            receiver: Receiver::listen().await?,
            secret: secrets::key(),
        })
    }

    /// Where to send to.
    pub(super) fn url(&self) -> String {
        self.receiver.url()
    }

    /// What signs.
    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Notes and shows what comes, as long as the receiver listens.
    pub(super) async fn follow(
        self,
        clock: Arc<dyn Clock>,
        voice: Arc<Voice>,
        heard: watch::Sender<Vec<Delivery>>,
    ) {
        let mut known = 0;
        loop {
            let received = self.receiver.received_at_least(known + 1).await;
            let at = clock.tick();
            if received.len() <= known {
                return;
            }
            for received in &received[known..] {
                match self.read(received, at) {
                    Some(delivery) => {
                        voice.line(&delivery.line());
                        heard.send_modify(|all| all.push(delivery));
                    }
                    None => voice.line("webhook ← something that is not signed by the coordinator"),
                }
            }
            known = received.len();
        }
    }

    fn read(&self, received: &Received, at: Tick) -> Option<Delivery> {
        let body = serde_json::from_str(&received.body).ok()?;
        let is_signed = received.is_signed_with(self.secret.expose());
        is_signed.then_some(Delivery { at, body })
    }
}
