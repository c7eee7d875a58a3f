//! The stream that tells open pages that something changed (`text/event-stream`).
//!
//! It carries no content, only that there is something new: the page asks for itself again and
//! passes the gate like any other request.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tokio::sync::mpsc;

use super::ctx::Ctx;
use super::fault::Fault;
use super::routes::beside;
use super::site::Site;

/// After this the browser asks again, and its session is looked at again.
const LONGEST: Duration = Duration::from_secs(600);
/// A sign of life, so that proxies keep the stream open.
const SIGN_OF_LIFE: Duration = Duration::from_secs(25);
/// Changes close together are told once.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);

struct Stream(mpsc::Receiver<Bytes>);

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|bytes| bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}

/// Follows the ledger for a signed-in browser.
pub(super) async fn follow(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, Vec::new());
    let Ok(permit) = site.followers.clone().try_acquire_owned() else {
        return Fault::too_many("http.busy", 30_000).answer(&ctx);
    };
    let checked = beside(&site, ctx, |ctx| {
        ctx.live().map(|_| Response::new(Body::empty()))
    })
    .await;
    if checked.status() != StatusCode::OK {
        return checked;
    }
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let _permit = permit;
        let _ = tokio::time::timeout(LONGEST, tell(&site, &sender)).await;
    });
    let mut response = Response::new(Body::new(Stream(receiver)));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Tells until the browser goes or the server stops.
async fn tell(site: &Site, sender: &mpsc::Sender<Bytes>) {
    let mut head = site.app.follow();
    let mut stopping = site.stopping.subscribe();
    if *stopping.borrow()
        || sender
            .send(Bytes::from_static(b"retry: 5000\n\n"))
            .await
            .is_err()
    {
        return;
    }
    loop {
        let line = tokio::select! {
            changed = head.changed() => match changed {
                Ok(()) => Bytes::from_static(b"event: changed\ndata: {}\n\n"),
                Err(_) => return,
            },
            () = tokio::time::sleep(SIGN_OF_LIFE) => Bytes::from_static(b": here\n\n"),
            _ = stopping.changed() => return,
            () = sender.closed() => return,
        };
        if sender.send(line).await.is_err() {
            return;
        }
        tokio::time::sleep(AT_MOST_EVERY).await;
    }
}
