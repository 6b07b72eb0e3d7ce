//! A whole coordinator on this machine, with a receiver of its notifications and a clock of ours.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::{Clock, ManualClock};
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::join::JoinString;
use keepwatch_common::time::{DAY_MS, Instant};
use keepwatch_coordinator::app::{Running, Services, StartError, start};
use keepwatch_coordinator::authority::token;
use keepwatch_coordinator::config::{Config, Database as Where, WebhookUrl};
use keepwatch_coordinator::store::alerts::{AlertRow, AlertWanted};
use keepwatch_coordinator::store::branches::NewBranch;
use keepwatch_coordinator::store::digest::SecretHash;
use keepwatch_coordinator::store::outbox::NotificationRow;
use keepwatch_coordinator::store::page::PageRows;
use keepwatch_coordinator::store::scope::Scope;
use keepwatch_coordinator::store::tokens::NewToken;
use keepwatch_tests::databases::{Database, for_each_database};
use keepwatch_tests::receivers::Receiver;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, query_scalar, raw_sql};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Nothing here takes seconds; what takes longer hangs.
pub(crate) const HANGS_AFTER: Duration = Duration::from_secs(30);

/// What signs the notifications.
pub(crate) const SECRET: &str = "00112233445566778899aabbccddeeff";

/// When every story begins.
pub(crate) fn beginning() -> Instant {
    Instant::parse("2026-11-23T08:00:00Z").unwrap()
}

/// See the module.
pub(crate) struct Hq {
    scratch: TempDir,
    pub(crate) config: Config,
    pub(crate) clock: ManualClock,
    pub(crate) receiver: Receiver,
    stop: CancellationToken,
    running: Option<Running>,
    server: Option<String>,
}

/// Tells a story at a coordinator on SQLite and then at one on PostgreSQL.
pub(crate) fn on_each_database(story: impl AsyncFn(&mut Hq) + Sync) {
    for_each_database(async |database: &Database| {
        let mut hq = Hq::new().await;
        // On a file the coordinator must be alone, so it gets one of its own.
        if let Some(address) = database.address() {
            hq.config.database = Where::UrlFile(hq.secret_file("database-url", &address));
            hq.server = Some(address);
        }
        hq.start().await.unwrap();
        tokio::time::timeout(HANGS_AFTER, story(&mut hq))
            .await
            .unwrap();
        hq.stop().await;
    });
}

/// Tells a story at a coordinator on SQLite.
pub(crate) async fn on_sqlite(story: impl AsyncFn(&mut Hq)) {
    let mut hq = Hq::new().await;
    hq.start().await.unwrap();
    tokio::time::timeout(HANGS_AFTER, story(&mut hq))
        .await
        .unwrap();
    hq.stop().await;
}

impl Hq {
    /// Not started yet.
    pub(crate) async fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let receiver = Receiver::listen().await.unwrap();
        let secret = write_secret(scratch.path(), "ops.secret", SECRET);
        let text = format!(
            r#"
state = "{}"
names = ["127.0.0.1"]
[listen]
agents = "127.0.0.1:0"
join = "127.0.0.1:0"
web = "127.0.0.1:0"
[[channel]]
name = "ops"
kind = "webhook"
url = "{}"
secret_file = "{}"
"#,
            scratch.path().join("state").display(),
            receiver.url(),
            secret.display()
        );
        Self {
            config: Config::parse(Path::new("test.toml"), &text).unwrap(),
            scratch,
            clock: ManualClock::at(beginning()),
            receiver,
            stop: CancellationToken::new(),
            running: None,
            server: None,
        }
    }

    /// Tells another receiver instead, with more authorities to trust.
    pub(crate) fn tell(&mut self, url: &str, authorities_file: Option<PathBuf>) {
        let webhook = &mut self.config.channels[0].webhook;
        webhook.url = WebhookUrl::new(url, false).unwrap();
        webhook.authorities_file = authorities_file;
    }

    pub(crate) async fn start(&mut self) -> Result<(), StartError> {
        self.stop = CancellationToken::new();
        let (clock, randomness) = (Arc::new(self.clock.clone()), Arc::new(Seeded::new(5)));
        let running = start(&self.config, clock, randomness, &self.stop).await?;
        self.running = Some(running);
        Ok(())
    }

    pub(crate) async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.ended().await.unwrap();
        }
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.start().await.unwrap();
    }

    pub(crate) fn services(&self) -> &Services {
        self.running.as_ref().unwrap().services()
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn secret_file(&self, name: &str, text: &str) -> PathBuf {
        write_secret(self.scratch.path(), name, text)
    }

    /// A branch that has been there for a month.
    pub(crate) async fn branch(&self, code: &str) -> i64 {
        let mut tx = self.services().store.begin().await.unwrap();
        let branch = NewBranch {
            region_id: None,
            code,
            name: "南京东路店",
            time_zone: "Asia/Shanghai",
            created_at: self.now() - 30 * DAY_MS,
        };
        let id = tx.branch_ensure(&branch).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// What lets one agent of a branch join within the hour.
    pub(crate) async fn join_string(&self, branch_id: i64) -> JoinString {
        let services = self.services();
        let secret = token::mint(services.randomness.as_ref());
        let mut tx = services.store.begin().await.unwrap();
        tx.token_insert(&NewToken {
            secret_hash: &SecretHash::of(&secret),
            branch_id,
            uses: 1,
            created_by: "wang",
            created_at: self.now(),
            expires_at: self.now() + 3_600_000,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        services.join_string(secret).unwrap()
    }

    /// Approves what was read last of every watched file.
    pub(crate) async fn approve_all(&self) {
        let mut tx = self.services().store.begin().await.unwrap();
        for branch in tx.branch_list(None, PageRows::MOST).await.unwrap() {
            for file in tx.watched_list_of_branch(branch.id).await.unwrap() {
                let (reading, now) = (file.latest_id.unwrap(), self.now().ms());
                tx.baseline_approve(file.id, reading, "wang", now, "first reading")
                    .await
                    .unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// All alerts, oldest first.
    pub(crate) async fn alerts(&self) -> Vec<AlertRow> {
        let wanted = AlertWanted {
            settled: true,
            ..AlertWanted::within(Scope::Everything)
        };
        let mut reader = self.services().store.read().await.unwrap();
        let mut alerts = reader.alert_list(&wanted, PageRows::MOST).await.unwrap();
        alerts.reverse();
        alerts
    }

    /// Kind, condition and handling of all alerts, oldest first.
    pub(crate) async fn alert_words(&self) -> Vec<(String, String, String)> {
        let words = |row: AlertRow| (row.kind, row.state.condition, row.state.handling);
        self.alerts().await.into_iter().map(words).collect()
    }

    /// All notifications, oldest first.
    pub(crate) async fn notifications(&self) -> Vec<NotificationRow> {
        let mut reader = self.services().store.read().await.unwrap();
        let mut rows = reader.outbox_list(None, PageRows::MOST).await.unwrap();
        rows.reverse();
        rows
    }

    /// Waits until the notifications are as wanted.
    pub(crate) async fn notifications_are(
        &self,
        wanted: impl Fn(&[NotificationRow]) -> bool,
    ) -> Vec<NotificationRow> {
        loop {
            let rows = self.notifications().await;
            if wanted(&rows) {
                return rows;
            }
            // The story's own deadline ends this.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until so many agents are here, and that is written down.
    pub(crate) async fn only_here(&self, count: usize) {
        while self.services().roll.registry().len() != count {
            // The story's own deadline ends this.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.run("presence").await;
    }

    /// Runs a statement beside the coordinator, in the language of its database.
    pub(crate) async fn tamper(&self, on_sqlite: &str, on_postgres: &str) {
        let Some(address) = &self.server else {
            let file = self.scratch.path().join("state/keepwatch.db");
            let options = SqliteConnectOptions::new().filename(file);
            let mut connection = options.connect().await.unwrap();
            let statement = AssertSqlSafe(on_sqlite.to_owned());
            raw_sql(statement).execute(&mut connection).await.unwrap();
            return connection.close().await.unwrap();
        };
        let mut connection = PgConnection::connect(address).await.unwrap();
        let statement = AssertSqlSafe(on_postgres.to_owned());
        raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// How many rows a condition finds.
    pub(crate) async fn count(&self, rows: &str) -> i64 {
        let statement = AssertSqlSafe(format!("SELECT count(*) FROM {rows}"));
        let Some(address) = &self.server else {
            let file = self.scratch.path().join("state/keepwatch.db");
            let options = SqliteConnectOptions::new().filename(file);
            let mut connection = options.connect().await.unwrap();
            return query_scalar(statement)
                .fetch_one(&mut connection)
                .await
                .unwrap();
        };
        let mut connection = PgConnection::connect(address).await.unwrap();
        query_scalar(statement)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    }

    /// Runs a chore now and says whether it went well.
    pub(crate) async fn run(&self, chore: &str) {
        let status = self.services().background.run_now(chore).await.unwrap();
        assert_eq!(status.error, None, "{chore}");
    }
}

fn write_secret(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs_err::write(&path, text).unwrap();
    fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}
