//! Where a request came in: a mark that our own servers put on it, and nobody else can.
//!
//! A proxy on this machine, in front of plain HTTP, says for whom it asks. It is believed only there:
//! anybody else could say anything.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// Put into a request's extensions by the server that read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Over the Unix socket, by a process whose user may use it.
    Local,
    /// Over the network.
    Network {
        /// From where.
        from: SocketAddr,
        /// Whether it was encrypted.
        tls: bool,
    },
}

impl Arrival {
    /// The address it came from; none over the Unix socket.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Local => None,
            Self::Network { from, .. } => Some(from.ip()),
        }
    }

    /// Whether it came from this machine.
    pub fn is_from_here(self) -> bool {
        self.address()
            .is_none_or(|address| address.to_canonical().is_loopback())
    }

    /// Where it really came from when a proxy on this machine passed it on.
    #[must_use]
    pub fn behind_proxy(self, headers: &HeaderMap) -> Self {
        let Self::Network { tls: false, .. } = self else {
            return self;
        };
        // The last one is what our own proxy saw; those before are what it was told.
        let passed_on = headers.get_all("x-forwarded-for").iter().next_back();
        let Some(passed_on) = passed_on.filter(|_| self.is_from_here()) else {
            return self;
        };
        let last = passed_on.to_str().ok();
        let last = last.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        // A name that is no address is still not this machine.
        let from = last.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let proto = headers.get("x-forwarded-proto");
        Self::Network {
            from: SocketAddr::new(from, 0),
            tls: proto.is_some_and(|proto| proto == "https"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(from: &str, tls: bool) -> Arrival {
        let from = from.parse().unwrap();
        Arrival::Network { from, tls }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_loopback_is_here_in_both_families() {
        for here in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(network(here, false).is_from_here(), "{here}");
        }
        assert!(!network("10.0.0.1:1", false).is_from_here());
        assert!(Arrival::Local.is_from_here());
    }

    #[test]
    fn a_proxy_on_this_machine_is_believed() {
        let said = headers(&[
            ("x-forwarded-for", "6.6.6.6, 10.0.0.7"),
            ("x-forwarded-proto", "https"),
        ]);
        let arrival = network("127.0.0.1:1", false).behind_proxy(&said);
        assert_eq!(arrival, network("10.0.0.7:0", true));
        let odd = headers(&[("x-forwarded-for", "unknown")]);
        assert!(
            !network("127.0.0.1:1", false)
                .behind_proxy(&odd)
                .is_from_here()
        );
    }

    #[test]
    fn nobody_else_is() {
        let said = headers(&[("x-forwarded-for", "127.0.0.1")]);
        for arrival in [
            network("10.0.0.1:1", false),
            network("127.0.0.1:1", true),
            Arrival::Local,
        ] {
            assert_eq!(arrival.behind_proxy(&said), arrival);
        }
        let silent = network("127.0.0.1:1", false);
        assert_eq!(silent.behind_proxy(&HeaderMap::new()), silent);
    }
}
