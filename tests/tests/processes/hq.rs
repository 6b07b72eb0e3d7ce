//! The coordinator's program, on ports that stay its own across restarts, and its database file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use std::os::unix::fs::PermissionsExt;

use keepwatch_tests::receivers::Receiver;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, FromRow, query_as};
use tempfile::TempDir;

use crate::process::{Process, log_of, run, until};

const PROGRAM: &str = "keepwatch";

/// What signs the notifications.
const SECRET: &str = "00112233445566778899aabbccddeeff";

/// See the module.
pub(crate) struct Hq {
    scratch: TempDir,
    process: Option<Process>,
    pub(crate) receiver: Receiver,
}

impl Hq {
    /// Starts one, and once more on the ports that the system gave it.
    pub(crate) async fn start() -> Self {
        let mut hq = Self {
            scratch: tempfile::tempdir().unwrap(),
            process: None,
            receiver: Receiver::listen().await.unwrap(),
        };
        let secret = hq.path("ops.secret");
        fs_err::write(&secret, SECRET).unwrap();
        fs_err::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let any = "127.0.0.1:0".to_owned();
        hq.configure(&[any.clone(), any.clone(), any]);
        hq.come_back().await;
        let ready: Value = serde_json::from_str(&hq.ready().unwrap()).unwrap();
        let port = |name: &str| ready[name].as_str().unwrap().to_owned();
        hq.configure(&[port("agents"), port("join"), port("web")]);
        hq.leave().await;
        hq.come_back().await;
        hq
    }

    fn configure(&self, [agents, join, web]: &[String; 3]) {
        let text = format!(
            r#"
state = "{}"
names = ["127.0.0.1"]
[listen]
agents = "{agents}"
join = "{join}"
web = "{web}"
[[channel]]
name = "ops"
kind = "webhook"
url = "{}"
secret_file = "{}"
"#,
            self.path("state").display(),
            self.receiver.url(),
            self.path("ops.secret").display(),
        );
        fs_err::write(self.config(), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("keepwatch.toml")
    }

    fn ready(&self) -> Option<String> {
        fs_err::read_to_string(self.path("state/keepwatch.ready")).ok()
    }

    /// Begins to run again and waits until agents are let in.
    pub(crate) async fn come_back(&mut self) {
        // One that was killed could not take it away.
        let (Ok(()) | Err(_)) = fs_err::remove_file(self.path("state/keepwatch.ready"));
        let config = self.config();
        let arguments = ["serve", "--config"].map(OsStr::new);
        let arguments = [&arguments[..], &[config.as_os_str()]].concat();
        let log = log_of(self.scratch.path(), PROGRAM);
        let mut process = Process::start(PROGRAM, &arguments, &log);
        until(async || {
            let said = fs_err::read_to_string(&log).unwrap_or_default();
            assert!(!process.has_ended(), "it does not start: {said}");
            self.ready().is_some()
        })
        .await;
        self.process = Some(process);
    }

    /// Ends in order.
    pub(crate) async fn leave(&mut self) {
        if let Some(process) = self.process.take() {
            assert!(process.terminate().await.success());
        }
    }

    /// Ends at once.
    pub(crate) async fn die(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// What its command line answers as JSON.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Value {
        let config = self.config();
        let all: Vec<_> = ["--format", "json", "--config"]
            .into_iter()
            .map(OsStr::new)
            .chain([config.as_os_str()])
            .chain(arguments.iter().map(OsStr::new))
            .collect();
        serde_json::from_str(&run(PROGRAM, &all).await).unwrap()
    }

    /// A join string for one agent of a branch, which is made.
    pub(crate) async fn invite(&self, branch: &str) -> String {
        let arguments = ["token", "create", "--branch", branch, "--create-branch"];
        let made = self.ask(&arguments).await;
        made["join"].as_str().unwrap().to_owned()
    }

    /// The kinds of all alerts in a condition.
    pub(crate) async fn alerts(&self, condition: &str) -> Vec<String> {
        let all = self.ask(&["alert", "list", "--settled"]).await;
        let all = all["items"].as_array().unwrap();
        let is_so = |alert: &&Value| alert["condition"] == condition;
        let kind = |alert: &Value| alert["kind"].as_str().unwrap().to_owned();
        all.iter().filter(is_so).map(kind).collect()
    }

    /// Rows of its database, whether it runs or not.
    pub(crate) async fn rows<T>(&self, statement: &str) -> Vec<T>
    where
        T: Send + Unpin + for<'r> FromRow<'r, SqliteRow>,
    {
        rows(&self.path("state/keepwatch.db"), statement).await
    }

    /// The first number of the first row.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        self.rows::<(i64,)>(statement).await[0].0
    }
}

/// Rows of a database file.
pub(crate) async fn rows<T>(file: &Path, statement: &str) -> Vec<T>
where
    T: Send + Unpin + for<'r> FromRow<'r, SqliteRow>,
{
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = options.connect().await.unwrap();
    let rows = query_as(AssertSqlSafe(statement.to_owned()))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    rows
}
