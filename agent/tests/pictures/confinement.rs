//! What is left to a decoder that a picture has taken over. Each story starts this program once
//! more, as a process that confines itself as the decoder's child does and then does one thing.
//!
//! The stories of the *role* are marked as ignored: they end their process, and only the others
//! start them.

use std::io::Write;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

use keepwatch_agent::picture::decoder::confine;

/// The signal by which the kernel ends a process for a call that it may not make (`SIGSYS`).
const BAD_CALL: i32 = 31;

/// How a role says that it was not stopped. No test program ends with it by itself.
const NOT_STOPPED: i32 = 77;

/// Starts a role and tells how it ended.
fn ended(role: &str) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--test-threads=1", "--nocapture"])
        .arg(format!("confinement::{role}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
}

fn assert_killed(role: &str) {
    let status = ended(role);
    assert_eq!(status.signal(), Some(BAD_CALL), "{role}: {status}");
}

/// Only a process that [`ended`] started has no input.
fn is_a_role() -> bool {
    std::env::args().any(|argument| argument == "--ignored")
        && std::env::args().any(|argument| argument == "--exact")
}

/// Confines this process, does something, and ends as one that was not stopped.
fn confined(does: impl FnOnce()) {
    if is_a_role() {
        assert!(confine().seccomp);
        does();
        std::process::exit(NOT_STOPPED);
    }
}

#[test]
#[ignore = "a role that another story starts"]
fn opens_a_file() {
    confined(|| drop(fs_err::File::open("/etc/passwd")));
}

#[test]
#[ignore = "a role that another story starts"]
fn writes_a_file() {
    let place = std::env::temp_dir().join("keepwatch-written-by-a-confined-child");
    confined(|| drop(fs_err::write(place, "here")));
}

#[test]
#[ignore = "a role that another story starts"]
fn opens_a_socket() {
    confined(|| drop(UdpSocket::bind("127.0.0.1:0")));
}

#[test]
#[ignore = "a role that another story starts"]
fn listens() {
    confined(|| drop(TcpListener::bind("127.0.0.1:0")));
}

#[test]
#[ignore = "a role that another story starts"]
fn starts_a_program() {
    confined(|| drop(Command::new("/bin/true").status()));
}

#[test]
#[ignore = "a role that another story starts"]
fn starts_a_thread() {
    confined(|| drop(std::thread::spawn(|| {}).join()));
}

#[test]
#[ignore = "a role that another story starts"]
fn looks_at_a_process() {
    confined(|| assert!(rustix::process::getpgid(None).is_ok()));
}

#[test]
#[ignore = "a role that another story starts"]
fn only_counts_and_writes() {
    confined(|| {
        let numbers: Vec<u64> = (0..1_000_000).collect();
        let sum: u64 = numbers.iter().sum();
        let (Ok(()) | Err(_)) = writeln!(std::io::stdout(), "{sum}");
    });
}

#[test]
fn a_confined_process_that_reaches_for_anything_is_killed() {
    for role in [
        "opens_a_file",
        "writes_a_file",
        "opens_a_socket",
        "listens",
        "starts_a_program",
        "starts_a_thread",
        "looks_at_a_process",
    ] {
        assert_killed(role);
    }
    let place = std::env::temp_dir().join("keepwatch-written-by-a-confined-child");
    assert!(!place.exists());
}

#[test]
fn a_confined_process_that_only_decodes_is_left_alone() {
    assert_eq!(ended("only_counts_and_writes").code(), Some(NOT_STOPPED));
}
