//! What a process holds in memory, as the kernel counts it.

use std::io;

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The process is gone, or this is no Linux.
    #[error("what the kernel says about the process cannot be read")]
    Unread(#[from] io::Error),
    /// The kernel does not say.
    #[error("the kernel does not say how much memory process {process} holds")]
    Untold {
        /// Which.
        process: u32,
    },
}

/// Kibibytes of a process that are in memory now.
pub fn resident_kib(process: u32) -> Result<u32, MemoryError> {
    let status = fs_err::read_to_string(format!("/proc/{process}/status"))?;
    resident(&status).ok_or(MemoryError::Untold { process })
}

fn resident(status: &str) -> Option<u32> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_part_is_read_and_nothing_else() {
        let status = "VmPeak:\t  200 kB\nVmRSS:\t    8792 kB\nVmData:\t 5 kB\n";
        assert_eq!(resident(status), Some(8_792));
        assert_eq!(resident("VmPeak:\t 5 kB\n"), None);
    }

    #[test]
    fn this_process_holds_something() {
        assert!(resident_kib(std::process::id()).unwrap() > 100);
    }
}
