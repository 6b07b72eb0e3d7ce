//! The program itself, as a person or a script runs it: arguments in, text and exit codes out.
//!
//! The coordinator runs inside the test, over a folder of its own; the command line is the real one,
//! in a process of its own, and reaches it over the Unix socket. Long because every command is told
//! of in one place.
#![expect(
    clippy::unwrap_used,
    reason = "what a story needs must be there, or the story has failed"
)]

/// A coordinator, and the program beside it.
#[path = "cli/desk.rs"]
mod desk;

use std::process::Stdio;

use desk::{Desk, PASSWORD, Said};

/// An answer that is as it should be.
fn done(text: &str) -> Said {
    Said {
        code: 0,
        out: text.to_owned(),
        complaint: String::new(),
    }
}

#[tokio::test]
async fn branches_and_regions_are_added_and_listed() {
    let desk = Desk::open().await;
    let said = desk.run(["region", "add", "EAST", "--name", "华东"]).await;
    assert_eq!(said, done("region EAST is added\n"));
    let branch = [
        "branch",
        "add",
        "SH-001",
        "--name",
        "南京西路店",
        "--region",
        "EAST",
    ];
    assert_eq!(desk.run(branch).await, done("branch SH-001 is added\n"));
    assert_eq!(desk.run(["branch", "add", "BJ-1"]).await.code, 0);
    let table = "\
CODE    NAME        REGION  ZONE           AGENTS  CAMERAS  ALERTS  HEARD
BJ-1    BJ-1                Asia/Shanghai  0/0     0        0
SH-001  南京西路店  EAST    Asia/Shanghai  0/0     0        0
";
    assert_eq!(desk.run(["branch", "list"]).await, done(table));
    assert_eq!(
        desk.run(["region", "list"]).await,
        done("CODE  NAME  ABOVE\nEAST  华东\n")
    );
}

#[tokio::test]
async fn what_is_refused_says_why_what_to_do_and_gives_one() {
    let desk = Desk::open().await;
    let refused = desk.run(["token", "create", "--branch", "SH-001"]).await;
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert_eq!(
        refused.complaint,
        "keepwatch: there is no branch “SH-001”\n\
         keepwatch: check the code, or let the branch be made with create_branch (--create-branch)\n"
    );
    let refused = desk.run(["alert", "ack", "7"]).await;
    assert_eq!(
        (refused.code, refused.complaint.as_str()),
        (1, "keepwatch: there is no alert “7”\n")
    );
}

#[tokio::test]
async fn a_join_string_stands_alone_on_standard_output() {
    let desk = Desk::open().await;
    let wish = [
        "token",
        "create",
        "--branch",
        "SH-001",
        "--create-branch",
        "--minutes",
        "5",
    ];
    let said = desk.run(wish).await;
    assert_eq!(said.code, 0);
    let join: keepwatch_common::model::join::JoinString = said.out.parse().unwrap();
    assert_eq!(join.authority(), desk.authority());
    assert_eq!(
        said.complaint,
        "for branch SH-001, good until 2026-11-23T08:05:00Z, for 1 agent; it is not shown again\n"
    );
    let listed = desk.run(["token", "list"]).await.out;
    assert_eq!(
        listed,
        "ID  BRANCH  USES LEFT  CREATED BY  EXPIRES               USED\n\
         1   SH-001  1          local       2026-11-23T08:05:00Z\n"
    );
}

#[tokio::test]
async fn programs_get_what_the_coordinator_answered() {
    let desk = Desk::open().await;
    desk.run(["branch", "add", "BJ-1"]).await;
    let said = desk.run(["branch", "list", "--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["items"][0]["code"], "BJ-1");
    assert_eq!(json["items"][0]["created"], "2026-11-23T08:00:00Z");
    assert_eq!(json["next"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_drift_is_seen_setting_by_setting_and_approved() {
    let desk = Desk::open().await;
    desk.drifting_branch("SH-001").await;
    let listed = desk.run(["drift", "list"]).await;
    assert_eq!(
        listed,
        done(
            "BRANCH  NAME      STATE    CHANGES  READING  READ                  PATH\n\
             SH-001  nvr.json  changed  1        2        2026-11-23T08:00:00Z  /etc/nvr.json\n"
        )
    );
    let shown = desk.run(["drift", "show", "SH-001", "nvr.json"]).await;
    let expected = "\
branch    SH-001
name      nvr.json
path      /etc/nvr.json
state     changed
reading   2
read      2026-11-23T08:00:00Z
owner     root
approved  reading 1 on 2026-11-23T08:00:00Z by local: as installed

SETTING  CHANGE   BEFORE  AFTER
retain   changed  30      7
";
    assert_eq!(shown, done(expected));
    let approve = [
        "drift",
        "approve",
        "SH-001",
        "nvr.json",
        "--reason",
        "request 4711",
        "--reading",
    ];
    let stale = desk.run([&approve[..], &["1"]].concat()).await;
    assert_eq!(stale.code, 1);
    assert!(
        stale.complaint.contains("is not the newest any more"),
        "{stale:?}"
    );
    let approved = desk.run([&approve[..], &["2"]].concat()).await;
    assert_eq!(
        approved,
        done("reading 2 is the baseline of nvr.json at branch SH-001\n")
    );
}

#[tokio::test]
async fn an_alert_is_listed_and_acknowledged() {
    let desk = Desk::open().await;
    desk.drifting_branch("SH-001").await;
    let listed = desk.run(["alert", "list", "--branch", "SH-001"]).await;
    assert_eq!(
        listed,
        done(
            "ID  SEVERITY  KIND          CLAUSE  BRANCH  SUBJECT   CONDITION  HANDLING  SINCE\n\
             1   major     config_drift  A-12    SH-001  nvr.json  firing     new       2026-11-23T08:00:00Z\n"
        )
    );
    let acknowledged = desk.run(["alert", "ack", "1", "--note", "on it"]).await;
    assert_eq!(acknowledged, done("alert 1 is acknowledged\n"));
    let wrong = desk.run(["alert", "list", "--kind", "noise"]).await;
    assert_eq!(wrong.code, 1);
}

#[tokio::test]
async fn an_agent_is_listed_and_shut_out() {
    let desk = Desk::open().await;
    desk.drifting_branch("SH-001").await;
    let id = desk::AGENT.to_string();
    let listed = desk.run(["agent", "list"]).await.out;
    assert!(listed.contains(&id) && listed.contains("never"), "{listed}");
    let revoke = ["agent", "revoke", &id, "--reason", "stolen"];
    assert_eq!(
        desk.run(revoke).await,
        done(&format!("agent {id} of branch SH-001 is shut out\n"))
    );
    assert_eq!(desk.run(revoke).await.code, 1);
}

#[tokio::test]
async fn a_person_is_added_with_a_password_from_a_pipe_and_never_from_the_arguments() {
    let desk = Desk::open().await;
    let add = ["user", "add", "wang", "--role", "administrator"];
    let said = desk.run_with(add, &format!("{PASSWORD}\n")).await;
    assert_eq!(said, done("wang may sign in\n"));
    let short = desk
        .run_with(["user", "add", "li", "--role", "headquarters"], "short\n")
        .await;
    assert_eq!(short.code, 1);
    assert!(
        short.complaint.contains("at least 10 characters"),
        "{short:?}"
    );
    let none = desk
        .run(["user", "add", "li", "--role", "headquarters"])
        .await;
    assert_eq!((none.code, none.complaint.contains("empty")), (1, true));
    let in_arguments = [
        "user",
        "add",
        "li",
        "--role",
        "headquarters",
        "--password",
        PASSWORD,
    ];
    assert_eq!(desk.run(in_arguments).await.code, 2);
    let listed = desk.run(["user", "list"]).await.out;
    assert_eq!(
        listed,
        "NAME  ROLE           REGION  BRANCH  CREATED               DISABLED\n\
         wang  administrator                  2026-11-23T08:00:00Z\n"
    );
}

#[tokio::test]
async fn the_first_person_needs_no_coordinator_and_the_second_does() {
    let desk = Desk::closed();
    let missing = desk
        .run_with(["user", "add", "wang", "--role", "administrator"], PASSWORD)
        .await;
    assert_eq!(missing.code, 2);
    assert!(
        missing.complaint.contains("keepwatch migrate"),
        "{missing:?}"
    );
    assert_eq!(
        desk.run(["migrate"]).await,
        done("applied spine\napplied holds\n")
    );
    let again = "nothing to do, the database is at this program's version\n";
    assert_eq!(desk.run(["migrate"]).await, done(again));
    let branch = desk
        .run_with(["user", "add", "wang", "--role", "headquarters"], PASSWORD)
        .await;
    assert_eq!(branch.code, 1);
    assert!(
        branch.complaint.contains("must be an administrator"),
        "{branch:?}"
    );
    let added = desk
        .run_with(["user", "add", "wang", "--role", "administrator"], PASSWORD)
        .await;
    assert_eq!(added, done("wang may sign in\n"));
    let second = desk
        .run_with(["user", "add", "li", "--role", "administrator"], PASSWORD)
        .await;
    assert_eq!(second.code, 2);
    assert!(second.complaint.contains("keepwatch serve"), "{second:?}");
}

#[tokio::test]
async fn without_a_coordinator_it_says_where_it_looked_and_gives_two() {
    let desk = Desk::closed();
    let lost = desk.run(["alert", "list"]).await;
    assert_eq!(lost.code, 2);
    assert!(lost.complaint.contains("keepwatch.sock"), "{lost:?}");
    assert!(lost.complaint.contains("keepwatch serve"), "{lost:?}");
}

#[tokio::test]
async fn a_check_says_part_by_part_what_is_good_and_what_is_not() {
    let desk = Desk::closed();
    let before = desk.run(["check"]).await;
    assert_eq!(before.code, 0);
    assert!(
        before.out.contains("“keepwatch serve” makes it"),
        "{before:?}"
    );
    desk.run(["migrate"]).await;
    let good = "\
configuration  good
policy         good
channels       good
web            good
authority      good
database       good
";
    assert_eq!(desk.run(["check"]).await, done(good));
    let open = Desk::open().await;
    let running = open.run(["check"]).await;
    assert_eq!(running.code, 0);
    assert!(
        running.out.contains("in use by a running program"),
        "{running:?}"
    );
}

#[tokio::test]
async fn upkeep_is_told_to_programs_too() {
    let desk = Desk::closed();
    let json = |said: Said| -> serde_json::Value { serde_json::from_str(&said.out).unwrap() };
    let check = json(desk.run(["check", "--format", "json"]).await);
    assert_eq!(check["can_start"], true);
    assert_eq!(
        check["parts"][5]["said"],
        "not there yet; “keepwatch serve” makes it"
    );
    let migrate = json(desk.run(["migrate", "--format", "json"]).await);
    assert_eq!(
        migrate,
        serde_json::json!({ "applied": ["spine", "holds"] })
    );
    let check = json(desk.run(["check", "--format", "json"]).await);
    assert_eq!(check["can_start"], true);
    assert_eq!(check["parts"][5]["part"], "database");
    assert_eq!(check["parts"][5]["said"], "good");
}

#[tokio::test]
async fn a_migration_does_not_come_between_a_coordinator_and_its_reports() {
    let desk = Desk::open().await;
    let refused = desk.run(["migrate"]).await;
    assert_eq!(refused.code, 2);
    assert!(refused.complaint.contains("stop it first"), "{refused:?}");
}

#[tokio::test]
async fn serving_ends_when_asked_and_says_so() {
    let desk = Desk::closed();
    let mut serving = desk.command(&["serve"]);
    let mut child = serving.stderr(Stdio::piped()).spawn().unwrap();
    // Its last line before it is ready is the one that says so.
    let mut log = desk::lines(child.stderr.take().unwrap());
    assert!(log.wait_for("nobody can sign in yet").await);
    assert!(log.wait_for("the coordinator is ready").await);
    assert_eq!(desk.run(["branch", "add", "BJ-1"]).await.code, 0);
    desk::terminate(&child);
    assert!(log.wait_for("the coordinator has stopped").await);
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn whoever_reads_no_further_is_no_fault_and_a_full_disk_is() {
    let desk = Desk::open().await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut unread = desk.command(&["branch", "add", "BJ-1"]);
    // Not `output`, which would put a pipe of its own in that place.
    let unread = unread.stdout(writer).stderr(Stdio::piped()).spawn();
    let unread = unread.unwrap().wait_with_output().await.unwrap();
    assert_eq!(unread.status.code(), Some(0));
    assert_eq!(String::from_utf8(unread.stderr).unwrap(), "");
    let full = fs_err::OpenOptions::new().write(true).open("/dev/full");
    let mut unkept = desk.command(&["branch", "list"]);
    let unkept = unkept
        .stdout(full.unwrap().into_parts().0)
        .stderr(Stdio::piped())
        .spawn();
    let unkept = unkept.unwrap().wait_with_output().await.unwrap();
    assert_eq!(unkept.status.code(), Some(2));
    let complaint = String::from_utf8(unkept.stderr).unwrap();
    assert!(complaint.contains("cannot be printed"), "{complaint}");
}
