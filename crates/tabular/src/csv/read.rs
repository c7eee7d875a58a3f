//! Reading CSV.

use crate::cell::Cell;
use crate::encoding::{Encoding, decode};
use crate::fault::Fault;
use crate::guard::unguard;
use crate::limits::Limits;
use crate::place::Place;
use crate::sheet::Sheet;

/// Reads a CSV file: comma, quotes doubled inside quotes, lines ended by CRLF, LF or CR. What
/// [`write`](super::write) did against formulas is taken off.
///
/// # Errors
/// `file.too-large`, the codes of [`decode`], `file.too-many-rows`, `file.too-many-columns` and
/// `cell.too-long` with the cell; `cell.unclosed-quote` with the cell where the quote begins.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(Sheet, Encoding), Fault> {
    if bytes.len() > limits.bytes {
        return Err(Fault::file("file.too-large").with("mebibytes", limits.bytes / (1024 * 1024)));
    }
    let (text, encoding) = decode(bytes)?;
    let mut reader = Reader {
        text: &text,
        at: 0,
        place: Place::default(),
        limits,
    };
    let mut sheet = Sheet::new("");
    let mut cells = 0;
    while reader.at < text.len() {
        let row = reader.row()?;
        cells += row.len();
        if cells > limits.cells {
            return Err(Fault::cell(reader.place, "file.too-many-cells").with("max", limits.cells));
        }
        sheet.rows.push(row);
        reader.place = Place::at(reader.place.row + 1, 0);
    }
    Ok((sheet, encoding))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    place: Place,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn row(&mut self) -> Result<Vec<Cell>, Fault> {
        if self.place.row >= self.limits.rows {
            return Err(Fault::cell(self.place, "file.too-many-rows").with("max", self.limits.rows));
        }
        let mut row = Vec::new();
        loop {
            if self.place.column >= self.limits.columns {
                return Err(Fault::cell(self.place, "file.too-many-columns")
                    .with("max", self.limits.columns));
            }
            let field = self.field()?;
            row.push(Cell::text(unguard(&field)));
            let rest = &self.text.as_bytes()[self.at..];
            match rest {
                [b',', ..] => {
                    self.at += 1;
                    self.place.column += 1;
                }
                [b'\r', b'\n', ..] => {
                    self.at += 2;
                    return Ok(row);
                }
                [_, ..] => {
                    self.at += 1;
                    return Ok(row);
                }
                [] => return Ok(row),
            }
        }
    }

    /// One field, up to the comma, line end or end of text after it.
    fn field(&mut self) -> Result<String, Fault> {
        let begins = self.place;
        let mut field = String::new();
        if self.text[self.at..].starts_with('"') {
            self.at += 1;
            loop {
                let rest = &self.text[self.at..];
                let Some(quote) = rest.find('"') else {
                    return Err(Fault::cell(begins, "cell.unclosed-quote"));
                };
                field.push_str(&rest[..quote]);
                self.at += quote + 1;
                self.bounded(field.len())?;
                if !self.text[self.at..].starts_with('"') {
                    break;
                }
                field.push('"');
                self.at += 1;
            }
        }
        // Text after a closing quote belongs to the field, as spreadsheets have it.
        let rest = &self.text[self.at..];
        let end = rest.find([',', '\r', '\n']).unwrap_or(rest.len());
        self.bounded(field.len() + end)?;
        field.push_str(&rest[..end]);
        self.at += end;
        Ok(field)
    }

    fn bounded(&self, length: usize) -> Result<(), Fault> {
        if length > self.limits.cell_bytes {
            return Err(
                Fault::cell(self.place, "cell.too-long").with("max", self.limits.cell_bytes)
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(text: &str) -> Vec<Vec<String>> {
        let (sheet, _) = read(text.as_bytes(), &Limits::DEFAULT).unwrap();
        sheet
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::shown).collect())
            .collect()
    }

    #[test]
    fn fields_and_lines_are_told_apart() {
        assert_eq!(grid("a,b\r\nc,d\r\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(grid("a,b\nc,d"), [["a", "b"], ["c", "d"]]);
        assert_eq!(grid("a\rb\r"), [["a"], ["b"]]);
        assert_eq!(grid("\"a,\"\"b\"\"\r\nc\",d"), [["a,\"b\"\r\nc", "d"]]);
        assert_eq!(grid("a\"b\",\"c\"d"), [["a\"b\"", "cd"]]);
        assert_eq!(grid(",\r\n\r\nx"), [vec!["", ""], vec![""], vec!["x"]]);
        assert_eq!(grid("'=1,'x"), [["=1", "'x"]]);
        assert_eq!(grid(""), [[""; 0]; 0]);
    }

    #[test]
    fn bounds_are_kept_and_the_cell_is_named() {
        let small = Limits {
            bytes: 100,
            rows: 3,
            columns: 4,
            cell_bytes: 10,
            ..Limits::DEFAULT
        };
        let long = "x".repeat(11);
        for (text, expected) in [
            ("1\n2\n3\n4".to_owned(), "A4: file.too-many-rows"),
            ("1,2,3,4,5".to_owned(), "E1: file.too-many-columns"),
            (format!("a\nb,{long}"), "B2: cell.too-long"),
            (format!("a\nb,\"{long}\""), "B2: cell.too-long"),
            ("a\nb,\"c\n\n".to_owned(), "B2: cell.unclosed-quote"),
            ("x".repeat(101), "file.too-large"),
        ] {
            let found = read(text.as_bytes(), &small).map(|_| ());
            assert_eq!(found.unwrap_err().to_string(), expected);
        }
    }
}
