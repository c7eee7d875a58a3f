//! Table files, for the shell.

use std::cell::RefCell;

use base64ct::{Base64, Encoding};
use sekisho_domain::actor::Actor;
use sekisho_messages::Lang;
use sekisho_protocol::admin::{Answer, Failure, Progress, Request, TableFault, TableReport};
use sekisho_tabular::Fault;

use super::answer::{command_failure, denied_to, failure};
use crate::app::App;
use crate::tables::{
    ExportError, FileFormat, Given, PrepareError, Prepared, Stage, TableOf, commit, export, prepare,
};

/// Answers requests about table files; none for others.
pub(super) fn answer(
    app: &App,
    request: &Request,
    document: &[u8],
    tell: &mut dyn FnMut(Progress),
) -> Option<Result<Answer, Failure>> {
    match request {
        Request::ImportTable {
            register,
            mapping,
            on,
            dry_run,
            ..
        } => {
            let given = Given {
                mapping: mapping.clone(),
                on: *on,
            };
            Some(import(
                app,
                (register.as_str(), *dry_run),
                (document, &given),
                tell,
            ))
        }
        Request::ExportTable {
            register,
            format,
            lang,
        } => Some(write(app, register, format, lang)),
        _ => None,
    }
}

fn table_of(code: &str) -> Result<TableOf, Failure> {
    TableOf::from_code(code).ok_or_else(|| failure("table.unknown-register", false))
}

fn import(
    app: &App,
    (register, dry_run): (&str, bool),
    (document, given): (&[u8], &Given),
    tell: &mut dyn FnMut(Progress),
) -> Result<Answer, Failure> {
    let of = table_of(register)?;
    let mapping = given.mapping.as_ref();
    if mapping.is_some_and(|mapping| !mapping.is_bounded()) {
        return Err(failure("table.mapping-too-large", true));
    }
    let tell = RefCell::new(tell);
    let progress = |stage: Stage| {
        let (code, done, of) = match stage {
            Stage::Reading => ("reading", 0, 0),
            Stage::Checking { done, of } => ("checking", done, of),
            Stage::Storing => ("storing", 0, 0),
        };
        (tell.borrow_mut())(Progress {
            stage: code.to_owned(),
            done: done as u64,
            of: of as u64,
        });
    };
    let prepared = prepare(app, &Actor::Operator, of, (document, given), &progress);
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(PrepareError::Denied(denied)) => return Err(denied_to(denied, of.keep())),
        Err(PrepareError::File { faults, .. }) => {
            return Ok(Answer::TableImported(Box::new(TableReport {
                register: of.code().to_owned(),
                sheet: String::new(),
                heading: 0,
                columns: Vec::new(),
                left_out: Vec::new(),
                mapping: mapping.cloned().unwrap_or_default(),
                entered: 0,
                changed: 0,
                unchanged: 0,
                refused: 0,
                faults: faults.into_iter().map(told).collect(),
                carried_out: false,
            })));
        }
    };
    let mut report = report(&prepared);
    if prepared.is_ready() && !dry_run {
        progress(Stage::Storing);
        commit(app, Actor::Operator, &prepared)
            .map_err(|error| command_failure(&error, of.keep()))?;
        report.carried_out = true;
    }
    Ok(Answer::TableImported(Box::new(report)))
}

fn told(fault: Fault) -> TableFault {
    TableFault {
        cell: fault.place.map(|place| place.to_string()),
        reason: fault.reason,
    }
}

fn report(prepared: &Prepared) -> TableReport {
    let columns = prepared.headings.iter().map(|heading| {
        let field = prepared.mapping.field(&heading.text);
        (heading.text.replace('\n', " "), field.map(str::to_owned))
    });
    TableReport {
        register: prepared.of.code().to_owned(),
        sheet: prepared.sheet.clone(),
        heading: prepared.heading,
        columns: columns.collect(),
        left_out: prepared
            .left_out()
            .map(|it| it.replace('\n', " "))
            .collect(),
        mapping: prepared.mapping.clone(),
        entered: prepared.entered() as u64,
        changed: prepared.changed() as u64,
        unchanged: prepared.unchanged as u64,
        refused: prepared.refused as u64,
        faults: prepared.faults.iter().cloned().map(told).collect(),
        carried_out: false,
    }
}

fn write(app: &App, register: &str, format: &str, lang: &str) -> Result<Answer, Failure> {
    let of = table_of(register)?;
    let format =
        FileFormat::from_code(format).ok_or_else(|| failure("table.unknown-format", false))?;
    let lang = Lang::from_tag(lang).unwrap_or(Lang::Ja);
    match export(app, &Actor::Operator, of, (format, lang), None) {
        Ok(exported) => Ok(Answer::TableExported {
            file: Base64::encode_string(&exported.bytes),
            codes: exported.codes.as_deref().map(Base64::encode_string),
            format: format.code().to_owned(),
            ending: format.ending(),
            entries: exported.entries as u64,
        }),
        Err(ExportError::Denied(denied)) => Err(denied_to(denied, of.read_action())),
        Err(ExportError::Cells(faults)) => Ok(Answer::TableNotWritable(
            faults.into_iter().map(told).collect(),
        )),
    }
}
