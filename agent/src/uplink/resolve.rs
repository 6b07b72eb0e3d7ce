//! From a coordinator's name to its addresses.
//!
//! Who answers there is decided by certificates; this only says where to knock.

use std::net::SocketAddr;
use std::time::Duration;

use keepwatch_common::model::address::Address;
use tokio::time::timeout;

/// Addresses of one name that are tried: both families, and a spare of each.
const ADDRESSES_MAX: usize = 4;

/// Time for asking a name, in milliseconds.
const RESOLVE_MS_MAX: u64 = 5_000;

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
pub enum NoAddress {
    /// The name server says no, or there is none.
    #[error("the name cannot be resolved")]
    Resolve(#[source] std::io::Error),
    /// It says nothing.
    #[error("no name server answers")]
    Silent,
    /// It knows the name and no address of it.
    #[error("the name stands for nothing")]
    Empty,
}

/// The addresses of a coordinator, at least one.
pub(super) async fn resolve(coordinator: &Address) -> Result<Vec<SocketAddr>, NoAddress> {
    let port = coordinator.port();
    if let Some(ip) = coordinator.ip() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let asked = tokio::net::lookup_host((coordinator.host(), port));
    let answer = timeout(Duration::from_millis(RESOLVE_MS_MAX), asked)
        .await
        .map_err(|_| NoAddress::Silent)?
        .map_err(NoAddress::Resolve)?;
    let remotes: Vec<_> = answer.take(ADDRESSES_MAX).collect();
    if remotes.is_empty() {
        return Err(NoAddress::Empty);
    }
    Ok(remotes)
}
