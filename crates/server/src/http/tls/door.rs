//! The way from a connection to TLS: bounded in time, and friendly to whoever forgot the `s`.

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use rustls::server::Acceptor;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Keeper, Presented};
use crate::acme::is_for_challenge;
use crate::http::paced::Paced;

/// The first byte of every handshake (RFC 8446, 5.1: content type `handshake`).
const HANDSHAKE: u8 = 22;

/// What a client hears that speaks HTTP without TLS. Nothing of its request is read.
const PLAIN: &[u8] = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n\
    connection: close\r\n\r\nhttps:// で始まるアドレスを指定してください。\n\
    Use an address that begins with https://.\n"
    .as_bytes();

/// A connection over TLS, and what the client presented.
type Entered = (TlsStream<Paced<TcpStream>>, Presented);

/// Takes connections over TLS.
#[derive(Clone)]
pub(in crate::http) struct Door {
    pub(in crate::http) keeper: Arc<Keeper>,
    /// How long a handshake may take.
    pub(in crate::http) handshake: Duration,
    /// How long an answer may wait for its reader.
    pub(in crate::http) reader: Duration,
    /// Whether HTTP/2 is spoken over it, and not HTTP/1.1.
    pub(in crate::http) http2: bool,
}

impl Door {
    /// Completes the handshake, and says what the client presented. None where there is nothing to
    /// serve: the handshake failed or took too long, which has been told to the log, or it was all
    /// that the client came for.
    pub(in crate::http) async fn enter(&self, stream: TcpStream) -> Option<Entered> {
        let entered = timeout(self.handshake, self.shake_hands(stream)).await;
        match entered.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())) {
            Ok(entered) => entered,
            Err(error) => {
                // Foreign, forged and outdated certificates end here; so does a scanner.
                tracing::info!(code = "tls.handshake", %error, "a handshake failed");
                None
            }
        }
    }

    async fn shake_hands(&self, mut stream: TcpStream) -> Result<Option<Entered>, Error> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] != HANDSHAKE {
            stream.write_all(PLAIN).await?;
            stream.shutdown().await?;
            return Err(Error::new(ErrorKind::InvalidData, "not TLS"));
        }
        let stream = Paced::new(stream, self.reader);
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        if let Some(config) = self.keeper.for_challenge()
            && is_for_challenge(&hello.client_hello())
        {
            // The handshake is the whole answer; nothing is served over it (RFC 8737, 3).
            let mut stream = hello.into_stream(config).await?;
            tracing::info!(code = "acme.challenge-answered", "a challenge was answered");
            stream.shutdown().await?;
            return Ok(None);
        }
        let config = if self.http2 {
            self.keeper.config_of_http2()
        } else {
            self.keeper.config()
        };
        let stream = hello.into_stream(config).await?;
        let presented = Presented::read(stream.get_ref().1.peer_certificates());
        Ok(Some((stream, presented)))
    }
}
