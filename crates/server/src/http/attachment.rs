//! Table files that are saved.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sekisho_tabular::Fault as CellFault;

use super::ctx::{Answer, Ctx};
use super::fault::Fault;
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

/// The format in which a page is asked to save a list; XLSX unless one is named.
pub(super) fn asked_format(ctx: &Ctx) -> Result<FileFormat, Fault> {
    let code = ctx.query("format");
    code.map_or(Some(FileFormat::Xlsx), |code| FileFormat::from_code(&code))
        .ok_or_else(Fault::not_found)
}

/// A list that a page saves. What we hold can be written: a cell at fault is our own.
pub(super) fn list_file(
    (format, name): (FileFormat, &str),
    written: Result<Vec<u8>, Vec<CellFault>>,
) -> Answer {
    match written {
        Ok(bytes) => Ok(attachment(format, name, bytes)),
        Err(faults) => Err(Fault::internal(format!("{} cells", faults.len()))),
    }
}
