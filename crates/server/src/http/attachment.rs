//! Table files that are saved.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::tables::FileFormat;

/// A table file that whoever asked for it saves.
pub(super) fn attachment(format: FileFormat, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.ending());
    for (header, value) in [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CONTENT_DISPOSITION, disposition),
    ] {
        // Both are made of codes, which are plain ASCII.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header, value);
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
