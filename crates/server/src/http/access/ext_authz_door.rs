//! Envoy's connections over TLS: each shakes hands by itself, with the console's certificate, and is served then.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::server::TlsStream;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::http::paced::Paced;
use crate::http::serve::{BREATHER, Patience, is_of_the_peer};
use crate::http::tls::{Door, Keeper};

/// Connections that have shaken hands and wait to be served.
const WAITING: usize = 16;

/// A connection that has shaken hands.
pub(super) struct Entered {
    stream: TlsStream<Paced<TcpStream>>,
    address: SocketAddr,
    /// Its place among the connections, for as long as it lasts.
    _place: Option<OwnedSemaphorePermit>,
}

/// Takes connections until what is returned is dropped.
pub(super) fn over_tls(
    listener: TcpListener,
    keeper: Arc<Keeper>,
) -> ReceiverStream<io::Result<Entered>> {
    let patience = Patience::default();
    let door = Door {
        keeper,
        handshake: patience.handshake,
        reader: patience.reader,
        http2: true,
    };
    let (sender, entered) = mpsc::channel(WAITING);
    tokio::spawn(accept(listener, door, patience.connections, sender));
    ReceiverStream::new(entered)
}

async fn accept(
    listener: TcpListener,
    door: Door,
    connections: usize,
    sender: mpsc::Sender<io::Result<Entered>>,
) {
    let places = Arc::new(Semaphore::new(connections));
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
            Ok((stream, address)) => {
                let (door, sender) = (door.clone(), sender.clone());
                tokio::spawn(async move {
                    let Some((stream, _)) = door.enter(stream).await else {
                        return;
                    };
                    let entered = Entered {
                        stream,
                        address,
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

impl Connected for Entered {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        TcpConnectInfo {
            local_addr: None,
            remote_addr: Some(self.address),
        }
    }
}

impl AsyncRead for Entered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Entered {
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
