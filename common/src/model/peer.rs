//! By what names agent and coordinator know each other on the wire, and how long they wait.
//!
//! Both ends must say the same here or they do not meet; so it stands once. Certificates, sockets
//! and frames are not known here.

use uuid::Uuid;

/// The protocol (ALPN) of agents that have a certificate.
pub const AGENT_PROTOCOL: &[u8] = b"keepwatch/1";

/// The protocol (ALPN) of agents that join.
pub const JOIN_PROTOCOL: &[u8] = b"keepwatch-join/1";

/// UDP and, as the fallback, TCP port for agents that have a certificate, unless configured.
pub const AGENT_PORT: u16 = 7443;

/// UDP port for joining, unless configured.
pub const JOIN_PORT: u16 = 7444;

/// The name in every coordinator's certificate. Agents check this one and not the address they
/// dialled: an address says where and not who, and changes with forwarded ports and moves.
/// `.internal` is reserved for private use, so nobody else is ever so called.
pub const COORDINATOR_NAME: &str = "coordinator.keepwatch.internal";

/// How often an agent shows that it is there, in milliseconds: NAT tables commonly forget a UDP
/// flow after 30 s.
pub const KEEP_ALIVE_MS: u64 = 20_000;

/// Silence after which either end gives a connection up, in milliseconds: two keep-alives may be
/// lost.
pub const IDLE_MS: u32 = 60_000;

/// Silence after which either end gives up a connection for joining, in milliseconds: one question
/// and one answer, on a slow line.
pub const JOIN_IDLE_MS: u32 = 8_000;

/// What precedes an agent's id in its certificate's subject alternative name.
const AGENT_URI_PREFIX: &str = "keepwatch:agent:";

/// An agent's name in its certificate, as a URI.
pub fn agent_uri(agent: Uuid) -> String {
    format!("{AGENT_URI_PREFIX}{}", agent.hyphenated())
}

/// The agent that a URI names; `None` when it is not spelt as [`agent_uri`] does.
pub fn agent_of_uri(uri: &str) -> Option<Uuid> {
    let agent = Uuid::try_parse(uri.strip_prefix(AGENT_URI_PREFIX)?).ok()?;
    (agent_uri(agent) == uri).then_some(agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_found_by_the_name_it_was_given() {
        let agent = Uuid::from_u128(0x0190_1234_5678_7abc_8def_0123_4567_89ab);
        assert_eq!(agent_of_uri(&agent_uri(agent)), Some(agent));
    }

    #[test]
    fn another_spelling_names_nobody() {
        let uri = agent_uri(Uuid::from_u128(0xabcd));
        for other in [
            uri.to_uppercase(),
            uri.replace('-', ""),
            uri.replace("agent", "coordinator"),
            format!("{uri} "),
            String::new(),
        ] {
            assert_eq!(agent_of_uri(&other), None, "{other}");
        }
    }
}
