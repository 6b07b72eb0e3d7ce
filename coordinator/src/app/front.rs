//! The front of the house: the Unix socket and the web's port, opened before anybody is let in.

use std::net::SocketAddr;
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::model::address::{Address, AddressError};
use rustls::ServerConfig;
use tokio_util::task::TaskTracker;

use super::services::Services;
use crate::auth::password::HashError;
use crate::auth::{Gate, SessionLimits};
use crate::authority::server::ServerCertificate;
use crate::authority::tls::TlsError;
use crate::authority::web_tls::{WebFilesError, web_config, web_config_of_files};
use crate::config::{Config, WebTls};
use crate::lifecycle::Lifecycle;
use crate::web::server::socket::{self, LocalSocket, SocketError};
use crate::web::server::tcp::{ListenError, Listening};
use crate::web::server::{self, router};
use crate::web::services::Services as WebServices;
use crate::web::text::{TextError, Texts};

/// Why nobody can look or act.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// The socket.
    #[error("the command line on this machine could not connect")]
    Socket(#[from] SocketError),
    /// The port.
    #[error("the web's port cannot be used")]
    Listen(#[from] ListenError),
    /// The system does not say where it listens.
    #[error("the system does not say at which port the web is served")]
    Address(#[source] std::io::Error),
    /// TLS with our own certificate.
    #[error("TLS cannot be set up for the web")]
    Tls(#[from] TlsError),
    /// TLS with files.
    #[error("the web's certificate cannot be used")]
    Files(#[from] WebFilesError),
    /// The coordinator has no name that agents could use.
    #[error("the coordinator's first name is no address")]
    Name(#[from] AddressError),
    /// The words of the pages.
    #[error("the words of the pages cannot be used")]
    Words(#[from] TextError),
    /// Passwords cannot be hashed.
    #[error("passwords cannot be checked")]
    Passwords(#[from] HashError),
}

/// Both listeners, open.
#[derive(Debug)]
pub(super) struct Front {
    socket: LocalSocket,
    web: Listening,
    web_at: SocketAddr,
}

impl Front {
    /// Opens both.
    pub(super) async fn open(
        config: &Config,
        certificate: &Arc<ServerCertificate>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, FrontError> {
        let tls = web_tls(&config.web_tls, Some(certificate), clock)?;
        let web = Listening::open(config.listen.web, tls).await?;
        Ok(Self {
            web_at: web.address().map_err(FrontError::Address)?,
            socket: socket::bind(&config.listen.socket).await?,
            web,
        })
    }

    /// Where the web is served.
    pub(super) fn web_at(&self) -> SocketAddr {
        self.web_at
    }

    /// Lets people and programs in until the end; what they were answered when it came is finished by
    /// tasks of `visits`.
    pub(super) fn serve(
        self,
        services: &Services,
        life: &Lifecycle,
        visits: &TaskTracker,
    ) -> Result<(), FrontError> {
        let router = router(Arc::new(web_services(services)?));
        let (stop, tracker) = (life.stop().clone(), visits.clone());
        let local = socket::serve(self.socket, router.clone(), tracker, stop);
        life.spawn_named("socket", local);
        let (stop, tracker) = (life.stop().clone(), visits.clone());
        life.spawn_named("web", self.web.serve(router, tracker, stop));
        Ok(())
    }
}

/// What the configuration says of TLS; none where it says plain HTTP, and for our own certificate
/// where there is none yet.
pub(super) fn web_tls(
    wanted: &WebTls,
    own: Option<&Arc<ServerCertificate>>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<ServerConfig>>, FrontError> {
    Ok(match wanted {
        WebTls::None => None,
        WebTls::Own => own
            .map(|certificate| web_config(certificate, clock.clone()))
            .transpose()?,
        WebTls::Files { certificate, key } => {
            Some(web_config_of_files(certificate, key, clock.clone())?)
        }
    })
}

fn web_services(services: &Services) -> Result<WebServices, FrontError> {
    let (store, clock) = (services.store.clone(), services.clock.clone());
    let randomness = services.randomness.clone();
    let limits = SessionLimits::default();
    let host = services
        .names
        .first()
        .map_or("localhost", |name| name.as_str());
    let joining = services.addresses.join.port();
    Ok(WebServices {
        gate: Gate::new(store.clone(), clock.clone(), randomness.clone(), limits)?,
        roll: services.roll.clone(),
        policy: services.policy.clone(),
        authority: services.authority.fingerprint(),
        addresses: server::Addresses {
            joining: Address::new(host, joining)?,
            agent_port: services.addresses.agents.port(),
        },
        metrics: services.metrics.clone(),
        texts: Arc::new(Texts::load()?),
        outbox: services.outbox.clone(),
        store,
        clock,
        randomness,
    })
}
