//! The channels of the configuration, ready to send: secrets read, TLS set up.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tracing::warn;
use zeroize::Zeroizing;

use super::signature::SigningKey;
use super::webhook::Webhook;
use crate::config::Channel;

/// A receiver that cannot be connected to within this is not there.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// A receiver answers within this, or it is asked again later.
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(10);

/// A connection that nobody uses is kept for this long: bursts of alerts share it.
const IDLE_TIME: Duration = Duration::from_secs(30);

/// Fewest bytes in a secret: 128 random bits in hexadecimal, or a long sentence.
const SECRET_BYTES_MIN: usize = 32;

/// Most bytes of a secret's file.
const SECRET_BYTES_MAX: u64 = 4_096;

/// Most bytes of a file with authorities: several times all public ones.
const AUTHORITIES_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Others may not read a secret's file, not even as members of no group of ours.
const OTHERS_MODE: u32 = 0o007;

/// All channels by name.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    pub(super) by_name: BTreeMap<String, Webhook>,
}

/// Why the channels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChannelsError {
    /// A secret cannot be read.
    #[error("the secret of channel “{channel}” cannot be read")]
    Secret {
        /// Whose.
        channel: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Everybody can read it.
    #[error(
        "the secret of channel “{channel}”, {}, can be read by everybody (mode {mode:o}); run \
         `chmod o=` on it and choose another secret", path.display()
    )]
    Exposed {
        /// Whose.
        channel: String,
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It could be guessed, or is no secret.
    #[error(
        "the secret of channel “{channel}”, {}, has {bytes} bytes; write {SECRET_BYTES_MIN} to \
         {SECRET_BYTES_MAX} random characters, as `openssl rand -hex 32` gives", path.display()
    )]
    Length {
        /// Whose.
        channel: String,
        /// The file.
        path: PathBuf,
        /// What it has.
        bytes: u64,
    },
    /// More authorities cannot be read.
    #[error("the authorities of channel “{channel}” cannot be read")]
    Authorities {
        /// Whose.
        channel: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is none, or something else.
    #[error(
        "the authorities of channel “{channel}”, {}, are no certificates in PEM; export them as \
         text that begins with -----BEGIN CERTIFICATE-----", path.display()
    )]
    NoAuthority {
        /// Whose.
        channel: String,
        /// The file.
        path: PathBuf,
    },
    /// The address is none.
    #[error("the address of channel “{channel}” is no URL; correct it in the configuration")]
    Address {
        /// Whose.
        channel: String,
    },
    /// TLS cannot be had.
    #[error("TLS for notifications cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be had.
    #[error("HTTP for notifications cannot be set up")]
    Client(#[source] reqwest::Error),
}

impl Channels {
    /// Reads the secrets and sets up TLS with this machine's authorities.
    pub fn open(
        channels: &[Channel],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, ChannelsError> {
        let mut by_name = BTreeMap::new();
        if channels.is_empty() {
            return Ok(Self { by_name });
        }
        let public = public_authorities();
        if public.is_empty() {
            warn!("this machine has no list of authorities (ca-certificates); https:// may fail");
        }
        for channel in channels {
            let key = secret(&channel.name, &channel.webhook.secret_file)?;
            let mut roots = public.clone();
            if let Some(path) = &channel.webhook.authorities_file {
                own_authorities(&mut roots, &channel.name, path)?;
            }
            let url = channel.webhook.url.expose().parse::<Url>();
            let url = url.map_err(|_| ChannelsError::Address {
                channel: channel.name.clone(),
            })?;
            let client = client(provider.clone(), roots)?;
            let webhook = Webhook::new(client, url, key);
            by_name.insert(channel.name.clone(), webhook);
        }
        Ok(Self { by_name })
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<String> {
        self.by_name.keys().cloned().collect()
    }
}

/// The authorities that this machine trusts.
fn public_authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// More authorities, from a file; one that holds none is a mistake.
fn own_authorities(
    roots: &mut RootCertStore,
    channel: &str,
    path: &Path,
) -> Result<(), ChannelsError> {
    let unread = |source| ChannelsError::Authorities {
        channel: channel.to_owned(),
        source,
    };
    let none = || ChannelsError::NoAuthority {
        channel: channel.to_owned(),
        path: path.to_owned(),
    };
    let file = fs_err::File::open(path).map_err(unread)?;
    let mut text = Vec::new();
    file.take(AUTHORITIES_BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(unread)?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        roots
            .add(certificate.map_err(|_| none())?)
            .map_err(|_| none())?;
    }
    if roots.len() == before {
        return Err(none());
    }
    Ok(())
}

fn client(provider: Arc<CryptoProvider>, roots: RootCertStore) -> Result<Client, ChannelsError> {
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        // A receiver that moved is a receiver to be configured: secrets are not carried around.
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIME)
        .timeout(ANSWER_TIME)
        .pool_idle_timeout(IDLE_TIME)
        .user_agent(concat!("keepwatch/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(ChannelsError::Client)
}

fn secret(channel: &str, path: &Path) -> Result<SigningKey, ChannelsError> {
    let unread = |source| ChannelsError::Secret {
        channel: channel.to_owned(),
        source,
    };
    let file = fs_err::File::open(path).map_err(unread)?;
    let mode = file.metadata().map_err(unread)?.permissions().mode() & 0o777;
    if mode & OTHERS_MODE != 0 {
        return Err(ChannelsError::Exposed {
            channel: channel.to_owned(),
            path: path.to_owned(),
            mode,
        });
    }
    let room = usize::try_from(SECRET_BYTES_MAX).unwrap_or(0) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(SECRET_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    let secret = bytes.trim_ascii();
    if secret.len() < SECRET_BYTES_MIN || bytes.len() == room {
        return Err(ChannelsError::Length {
            channel: channel.to_owned(),
            path: path.to_owned(),
            bytes: u64::try_from(secret.len()).unwrap_or(u64::MAX),
        });
    }
    Ok(SigningKey::new(secret))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    fn kept(text: &str, mode: u32) -> Result<SigningKey, ChannelsError> {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("secret");
        fs_err::write(&path, text).unwrap();
        fs_err::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        secret("ops", &path)
    }

    #[test]
    fn a_secret_is_the_same_with_and_without_a_newline() {
        use super::super::signature::signature;
        let text = "5".repeat(64);
        let (plain, lined) = (kept(&text, 0o600), kept(&format!("{text}\n"), 0o640));
        let sign = |key: Result<SigningKey, _>| signature(&key.unwrap(), 1, "{}");
        assert_eq!(sign(plain), sign(lined));
    }

    #[test]
    fn a_secret_that_everybody_can_read_is_refused() {
        let refused = kept(&"5".repeat(64), 0o644).unwrap_err();
        assert!(refused.to_string().contains("mode 644"), "{refused}");
    }

    #[test]
    fn a_secret_that_could_be_guessed_or_never_ends_is_refused() {
        for text in [String::new(), "short".to_owned(), "x".repeat(5_000)] {
            let refused = kept(&text, 0o600).unwrap_err();
            assert!(matches!(refused, ChannelsError::Length { .. }), "{refused}");
            assert!(!refused.to_string().contains("short"), "{refused}");
        }
    }
}
