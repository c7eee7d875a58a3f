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
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

use super::options::OptionsError;
use super::paced::Paced;
use super::routes::router;
use super::site::Site;

/// How long requests under way may take once the server stops.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long to wait when the operating system has no more descriptors.
const BREATHER: Duration = Duration::from_millis(500);

/// What a connection may take before it is cut. How long a body may take is the limit of the
/// request, in the layer around all answers.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the opening of a connection, or the end of the last answer, to the end of the next
    /// request's headers.
    pub headers: Duration,
    /// How long an answer may wait for its reader to take more of it.
    pub reader: Duration,
    /// Connections at once; further ones wait in the operating system's queue.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(15),
            reader: Duration::from_secs(30),
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
    /// Listening failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl ServeError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Options(error) => error.code(),
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
    let places = Arc::new(Semaphore::new(patience.connections));
    let door = Door {
        builder,
        reader: patience.reader,
        router: router(site.clone()),
        under_way: GracefulShutdown::new(),
    };
    tokio::pin!(shutdown);
    loop {
        let taken = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = &mut shutdown => break,
            taken = taken => taken,
        };
        match accepted {
            Ok((stream, address)) => door.admit(stream, address, place),
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
        () = door.under_way.shutdown() => {}
        () = tokio::time::sleep(LAST_WORDS) => {
            tracing::warn!(code = "serve.cut-off", "requests under way were cut off");
        }
    }
    Ok(())
}

/// What every connection is served with.
struct Door {
    builder: http1::Builder,
    reader: Duration,
    router: axum::Router,
    under_way: GracefulShutdown,
}

impl Door {
    /// Serves one connection on a task of its own; its place is free again when it ends.
    fn admit(&self, stream: TcpStream, address: SocketAddr, place: Option<OwnedSemaphorePermit>) {
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(address));
            router.clone().oneshot(request.map(Body::new))
        });
        let stream = TokioIo::new(Paced::new(stream, self.reader));
        let connection = self.builder.serve_connection(stream, service);
        let connection = self.under_way.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(code = "serve.connection", %error, "a connection was cut");
            }
            drop(place);
        });
    }
}

/// Whether the other side gave up before it was taken: nothing that concerns the server.
fn is_of_the_peer(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
