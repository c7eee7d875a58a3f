//! Writing XLSX.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::cell::{Cell, day_serial};
use crate::fault::Fault;
use crate::guard::is_guarded;
use crate::place::Place;
use crate::sheet::Sheet;

/// Widest column, in characters.
const WIDTH_MAX: usize = 60;
/// Rows that are looked at for the width of a column.
const WIDTH_ROWS: usize = 200;

/// Writes sheets as XLSX for machines: one table a sheet with its header in row 1, no merged cells,
/// no meaning in colours, days as days, texts as texts. Texts that begin like a formula stay text
/// and are marked so that they stay text when edited. The same sheets give the same bytes.
///
/// # Errors
/// `cell.too-long` for texts longer than a cell holds; `file.not-writable` for names of sheets
/// that the format does not take.
pub fn write(sheets: &[Sheet]) -> Result<Vec<u8>, Vec<Fault>> {
    let mut workbook = Workbook::new();
    let never = ExcelDateTime::from_ymd(2000, 1, 1).map_err(|error| vec![not_writable(&error)])?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&never));
    let styles = Styles {
        header: Format::new().set_bold(),
        day: Format::new().set_num_format("yyyy\\-mm\\-dd"),
        text: Format::new().set_num_format("@"),
        quoted: Format::new().set_num_format("@").set_quote_prefix(),
    };
    let mut faults = Vec::new();
    for sheet in sheets {
        let worksheet = workbook.add_worksheet();
        if let Err(error) = fill(worksheet, sheet, &styles, &mut faults) {
            faults.push(not_writable(&error));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    workbook
        .save_to_buffer()
        .map_err(|error| vec![not_writable(&error)])
}

struct Styles {
    header: Format,
    day: Format,
    text: Format,
    quoted: Format,
}

fn not_writable(error: &XlsxError) -> Fault {
    Fault::file("file.not-writable").with("detail", error.to_string())
}

fn fill(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    styles: &Styles,
    faults: &mut Vec<Fault>,
) -> Result<(), XlsxError> {
    if !sheet.name.is_empty() {
        worksheet.set_name(&sheet.name)?;
    }
    worksheet.set_freeze_panes(1, 0)?;
    for (column, width) in (0_u16..).zip(widths(sheet)) {
        worksheet.set_column_width(column, width)?;
    }
    for (row, cells) in (0_u32..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            if let Err(error) = put(worksheet, row, column, cell, styles) {
                match error {
                    XlsxError::MaxStringLengthExceeded => faults.push(
                        Fault::cell(Place::at(row, u32::from(column)), "cell.too-long")
                            .with("max", 32_767_u32),
                    ),
                    other => return Err(other),
                }
            }
        }
    }
    Ok(())
}

fn put(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    styles: &Styles,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) | Cell::Broken(text) => {
            let style = match row {
                _ if is_guarded(text) => &styles.quoted,
                0 => &styles.header,
                _ => &styles.text,
            };
            worksheet.write_string_with_format(row, column, text, style)?;
        }
        Cell::Number(number) => {
            worksheet.write_number(row, column, *number)?;
        }
        Cell::Flag(flag) => {
            worksheet.write_boolean(row, column, *flag)?;
        }
        Cell::Date(day) => match day_serial(*day) {
            Some(serial) => {
                worksheet.write_number_with_format(row, column, serial, &styles.day)?;
            }
            // Days before the calendar of spreadsheets stay readable.
            None => {
                worksheet.write_string_with_format(row, column, day.to_string(), &styles.text)?;
            }
        },
    }
    Ok(())
}

/// Columns as wide as what stands at their top, so that a person can read them.
fn widths(sheet: &Sheet) -> Vec<f64> {
    let mut widths = Vec::new();
    for row in sheet.rows.iter().take(WIDTH_ROWS) {
        for (column, cell) in row.iter().enumerate() {
            if widths.len() <= column {
                widths.push(8);
            }
            let shown = cell.shown();
            let width: usize = shown
                .chars()
                .map(|c| if c.is_ascii() { 1 } else { 2 })
                .sum();
            widths[column] = widths[column].max(width + 2).min(WIDTH_MAX);
        }
    }
    // At most 60.
    widths
        .into_iter()
        .map(|width| f64::from(width as u32))
        .collect()
}
