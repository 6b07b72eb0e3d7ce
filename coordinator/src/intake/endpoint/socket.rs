//! The UDP socket and its buffers.
//!
//! A restart brings the whole fleet back within a minute, and the kernel drops what its default
//! 208 KiB cannot hold: with 256 handshakes at once their rate fell to a quarter and the slowest
//! took 5 s. The kernel gives at most `net.core.rmem_max` and `wmem_max`, silently; so what it gave
//! is read back and told.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// Bytes asked for each direction: a storm of 256 handshakes at once lost nothing with this.
pub const SOCKET_BUFFER_BYTES: usize = 4 << 20;

/// Bytes of socket buffer, asked and given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferSizes {
    /// What was asked for each direction.
    pub asked: usize,
    /// What the kernel gave for receiving.
    pub receive: usize,
    /// What the kernel gave for sending.
    pub send: usize,
}

impl BufferSizes {
    /// Whether the kernel gave less than was asked; the remedy is to raise `net.core.rmem_max` and
    /// `net.core.wmem_max`.
    pub fn is_short(&self) -> bool {
        self.receive.min(self.send) < self.asked
    }
}

/// Binds a socket with buffers as near to `asked` bytes as the kernel allows. The unspecified IPv6
/// address also takes IPv4.
pub(super) fn bind(listen: SocketAddr, asked: usize) -> io::Result<(UdpSocket, BufferSizes)> {
    let socket = Socket::new(
        Domain::for_address(listen),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    if listen.is_ipv6() && listen.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    socket.set_recv_buffer_size(asked)?;
    socket.set_send_buffer_size(asked)?;
    // Linux counts its own bookkeeping in and answers twice what it gave.
    let sizes = BufferSizes {
        asked,
        receive: socket.recv_buffer_size()? / 2,
        send: socket.send_buffer_size()? / 2,
    };
    socket.bind(&listen.into())?;
    Ok((socket.into(), sizes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY_PORT: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    #[test]
    fn what_every_kernel_gives_is_given() {
        let (_socket, sizes) = bind(ANY_PORT, 64 * 1024).unwrap();
        assert_eq!(sizes.receive, 64 * 1024);
        assert_eq!(sizes.send, 64 * 1024);
        assert!(!sizes.is_short());
    }

    #[test]
    fn what_no_kernel_gives_is_told() {
        let (_socket, sizes) = bind(ANY_PORT, 1 << 30).unwrap();
        assert!(sizes.is_short(), "{sizes:?}");
    }

    #[test]
    fn a_port_in_use_is_refused() {
        let (socket, _) = bind(ANY_PORT, 64 * 1024).unwrap();
        let error = bind(socket.local_addr().unwrap(), 64 * 1024).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
