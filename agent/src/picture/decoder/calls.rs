//! Which calls of the system are left: few to the decoder's child, none that reach the world to a
//! system program.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// The calls could not be taken away.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallsError {
    /// No filter for this processor, or the kernel takes none.
    #[error(
        "the kernel's filter of system calls cannot be set; run the agent on a kernel with seccomp"
    )]
    Filter(#[from] seccompiler::Error),
    /// The filter is not one.
    #[error("the filter of system calls is not one for this processor")]
    Backend(#[from] seccompiler::BackendError),
}

/// Memory, the open pipes, the end. Every other call kills the process.
pub(super) fn allow_decoding() -> Result<(), CallsError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_close,
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ]
    .map(|call| (call, Vec::new()))
    .into();
    // Memory, but none that can be run.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![bits_are(2, libc::PROT_EXEC, 0)?]);
    }
    set(rules, SeccompAction::KillProcess, SeccompAction::Allow)
}

/// No network, no other process, no writing, nothing of the system's own. A call is refused as if
/// the file's owner had.
pub(super) fn deny_the_world() -> Result<(), CallsError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_kill,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_open_by_handle_at,
        libc::SYS_openat2,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_mkdirat,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mknodat,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_memfd_create,
    ]
    .map(|call| (call, Vec::new()))
    .into();
    for mode in [libc::O_WRONLY, libc::O_RDWR] {
        let writing = bits_are(2, libc::O_ACCMODE, mode)?;
        rules.entry(libc::SYS_openat).or_default().push(writing);
    }
    #[cfg(target_arch = "x86_64")]
    deny_older_calls(&mut rules)?;
    let refused = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    set(rules, SeccompAction::Allow, refused)
}

/// The same by the names that only this processor still has.
#[cfg(target_arch = "x86_64")]
fn deny_older_calls(rules: &mut BTreeMap<i64, Vec<SeccompRule>>) -> Result<(), CallsError> {
    for call in [
        libc::SYS_unlink,
        libc::SYS_rename,
        libc::SYS_renameat,
        libc::SYS_mkdir,
        libc::SYS_rmdir,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_mknod,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_creat,
    ] {
        rules.insert(call, Vec::new());
    }
    for mode in [libc::O_WRONLY, libc::O_RDWR] {
        let writing = bits_are(1, libc::O_ACCMODE, mode)?;
        rules.entry(libc::SYS_open).or_default().push(writing);
    }
    Ok(())
}

/// The rule that some bits of an argument have this value.
fn bits_are(
    argument: u8,
    bits: libc::c_int,
    value: libc::c_int,
) -> Result<SeccompRule, CallsError> {
    let number = |bits: libc::c_int| u64::from(bits.unsigned_abs());
    let operator = SeccompCmpOp::MaskedEq(number(bits));
    let length = SeccompCmpArgLen::Dword;
    let condition = SeccompCondition::new(argument, length, operator, number(value))?;
    Ok(SeccompRule::new(vec![condition])?)
}

fn set(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<(), CallsError> {
    let processor = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter: BpfProgram = SeccompFilter::new(rules, otherwise, listed, processor)?.try_into()?;
    Ok(seccompiler::apply_filter_all_threads(&filter)?)
}
