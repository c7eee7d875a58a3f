//! Files that are brought in: taken whole, bounded in size and at a bearable pace.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody as _};
use axum::http::StatusCode;

use super::fault::Fault;
use super::multipart::Multipart;
use crate::tables::desk::FILE_MAX;

/// Most bytes of a form with a file: the file, and what stands around it.
pub(super) const UPLOAD_MAX: usize = FILE_MAX + 64 * 1024;
/// How long a file may take: 32 MiB in this time are less than a megabit a second.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(300);
/// The slowest that is borne.
const SLOWEST: Tempo = Tempo {
    stretch: Duration::from_secs(10),
    least: 64 * 1024,
};
/// What is more than this is not waited for, even only to say that it is too large.
const PATIENCE: usize = 8 * UPLOAD_MAX;

/// How much must come: whoever sends less holds a place for nothing.
#[derive(Clone, Copy, Debug)]
struct Tempo {
    /// In each stretch of so long.
    stretch: Duration,
    /// So many bytes.
    least: usize,
}

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    TooLarge,
    TooSlow,
    Broken,
}

impl From<NotTaken> for Fault {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "upload.too-large")
                .with("mebibytes", &(FILE_MAX / 1024 / 1024).to_string()),
            NotTaken::TooSlow => Self::new(StatusCode::REQUEST_TIMEOUT, "upload.too-slow"),
            NotTaken::Broken => Self::bad("upload.form"),
        }
    }
}

/// Reads a body. One that is too large is read on and thrown away for a while: a browser hears the
/// answer only when it has sent what it has.
pub(super) async fn read(body: Body, most: usize) -> Result<Vec<u8>, NotTaken> {
    read_at(SLOWEST, body, most).await
}

async fn read_at(tempo: Tempo, mut body: Body, most: usize) -> Result<Vec<u8>, NotTaken> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    let mut pace = Pace::new(tempo);
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let frame = match tokio::time::timeout(tempo.stretch, frame).await {
            Err(_) => return Err(NotTaken::TooSlow),
            Ok(None) => break,
            Ok(Some(frame)) => frame.map_err(|_| NotTaken::Broken)?,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen += data.len();
        if !pace.keeps(data.len()) {
            return Err(NotTaken::TooSlow);
        }
        if seen > PATIENCE {
            break;
        }
        if seen > most {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    if seen > most {
        return Err(NotTaken::TooLarge);
    }
    Ok(bytes)
}

/// Throws a body away whose sender is refused, so that the refusal is heard.
pub(super) async fn throw_away(body: Body) {
    // What it comes to changes nothing.
    let _ = read(body, 0).await;
}

struct Pace {
    tempo: Tempo,
    since: Instant,
    bytes: usize,
}

impl Pace {
    fn new(tempo: Tempo) -> Self {
        Self {
            tempo,
            since: Instant::now(),
            bytes: 0,
        }
    }

    /// Whether enough has come, with these bytes, in the stretch that is over.
    fn keeps(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        if self.since.elapsed() < self.tempo.stretch {
            return true;
        }
        let enough = self.bytes >= self.tempo.least;
        *self = Self::new(self.tempo);
        enough
    }
}

/// The form in a body.
pub(super) fn form<'a>(content_type: &str, body: &'a [u8]) -> Result<Multipart<'a>, Fault> {
    Multipart::parse(content_type, body).ok_or_else(|| NotTaken::Broken.into())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::task::{Context, Poll};

    use axum::body::Bytes;
    use http_body::Frame;
    use tokio::time::{Sleep, sleep};

    use super::*;

    /// A sender of one byte now and then.
    struct Trickle {
        bytes: usize,
        every: Duration,
        next: Pin<Box<Sleep>>,
    }

    impl http_body::Body for Trickle {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            if self.bytes == 0 {
                return Poll::Ready(None);
            }
            if self.next.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.bytes -= 1;
            self.next = Box::pin(sleep(self.every));
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"a")))))
        }
    }

    fn taken(stretch: Duration, bytes: usize, every: Duration) -> Result<Vec<u8>, NotTaken> {
        let tempo = Tempo { stretch, least: 64 };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let next = Box::pin(sleep(every));
            let body = Trickle { bytes, every, next };
            read_at(tempo, Body::new(body), 1000).await
        })
    }

    #[test]
    fn a_sender_of_a_byte_now_and_then_is_cut_off() {
        // At this rate the whole would take a minute; no stretch brings what it must.
        let (now_and_then, stretch) = (Duration::from_millis(10), Duration::from_millis(200));
        let begun = Instant::now();
        assert_eq!(taken(stretch, 6000, now_and_then), Err(NotTaken::TooSlow));
        assert!(begun.elapsed() < Duration::from_secs(30));
        // Nor is silence waited for.
        let silent = taken(stretch, 1, Duration::from_secs(3600));
        assert_eq!(silent, Err(NotTaken::TooSlow));
        // What is done within a stretch is taken, however it came.
        let whole = taken(Duration::from_secs(3600), 20, now_and_then);
        assert_eq!(whole, Ok(vec![b'a'; 20]));
    }
}
