//! What an import's page shows the beginning of, whole and as a file: cells at fault, and rows that
//! would be stored.

use axum::response::Response;
use sekisho_domain::field::Value;
use sekisho_messages::t;
use sekisho_tabular::encoding::Encoding;
use sekisho_tabular::{Cell, Sheet, csv};

use super::super::super::super::ctx::{Answer, Ctx};
use super::super::super::super::fault::Fault;
use super::super::export::attachment;
use super::super::{title_of, words};
use super::own;
use crate::tables::desk::State;
use crate::tables::{FileFormat, Prepared, fault_text};

/// The kind of these files: what spreadsheets of any language open.
const FORMAT: FileFormat = FileFormat::Csv(Encoding::Utf8Marked);

pub(in crate::http) fn faults(ctx: &Ctx) -> Answer {
    let (register, upload) = own(ctx)?;
    let lang = ctx.lang;
    let faults = match upload.state() {
        State::Unreadable(faults) => faults.as_ref().clone(),
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
    written(&sheet, &format!("{}.faults", register.code()))
}

pub(in crate::http) fn rows(ctx: &Ctx) -> Answer {
    let (register, upload) = own(ctx)?;
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
    written(&sheet, &format!("{}.rows", register.code()))
}

/// One line for each field that changes, and one for each new entry. Values are in their stable form,
/// ids included: names of people are told only where the gate was asked for each.
fn fill(ctx: &Ctx, prepared: &Prepared, sheet: &mut Sheet) {
    let lang = ctx.lang;
    let register = prepared.register;
    let world = ctx.site.app.world();
    for (row, line) in prepared.rows.iter().zip(&prepared.lines) {
        let called = title_of(lang, &row.particulars).unwrap_or_else(|| row.id.to_string());
        let begin = || vec![Cell::Number(f64::from(*line) + 1.0), Cell::text(&*called)];
        let known = row.expected.and_then(|_| world.registers.entry(row.id));
        let Some(known) = known else {
            let mut cells = begin();
            cells.push(Cell::text(t!(lang, "tables.is_new")));
            sheet.rows.push(cells);
            continue;
        };
        let mut add = |field: String, before: String, after: String| {
            if before != after {
                let mut cells = begin();
                cells.extend([Cell::text(field), Cell::text(before), Cell::text(after)]);
                sheet.rows.push(cells);
            }
        };
        let unit = |unit: Option<sekisho_domain::id::UnitId>| {
            unit.map(|unit| unit.to_string()).unwrap_or_default()
        };
        let label = words(register).label(lang, "unit").into_owned();
        add(label, unit(known.unit), unit(row.unit));
        let (before, after) = (known.particulars.values(), row.particulars.values());
        for field in register.fields() {
            let label = words(register).label(lang, field.code).into_owned();
            add(
                label,
                plain(before.get(field.code)),
                plain(after.get(field.code)),
            );
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
