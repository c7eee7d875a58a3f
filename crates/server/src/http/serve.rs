//! Serving until told to stop, and only those who speak at a bearable pace.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{MissedTickBehavior, interval};
use tower::ServiceExt as _;

use super::options::OptionsError;
use super::paced::Paced;
use super::routes::router;
use super::site::Site;
use super::tls::{self, Presented, TlsError};
use crate::app::App;

/// How long requests under way may take once the server stops.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long to wait when the operating system has no more descriptors.
pub(super) const BREATHER: Duration = Duration::from_millis(500);

/// What a connection may take before it is cut. How long a body may take is the limit of the
/// request, in the layer around all answers.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the opening of a connection, or the end of the last answer, to the end of the next
    /// request's headers.
    pub headers: Duration,
    /// How long an answer may wait for its reader to take more of it.
    pub reader: Duration,
    /// How long a handshake of TLS may take.
    pub handshake: Duration,
    /// How often it is looked whether the certificate is to be replaced.
    pub look: Duration,
    /// Connections at once; further ones wait in the operating system's queue.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(15),
            reader: Duration::from_secs(30),
            handshake: Duration::from_secs(10),
            look: Duration::from_secs(60),
            connections: 1024,
        }
    }
}

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It would not be sound to listen like this.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// TLS cannot be offered.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Listening failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl ServeError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Options(error) => error.code(),
            Self::Tls(error) => error.code(),
            Self::Io(_) => "io",
        }
    }
}

/// Serves a site on a listener until `shutdown` comes, then lets requests under way finish, ten
/// seconds at most.
///
/// # Errors
/// [`ServeError`]; the options are checked before the first request is taken.
pub async fn serve(
    site: Site,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_with(site, listener, Patience::default(), shutdown).await
}

/// As [`serve`], with limits of one's own.
///
/// # Errors
/// As [`serve`].
pub async fn serve_with(
    site: Site,
    listener: TcpListener,
    patience: Patience,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    site.options.check()?;
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers);
    let tls = tls(&site, patience)?;
    let mut look = interval(patience.look);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let places = Arc::new(Semaphore::new(patience.connections));
    let door = Door {
        builder,
        reader: patience.reader,
        router: router(site.clone()),
        app: site.app.clone(),
        tls,
    };
    let under_way = GracefulShutdown::new();
    tokio::pin!(shutdown);
    loop {
        let taken = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let due = async {
            tokio::select! {
                _ = look.tick() => {}
                () = door.app.certificate_moved() => {}
            }
        };
        let (accepted, place) = tokio::select! {
            () = &mut shutdown => break,
            () = due => {
                door.look();
                continue;
            }
            taken = taken => taken,
        };
        match accepted {
            Ok((stream, address)) => {
                let watched = under_way.watcher();
                door.admit(stream, address, Held { watched, place });
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::warn!(code = "serve.accept", %error, "a connection could not be taken");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    drop(listener);
    site.stopping.send_replace(true);
    tokio::select! {
        () = under_way.shutdown() => {}
        () = tokio::time::sleep(LAST_WORDS) => {
            tracing::warn!(code = "serve.cut-off", "requests under way were cut off");
        }
    }
    Ok(())
}

/// The way in over TLS, where this server ends it.
fn tls(site: &Site, patience: Patience) -> Result<Option<tls::Door>, TlsError> {
    let Some(keeper) = site.certificates()? else {
        return Ok(None);
    };
    if let Some(renewer) = keeper.renewer() {
        // It ends with the server: what it was ordering is ordered by the next start.
        tokio::spawn(renewer.run(site.stopping.subscribe()));
    }
    Ok(Some(tls::Door {
        keeper,
        handshake: patience.handshake,
        reader: patience.reader,
        http2: false,
    }))
}

/// What every connection is served with.
#[derive(Clone)]
struct Door {
    builder: http1::Builder,
    reader: Duration,
    router: axum::Router,
    app: App,
    tls: Option<tls::Door>,
}

/// What a connection holds for as long as it lasts.
struct Held {
    /// Tells it that the server stops.
    watched: Watcher,
    /// Its place among the connections.
    place: Option<OwnedSemaphorePermit>,
}

impl Door {
    /// Sees to the certificate, beside the asynchronous runtime: it may read files.
    fn look(&self) {
        if let Some(tls) = &self.tls {
            let keeper = Arc::clone(&tls.keeper);
            drop(tokio::task::spawn_blocking(move || keeper.look()));
        }
    }

    /// Serves one connection on a task of its own; its place is free again when it ends.
    fn admit(&self, stream: TcpStream, address: SocketAddr, held: Held) {
        let Some(tls) = self.tls.clone() else {
            let stream = Paced::new(stream, self.reader);
            tokio::spawn(self.served(stream, address, Presented::Nothing, held));
            return;
        };
        let door = self.clone();
        tokio::spawn(async move {
            if let Some((stream, presented)) = tls.enter(stream).await {
                door.served(stream, address, presented, held).await;
            }
        });
    }

    /// Serves a connection until its end.
    fn served<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
        &self,
        stream: S,
        address: SocketAddr,
        presented: Presented,
        held: Held,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (router, app) = (self.router.clone(), self.app.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(address));
            presented.mark(&app, &mut request);
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        let connection = held.watched.watch(connection);
        async move {
            if let Err(error) = connection.await {
                tracing::debug!(code = "serve.connection", %error, "a connection was cut");
            }
            drop(held.place);
        }
    }
}

/// Whether the other side gave up before it was taken: nothing that concerns the server.
pub(super) fn is_of_the_peer(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
