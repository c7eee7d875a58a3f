//! Envoy's connections: only those of proxies that are trusted, so many at once, and each has so long for its
//! handshake and for the beginning of HTTP/2. Over TLS each shakes hands by itself, with the console's certificate.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::http::paced::Paced;
use crate::http::serve::{BREATHER, Patience, is_of_the_peer};
use crate::http::tls::{Door, Keeper};

/// Connections that have shaken hands and wait to be served.
const WAITING: usize = 16;
/// How long HTTP/2 begins: the client's preface (RFC 9113, 3.4), before which nobody is asked for a sign of life.
const PREFACE: usize = 24;

/// What a connection of Envoy may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Handshake, pace of reading, connections at once; its time for headers is that of the preface here.
    pub(super) patience: Patience,
    /// After how long without a word a sign of life is asked for.
    pub(super) silence: Duration,
    /// How long that may take.
    pub(super) answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Patience::default(),
            silence: Duration::from_secs(30),
            answer: Duration::from_secs(20),
        }
    }
}

/// Who is let in to ask at all: the proxies that are trusted, since nobody else is answered. Where none are named
/// this machine is, to be told so.
#[derive(Clone, Debug)]
pub(super) struct Guests(pub(super) Vec<IpAddr>);

impl Guests {
    fn admit(&self, peer: IpAddr) -> bool {
        if self.0.is_empty() {
            peer.is_loopback()
        } else {
            self.0.contains(&peer)
        }
    }
}

/// A connection that is served.
pub(super) struct Entered<S> {
    stream: S,
    address: SocketAddr,
    /// What is still missing of the preface, and how long it may take; nothing once it is there.
    preface: Option<(usize, Pin<Box<Sleep>>)>,
    /// Its place among the connections, for as long as it lasts.
    _place: Option<OwnedSemaphorePermit>,
}

/// Connections as they are served.
pub(super) type Incoming<S> = ReceiverStream<io::Result<Entered<S>>>;

/// Takes connections over TLS until what is returned is dropped.
pub(super) fn over_tls(
    listener: TcpListener,
    guests: Guests,
    limits: Limits,
    keeper: Arc<Keeper>,
) -> Incoming<TlsStream<Paced<TcpStream>>> {
    let door = Door {
        keeper,
        handshake: limits.patience.handshake,
        reader: limits.patience.reader,
        http2: true,
    };
    let shake = move |stream: TcpStream| {
        let door = door.clone();
        async move { door.enter(stream).await.map(|(stream, _)| stream) }
    };
    entered(listener, guests, limits, shake)
}

/// Takes connections in the clear, likewise.
pub(super) fn in_the_clear(
    listener: TcpListener,
    guests: Guests,
    limits: Limits,
) -> Incoming<Paced<TcpStream>> {
    let reader = limits.patience.reader;
    let pace = move |stream: TcpStream| std::future::ready(Some(Paced::new(stream, reader)));
    entered(listener, guests, limits, pace)
}

fn entered<S, F, Made>(
    listener: TcpListener,
    guests: Guests,
    limits: Limits,
    shake: F,
) -> Incoming<S>
where
    S: Send + 'static,
    F: Fn(TcpStream) -> Made + Send + 'static,
    Made: Future<Output = Option<S>> + Send + 'static,
{
    let (sender, entered) = mpsc::channel(WAITING);
    tokio::spawn(accept(listener, guests, limits.patience, shake, sender));
    ReceiverStream::new(entered)
}

async fn accept<S, F, Made>(
    listener: TcpListener,
    guests: Guests,
    patience: Patience,
    shake: F,
    sender: mpsc::Sender<io::Result<Entered<S>>>,
) where
    S: Send + 'static,
    F: Fn(TcpStream) -> Made + Send + 'static,
    Made: Future<Output = Option<S>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(patience.connections));
    loop {
        let taken = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = sender.closed() => return,
            taken = taken => taken,
        };
        match accepted {
            Ok((_, address)) if !guests.admit(address.ip()) => {
                // Whoever reaches the door can knock without end: the journal is not his to fill.
                tracing::debug!(code = "grpc.stranger", %address, "no trusted proxy: not let in");
            }
            Ok((stream, address)) => {
                let (shaken, sender) = (shake(stream), sender.clone());
                tokio::spawn(async move {
                    let Some(stream) = shaken.await else {
                        return;
                    };
                    let entered = Entered {
                        stream,
                        address,
                        preface: Some((PREFACE, Box::pin(sleep(patience.headers)))),
                        _place: place,
                    };
                    // The server has stopped meanwhile where nobody takes it.
                    let _ = sender.send(Ok(entered)).await;
                });
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::warn!(code = "serve.accept", %error, "a connection could not be taken");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

impl<S> Connected for Entered<S> {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        TcpConnectInfo {
            local_addr: None,
            remote_addr: Some(self.address),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Entered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let Some((missing, time)) = &mut self.preface else {
            return read;
        };
        if read.is_ready() {
            *missing = missing.saturating_sub(buffer.filled().len() - before);
            if *missing == 0 {
                self.preface = None;
            }
            return read;
        }
        ready!(time.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Entered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_no_trusted_proxy_is_not_let_in() {
        let admitted = |trusted: &[&str], peer: &str| {
            let trusted = trusted.iter().map(|it| it.parse().unwrap()).collect();
            Guests(trusted).admit(peer.parse().unwrap())
        };
        let proxies = ["192.0.2.1", "127.0.0.1"];
        for (trusted, peer, expected) in [
            (&proxies[..], "192.0.2.1", true),
            (&proxies[..], "127.0.0.1", true),
            (&proxies[..], "192.0.2.2", false),
            (&proxies[..1], "127.0.0.1", false),
            (&proxies[..0], "127.0.0.1", true),
            (&proxies[..0], "::1", true),
            (&proxies[..0], "192.0.2.1", false),
        ] {
            assert_eq!(admitted(trusted, peer), expected, "{trusted:?} {peer}");
        }
    }
}
