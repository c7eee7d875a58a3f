//! Serving until told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::options::OptionsError;
use super::routes::router;
use super::site::Site;

/// How long requests under way may take once the server stops.
const LAST_WORDS: Duration = Duration::from_secs(10);

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
    site.options.check()?;
    let service = router(site.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = site.stopping.clone();
    let mut stopped = site.stopping.subscribe();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        stopping.send_replace(true);
    });
    let serving = std::future::IntoFuture::into_future(serving);
    tokio::pin!(serving);
    let late = async {
        // Fails only when the site is gone, and then there is nothing to wait for.
        let _ = stopped.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        ended = &mut serving => Ok(ended?),
        () = late => {
            tracing::warn!(code = "serve.cut-off", "requests under way were cut off");
            Ok(())
        }
    }
}
