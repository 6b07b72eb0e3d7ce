//! The Unix socket on this machine: whoever may use it acts as the administrator `local`.
//!
//! Its file can be opened by its owner alone, and every process that connects is asked again who runs
//! it: only we ourselves and root come in. There is no password, no cookie and no other site here.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use axum::{Extension, Router};
use keepwatch_common::error_chain::chain;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::connection;
use crate::web::arrival::Arrival;

/// Rights of the socket's file: ours alone.
const MODE: u32 = 0o600;

/// Root's number.
const ROOT_UID: u32 = 0;

/// Why the socket is not there.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Somebody answers at it.
    #[error("another coordinator answers at {}; stop it first", .path.display())]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// It cannot be made.
    #[error("the socket {} cannot be made; its folder must exist and be ours", .path.display())]
    Bind {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The socket, open. Dropped, its file goes too: while it still answers, so that no other
/// coordinator can have put its own there.
#[derive(Debug)]
pub struct LocalSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        if let Err(error) = fs_err::remove_file(&self.path) {
            debug!(%error, "the socket's file was gone already");
        }
    }
}

/// Opens the socket. One that a dead coordinator left is replaced; it is never open to others, not
/// even for a moment.
pub async fn bind(path: &Path) -> Result<LocalSocket, SocketError> {
    let refused = |source| SocketError::Bind {
        path: path.to_owned(),
        source,
    };
    if UnixStream::connect(path).await.is_ok() {
        let path = path.to_owned();
        return Err(SocketError::InUse { path });
    }
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    match fs_err::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh).map_err(refused)?;
    // Made under another name, closed to others, and only then put where it is looked for.
    fs_err::set_permissions(&fresh, Permissions::from_mode(MODE)).map_err(refused)?;
    fs_err::rename(&fresh, path).map_err(refused)?;
    let path = path.to_owned();
    Ok(LocalSocket { listener, path })
}

/// Whether a process of this user may come in.
pub fn may_enter(uid: u32) -> bool {
    uid == ROOT_UID || uid == rustix::process::geteuid().as_raw()
}

/// Serves whoever may come in, until asked to stop; what was begun is answered by tasks of the
/// tracker.
pub async fn serve(
    socket: LocalSocket,
    router: Router,
    tracker: TaskTracker,
    stop: CancellationToken,
) {
    let router = router.layer(Extension(Arrival::Local));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = socket.listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                if enters(&stream) {
                    let served = connection::serve(stream, router.clone(), stop.clone());
                    tracker.spawn(served);
                }
            }
            Err(error) => {
                warn!(%error, "a process could not connect to the socket");
                super::tcp::breathe(&stop).await;
            }
        }
    }
}

fn enters(stream: &UnixStream) -> bool {
    match stream.peer_cred() {
        Ok(peer) if may_enter(peer.uid()) => {
            debug!(
                uid = peer.uid(),
                pid = peer.pid(),
                "a process uses the socket"
            );
            true
        }
        Ok(peer) => {
            warn!(
                uid = peer.uid(),
                "a process of another user was turned away"
            );
            false
        }
        Err(error) => {
            warn!(error = %chain(&error), "a process that cannot be asked was turned away");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sockets_file_is_ours_alone() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("keepwatch.sock");
        let _listener = bind(&path).await.unwrap();
        let mode = fs_err::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE);
    }

    #[tokio::test]
    async fn what_a_dead_coordinator_left_is_replaced_and_a_living_one_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("keepwatch.sock");
        // A process that is killed removes nothing.
        drop(UnixListener::bind(&path).unwrap());
        let _living = bind(&path).await.unwrap();
        let refused = bind(&path).await.unwrap_err();
        assert!(matches!(refused, SocketError::InUse { .. }), "{refused}");
    }

    #[tokio::test]
    async fn the_sockets_file_goes_with_the_socket() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("keepwatch.sock");
        let socket = bind(&path).await.unwrap();
        assert!(path.exists());
        drop(socket);
        assert!(!path.exists());
    }

    #[test]
    fn only_we_and_root_come_in() {
        let ours = rustix::process::geteuid().as_raw();
        assert!(may_enter(ours) && may_enter(0));
        assert!(!may_enter(ours + 1));
    }
}
