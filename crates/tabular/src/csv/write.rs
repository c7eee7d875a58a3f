//! Writing CSV.

use crate::encoding::{Encoding, as_cp932, encode_cp932};
use crate::fault::Fault;
use crate::guard::guard;
use crate::place::Place;
use crate::sheet::Sheet;

/// Writes a sheet as CSV: every field in quotes, lines ended by CRLF, texts that begin like a
/// formula with an apostrophe in front. The same sheet gives the same bytes.
///
/// # Errors
/// For CP932, `cell.not-in-cp932` for every cell with a character that it cannot hold.
pub fn write(sheet: &Sheet, encoding: Encoding) -> Result<Vec<u8>, Vec<Fault>> {
    let mut out = Vec::new();
    let mut faults = Vec::new();
    if encoding == Encoding::Utf8Marked {
        out.extend("\u{FEFF}".as_bytes());
    }
    for (row, cells) in (0..).zip(&sheet.rows) {
        for (column, cell) in (0..).zip(cells) {
            if column > 0 {
                out.push(b',');
            }
            let shown = cell.shown();
            // Guarded by what the reader will see.
            let shown = match encoding {
                Encoding::Cp932 => as_cp932(&shown),
                Encoding::Utf8 | Encoding::Utf8Marked => shown.as_str().into(),
            };
            let text = guard(&shown).replace('"', "\"\"");
            out.push(b'"');
            match encoding {
                Encoding::Utf8 | Encoding::Utf8Marked => out.extend(text.as_bytes()),
                Encoding::Cp932 => {
                    if let Err(c) = encode_cp932(&text, &mut out) {
                        faults.push(
                            Fault::cell(Place::at(row, column), "cell.not-in-cp932")
                                .with("character", c.to_string())
                                .with("point", format!("U+{:04X}", u32::from(c))),
                        );
                    }
                }
            }
            out.push(b'"');
        }
        out.extend(b"\r\n");
    }
    if faults.is_empty() {
        Ok(out)
    } else {
        Err(faults)
    }
}
