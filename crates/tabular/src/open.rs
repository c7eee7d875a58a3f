//! Files of either kind.

use crate::fault::Fault;
use crate::limits::Limits;
use crate::sheet::{Book, Format};
use crate::{csv, xlsx};

/// Reads a table file; what it is follows from its first bytes, not from its name.
///
/// # Errors
/// Those of [`xlsx::read`] and [`csv::read`]; `file.empty`.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Book, Fault> {
    if bytes.is_empty() {
        return Err(Fault::file("file.empty"));
    }
    let is_archive = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06");
    let is_compound = bytes.starts_with(b"\xD0\xCF\x11\xE0");
    if is_archive || is_compound {
        return xlsx::read(bytes, limits);
    }
    let (sheet, encoding) = csv::read(bytes, limits)?;
    Ok(Book {
        sheets: vec![sheet],
        format: Format::Csv(encoding),
    })
}
