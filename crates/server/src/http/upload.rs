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
/// Within each such stretch so much must come, or the sender holds a place for nothing.
const STRETCH: Duration = Duration::from_secs(10);
/// Bytes that must come in a stretch.
const PACE: usize = 64 * 1024;
/// What is more than this is not waited for, even only to say that it is too large.
const PATIENCE: usize = 8 * UPLOAD_MAX;

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
pub(super) async fn read(mut body: Body, most: usize) -> Result<Vec<u8>, NotTaken> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    let mut pace = Pace::new();
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let frame = match tokio::time::timeout(STRETCH, frame).await {
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
    since: Instant,
    bytes: usize,
}

impl Pace {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            bytes: 0,
        }
    }

    /// Whether enough has come, with these bytes, in the stretch that is over.
    fn keeps(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        if self.since.elapsed() < STRETCH {
            return true;
        }
        let enough = self.bytes >= PACE;
        *self = Self::new();
        enough
    }
}

/// The form in a body.
pub(super) fn form<'a>(content_type: &str, body: &'a [u8]) -> Result<Multipart<'a>, Fault> {
    Multipart::parse(content_type, body).ok_or_else(|| NotTaken::Broken.into())
}
