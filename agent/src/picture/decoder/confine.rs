//! How a process gives up nearly everything, before it reads a byte that somebody else wrote.
//!
//! Two kinds. The decoder's own child keeps memory and its two pipes: every other call of the system
//! kills it. A program of the system's (`ffmpeg`) must load its libraries, so it keeps reading them,
//! and loses the network, other processes and every way to write. What a kernel cannot take away is
//! told, and whoever started the process decides.

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
    Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::calls;

/// Memory of the child at most, in bytes: a picture of 8 192 × 8 192 in 16 bits, once more for
/// filters, and the program itself.
const MEMORY_MAX: u64 = 1 << 30;

/// Processor time of the child at most, in seconds: some hundred pictures of 4K, all at their worst.
const CPU_S_MAX: u64 = 120;

/// Processor time of a system program for its one picture, in seconds.
const PROGRAM_CPU_S_MAX: u64 = 20;

/// Files of a system program at most: its libraries are opened one after the other.
const PROGRAM_FILES_MAX: u64 = 64;

/// Where a system program and its libraries are.
const PROGRAM_PLACES: [&str; 6] = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
];

/// What the file system's guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landlock {
    /// The kernel has none of it.
    None,
    /// The kernel enforces a part of what was asked.
    Partial,
    /// All of it.
    Full,
}

/// What was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// Files and, where the kernel can, the network.
    pub landlock: Landlock,
    /// Calls of the system.
    pub seccomp: bool,
    /// Memory, processor time, files, cores; and never more privileges.
    pub limits: bool,
}

/// Confines the decoder's child: nothing is left but memory and what is open already.
pub fn confine() -> Confinement {
    let settled = std::env::set_current_dir("/").is_ok();
    let privileges = rustix::thread::set_no_new_privs(true).is_ok();
    let landlock = lock(&[]);
    let limits = limit(&[
        (Resource::As, MEMORY_MAX),
        (Resource::Cpu, CPU_S_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        // The three that are open stay open.
        (Resource::Nofile, 3),
    ]);
    Confinement {
        landlock,
        limits: settled && privileges && limits,
        seccomp: calls::allow_decoding().is_ok(),
    }
}

/// Confines a process that becomes a system program next.
pub(super) fn confine_for_program() -> Confinement {
    let settled = std::env::set_current_dir("/").is_ok();
    let privileges = rustix::thread::set_no_new_privs(true).is_ok();
    let landlock = lock(&PROGRAM_PLACES);
    let limits = limit(&[
        (Resource::As, 2 * MEMORY_MAX),
        (Resource::Cpu, PROGRAM_CPU_S_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, PROGRAM_FILES_MAX),
    ]);
    Confinement {
        landlock,
        limits: settled && privileges && limits,
        seccomp: calls::deny_the_world().is_ok(),
    }
}

/// Sets both the soft and the hard limit of each, or the hard one that there is when it is lower.
fn limit(limits: &[(Resource, u64)]) -> bool {
    limits.iter().all(|(resource, most)| {
        let hard = rustix::process::getrlimit(*resource).maximum;
        let most = Some(hard.map_or(*most, |hard| hard.min(*most)));
        let limit = Rlimit {
            current: most,
            maximum: most,
        };
        setrlimit(*resource, limit).is_ok()
    })
}

/// Takes all files but these places, which may be read and run, and the network.
fn lock(places: &[&str]) -> Landlock {
    let all = ABI::V6;
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(all))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(all)))
        .and_then(|rules| rules.scope(Scope::from_all(all)))
        .and_then(Ruleset::create)
        .and_then(|rules| {
            let reading = AccessFs::from_read(all);
            rules.add_rules(path_beneath_rules(places, reading))
        });
    match ruleset.and_then(landlock::RulesetCreated::restrict_self) {
        Ok(status) => match status.ruleset {
            RulesetStatus::FullyEnforced => Landlock::Full,
            RulesetStatus::PartiallyEnforced => Landlock::Partial,
            RulesetStatus::NotEnforced => Landlock::None,
        },
        Err(_) => Landlock::None,
    }
}
