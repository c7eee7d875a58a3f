//! Frames on the admin socket: bounded lengths before bytes.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use sekisho_protocol::admin::{Answer, DOCUMENT_MAX, FRAME_MAX, Progress, Request};

/// Why the exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Reading or writing.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Longer than the protocol allows.
    #[error("the message is too long")]
    TooLong,
    /// Not a message of this protocol: another version of the program runs.
    #[error("the message is not understood")]
    Form,
}

/// Reads one frame of JSON.
pub(super) fn read_frame(from: &mut impl Read) -> Result<Vec<u8>, FrameError> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > FRAME_MAX {
        return Err(FrameError::TooLong);
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Writes one frame of JSON.
pub(super) fn write_frame(to: &mut impl Write, bytes: &[u8]) -> Result<(), FrameError> {
    let length = u32::try_from(bytes.len()).map_err(|_| FrameError::TooLong)?;
    if length > FRAME_MAX {
        return Err(FrameError::TooLong);
    }
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)?;
    Ok(to.flush()?)
}

/// Reads the document that follows a request.
pub(super) fn read_document(from: &mut impl Read, size: u64) -> Result<Vec<u8>, FrameError> {
    if size > DOCUMENT_MAX {
        return Err(FrameError::TooLong);
    }
    let mut bytes = Vec::new();
    let got = from.take(size).read_to_end(&mut bytes)?;
    if got as u64 == size {
        Ok(bytes)
    } else {
        Err(FrameError::Form)
    }
}

/// Asks a running server. None when none runs on this folder.
///
/// # Errors
/// [`FrameError`] once a connection stands.
pub fn exchange(
    socket: &Path,
    request: &Request,
    document: &[u8],
) -> Result<Option<Answer>, FrameError> {
    exchange_watching(socket, request, document, &mut |_| ())
}

/// Asks a running server, and is told how far it has come.
///
/// # Errors
/// [`FrameError`] once a connection stands.
pub fn exchange_watching(
    socket: &Path,
    request: &Request,
    document: &[u8],
    watch: &mut dyn FnMut(&Progress),
) -> Result<Option<Answer>, FrameError> {
    let Ok(mut stream) = UnixStream::connect(socket) else {
        return Ok(None);
    };
    let bytes = serde_json::to_vec(request).map_err(|_| FrameError::Form)?;
    write_frame(&mut stream, &bytes)?;
    stream.write_all(document)?;
    stream.flush()?;
    loop {
        let frame = read_frame(&mut stream)?;
        match serde_json::from_slice::<Answer>(&frame).map_err(|_| FrameError::Form)? {
            Answer::Progress(progress) => watch(&progress),
            answer => return Ok(Some(answer)),
        }
    }
}
