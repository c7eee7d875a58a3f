//! Reading XLSX.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

use super::check::{check, is_wanted};
use crate::archive::{pack, unpack};
use crate::cell::{Cell, serial_day};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::place::Place;
use crate::sheet::{Book, Format, Merge, Sheet};

/// Most sheets that are read.
const SHEETS_MAX: usize = 50;
/// Most merged cells of a sheet.
const MERGES_MAX: usize = 10_000;

/// Reads the visible sheets of an XLSX file. Of formulas, the results that the file holds are read;
/// nothing is calculated, no link is followed.
///
/// # Errors
/// `file.old-or-encrypted` for what Excel saved before 2007 or under a password; the codes of the
/// archive; `file.xml-entities`; `file.damaged`; `file.not-xlsx` for other archives; the bounds
/// `file.too-large`, `file.too-many-rows`, `file.too-many-columns`, `file.too-many-cells`,
/// `file.too-many-sheets`, `file.too-many-merges`, `cell.too-long`, with the cell where there is one.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Book, Fault> {
    if bytes.len() > limits.bytes {
        return Err(Fault::file("file.too-large").with("mebibytes", limits.bytes / (1024 * 1024)));
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(Fault::file("file.old-or-encrypted"));
    }
    let parts = unpack(bytes, limits, is_wanted)?;
    if !parts.iter().any(|part| part.name.ends_with("workbook.xml")) {
        return Err(Fault::file("file.not-xlsx"));
    }
    for part in &parts {
        check(part)?;
    }
    let has_merges = parts.iter().any(|part| {
        let tag = b"mergeCell";
        part.bytes.windows(tag.len()).any(|here| here == tag)
    });
    let archive = pack(&parts);
    drop(parts);
    let mut workbook = Xlsx::new(Cursor::new(archive)).map_err(damaged)?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|it| it.typ == SheetType::WorkSheet && it.visible == SheetVisible::Visible)
        .map(|it| it.name.clone())
        .collect();
    if names.is_empty() {
        return Err(Fault::file("file.not-xlsx"));
    }
    if names.len() > SHEETS_MAX {
        return Err(Fault::file("file.too-many-sheets").with("max", SHEETS_MAX));
    }
    let mut book = Book {
        sheets: Vec::with_capacity(names.len()),
        format: Format::Xlsx,
    };
    let mut slots = limits.cells;
    for name in &names {
        let mut sheet = read_sheet(&mut workbook, name, limits, &mut slots)?;
        if has_merges {
            sheet.merges = read_merges(&mut workbook, name)?;
        }
        book.sheets.push(sheet);
    }
    Ok(book)
}

fn damaged(error: calamine::XlsxError) -> Fault {
    Fault::file("file.damaged").with("detail", error.to_string())
}

fn read_sheet(
    workbook: &mut Xlsx<Cursor<Vec<u8>>>,
    name: &str,
    limits: &Limits,
    slots: &mut usize,
) -> Result<Sheet, Fault> {
    let from_1904 = workbook.has_1904_epoch();
    let mut sheet = Sheet::new(name);
    let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    while let Some(found) = cells.next_cell().map_err(damaged)? {
        let (row, column) = found.get_position();
        let place = Place::at(row, column);
        let cell = cell(found.get_value(), from_1904);
        // Cells that only have a colour or a border reach far beyond the table.
        if cell == Cell::Empty {
            continue;
        }
        bounded(&cell, place, limits)?;
        put(&mut sheet, place, cell, limits, slots)?;
    }
    Ok(sheet)
}

fn bounded(cell: &Cell, place: Place, limits: &Limits) -> Result<(), Fault> {
    if place.row >= limits.rows {
        return Err(Fault::cell(place, "file.too-many-rows").with("max", limits.rows));
    }
    if place.column >= limits.columns {
        return Err(Fault::cell(place, "file.too-many-columns").with("max", limits.columns));
    }
    match cell {
        Cell::Text(text) if text.len() > limits.cell_bytes => {
            Err(Fault::cell(place, "cell.too-long").with("max", limits.cell_bytes))
        }
        _ => Ok(()),
    }
}

fn put(
    sheet: &mut Sheet,
    place: Place,
    cell: Cell,
    limits: &Limits,
    slots: &mut usize,
) -> Result<(), Fault> {
    let (row, column) = (place.row as usize, place.column as usize);
    if sheet.rows.len() <= row {
        sheet.rows.resize(row + 1, Vec::new());
    }
    let cells = &mut sheet.rows[row];
    if cells.len() <= column {
        let more = column + 1 - cells.len();
        *slots = slots
            .checked_sub(more)
            .ok_or_else(|| Fault::cell(place, "file.too-many-cells").with("max", limits.cells))?;
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = cell;
    Ok(())
}

fn cell(value: &DataRef<'_>, from_1904: bool) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::text(text.as_str()),
        DataRef::SharedString(text) => Cell::text(*text),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let serial = moment.as_f64();
            // A time of day alone is no day.
            match serial_day(serial, from_1904) {
                Some(day) => Cell::Date(day),
                None => Cell::Number(serial),
            }
        }
        DataRef::DateTime(length) => Cell::Number(length.as_f64()),
        DataRef::DateTimeIso(text) => {
            let day = text.split('T').next().unwrap_or_default();
            day.parse()
                .map_or_else(|_| Cell::text(text.as_str()), Cell::Date)
        }
        DataRef::DurationIso(text) => Cell::text(text.as_str()),
        DataRef::Error(error) => Cell::Broken(error.to_string()),
    }
}

fn read_merges(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Vec<Merge>, Fault> {
    let found = workbook.merge_cells_by_sheet_name(name).map_err(damaged)?;
    if found.len() > MERGES_MAX {
        return Err(Fault::file("file.too-many-merges").with("max", MERGES_MAX));
    }
    let merges = found.into_iter().map(|it| Merge {
        first: Place::at(it.start.0, it.start.1),
        last: Place::at(it.end.0, it.end.1),
    });
    Ok(merges
        .filter(|it| it.first.row <= it.last.row && it.first.column <= it.last.column)
        .collect())
}
