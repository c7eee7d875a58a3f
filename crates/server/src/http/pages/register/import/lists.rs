//! What an import's page shows the beginning of, whole and as a file: cells at fault, and rows that
//! would be stored.

use axum::response::Response;
use sekisho_domain::field::Value;
use sekisho_messages::t;
use sekisho_tabular::encoding::Encoding;
use sekisho_tabular::{Cell, Sheet, csv};

use super::super::super::super::attachment::attachment;
use super::super::super::super::ctx::{Answer, Ctx};
use super::super::super::super::fault::Fault;
use super::{own, rows};
use crate::console::fields::Words;
use crate::tables::desk::State;
use crate::tables::{FileFormat, Prepared, fault_text};

/// The kind of these files: what spreadsheets of any language open.
const FORMAT: FileFormat = FileFormat::Csv(Encoding::Utf8Marked);

pub(in crate::http) fn faults(ctx: &Ctx) -> Answer {
    let (of, upload) = own(ctx)?;
    let lang = ctx.lang;
    let faults = match upload.state() {
        State::Unreadable { faults, .. } => faults.as_ref().clone(),
        State::Looked { prepared, .. } => prepared.faults.clone(),
        _ => Vec::new(),
    };
    let mut sheet = Sheet::new("");
    let heads = [
        t!(lang, "tables.cell"),
        t!(lang, "tables.row"),
        t!(lang, "tables.said"),
    ];
    sheet.rows.push(heads.map(Cell::text).into());
    for fault in &faults {
        let row = fault.place.map(|place| f64::from(place.row) + 1.0);
        sheet.rows.push(vec![
            Cell::text(fault.place.map(|it| it.to_string()).unwrap_or_default()),
            row.map_or(Cell::Empty, Cell::Number),
            Cell::text(fault_text(lang, &fault.reason)),
        ]);
    }
    written(&sheet, &format!("{}.faults", of.code()))
}

pub(in crate::http) fn rows(ctx: &Ctx) -> Answer {
    let (of, upload) = own(ctx)?;
    let lang = ctx.lang;
    let mut sheet = Sheet::new("");
    let heads = [
        t!(lang, "tables.row"),
        t!(lang, "tables.entry"),
        t!(lang, "tables.field"),
        t!(lang, "tables.before"),
        t!(lang, "tables.after"),
    ];
    sheet.rows.push(heads.map(Cell::text).into());
    if let State::Looked { prepared, .. } = upload.state() {
        fill(ctx, &prepared, &mut sheet);
    }
    written(&sheet, &format!("{}.rows", of.code()))
}

/// One line for each field that changes, and one for each new entry. Values are in their stable form,
/// ids included: names of people are told only where the gate was asked for each.
fn fill(ctx: &Ctx, prepared: &Prepared, sheet: &mut Sheet) {
    let lang = ctx.lang;
    for row in 0..prepared.plan.len() {
        let Some(row) = rows::row(ctx, prepared, row) else {
            continue;
        };
        let begin = || vec![Cell::Number(f64::from(row.line)), Cell::text(&*row.title)];
        if row.is_new {
            let mut cells = begin();
            cells.push(Cell::text(t!(lang, "tables.is_new")));
            sheet.rows.push(cells);
        }
        for (field, before, after) in row.differences(prepared.of) {
            let label = Words::register(prepared.of.code()).label(lang, field);
            let mut cells = begin();
            cells.extend([
                Cell::text(label),
                Cell::text(plain(before)),
                Cell::text(plain(after)),
            ]);
            sheet.rows.push(cells);
        }
    }
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Empty) => String::new(),
        Some(Value::Flag(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Many(list)) => list.join("; "),
    }
}

fn written(sheet: &Sheet, name: &str) -> Result<Response, Fault> {
    let bytes = csv::write(sheet, Encoding::Utf8Marked)
        .map_err(|_| Fault::internal("UTF-8 holds every character"))?;
    Ok(attachment(FORMAT, name, bytes))
}
