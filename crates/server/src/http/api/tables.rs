//! Table files over the API: what a file would do, and carrying it out.

use sekisho_domain::id::PostId;
use sekisho_domain::mapping::Mapping;
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::Lang;
use sekisho_tabular::{Fault as CellFault, Limits};
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, flag, list, object, one_of, or_null, text};
use crate::app::CommandError;
use crate::http::attachment::attachment;
use crate::http::ctx::{Answer, Ctx};
use crate::http::fault::{Fault, Wrong};
use crate::tables::{
    self, ExportError, FileFormat, Given, PrepareError, Prepared, TableOf, commit, fault_text,
    prepare,
};

/// The content types of table files. What a file is, its first bytes say.
pub(super) const MEDIA: &[&str] = &[
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];
/// Most bytes of a table file.
pub(super) const BYTES_MAX: usize = Limits::DEFAULT.bytes;
/// Most cells at fault that are named; how many there are is said.
const FAULTS_MAX: usize = 1_000;

pub(super) fn report_schema() -> Schema {
    let fault = object([
        ("cell", or_null(text())),
        ("code", text()),
        ("detail", text()),
    ]);
    object([
        ("register", one_of(TableOf::all().map(TableOf::code))),
        ("sheet", text()),
        ("heading", count()),
        ("columns", columns_schema()),
        ("left_out", list(text())),
        ("entered", count()),
        ("changed", count()),
        ("unchanged", count()),
        ("refused", count()),
        ("faults", list(fault)),
        ("fault_count", count()),
        ("vacated", list(text())),
        ("carried_out", flag()),
    ])
}

fn columns_schema() -> Schema {
    list(object([("heading", text()), ("field", or_null(text()))]))
}

fn report(lang: Lang, prepared: &Prepared, carried_out: bool) -> Value {
    let columns = prepared.headings.iter().map(|heading| {
        json!({
            "heading": heading.text.replace('\n', " "),
            "field": prepared.mapping.field(&heading.text),
        })
    });
    let faults = prepared.faults.iter().take(FAULTS_MAX).map(|fault| {
        json!({
            "cell": fault.place.map(|place| place.to_string()),
            "code": fault.reason.code,
            "detail": fault_text(lang, &fault.reason),
        })
    });
    json!({
        "register": prepared.of.code(),
        "sheet": prepared.sheet,
        "heading": prepared.heading,
        "columns": columns.collect::<Vec<_>>(),
        "left_out": prepared.left_out().map(|it| it.replace('\n', " ")).collect::<Vec<_>>(),
        "entered": prepared.entered(),
        "changed": prepared.changed(),
        "unchanged": prepared.unchanged,
        "refused": prepared.refused,
        "faults": faults.collect::<Vec<_>>(),
        "fault_count": prepared.faults.len(),
        "vacated": prepared.vacated.iter().map(PostId::to_string).collect::<Vec<_>>(),
        "carried_out": carried_out,
    })
}

pub(super) fn mapping_schema() -> Schema {
    json!({ "type": "string", "contentMediaType": "application/json" })
}

fn mapping(call: &Call<'_>) -> Result<Option<Mapping>, Fault> {
    let Some(text) = call.ctx.query("mapping") else {
        return Ok(None);
    };
    let read = serde_json::from_str::<Mapping>(&text).ok();
    let read = read.filter(Mapping::is_bounded);
    read.map(Some)
        .ok_or_else(|| Fault::bad("api.parameter").with("detail", "mapping"))
}

pub(super) fn on_schema() -> Schema {
    json!({ "type": "string", "format": "date" })
}

/// The beginning of the day of a list of moves.
fn on(call: &Call<'_>) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = call.ctx.query("on") else {
        return Ok(None);
    };
    let wrong = || Fault::bad("api.parameter").with("detail", "on");
    let day = parse_date(&text).map_err(|_| wrong())?;
    Timestamp::start_of_jst_day(day)
        .map(Some)
        .map_err(|_| wrong())
}

fn prepared(call: &Call<'_>) -> Result<Prepared, Fault> {
    let of = TableOf::from_code(call.ctx.parameter("register")).ok_or_else(Fault::not_found)?;
    let given = Given {
        mapping: mapping(call)?,
        on: on(call)?,
    };
    let actor = call.ctx.actor()?;
    let app = &call.ctx.site.app;
    let found = prepare(app, &actor, of, (call.bytes, &given), &|_| {});
    found.map_err(|error| match error {
        PrepareError::Denied(denied) => Fault::denied(denied, of.keep()),
        PrepareError::File { faults, .. } => refused(call.ctx.lang, &faults),
    })
}

/// A file that is refused, with the cells at fault.
pub(super) fn refused(lang: Lang, faults: &[CellFault]) -> Fault {
    let told = faults.iter().take(FAULTS_MAX).map(|fault| Wrong {
        pointer: None,
        cell: fault.place.map(|place| place.to_string()),
        code: fault.reason.code.to_string(),
        said: Some(fault_text(lang, &fault.reason)),
    });
    Fault::cells(told.collect()).with("n", &faults.len().to_string())
}

/// What a file would do. Nothing changes.
pub(super) fn check(call: &Call<'_>) -> Done {
    let prepared = prepared(call)?;
    Ok(Outcome::found(report(call.ctx.lang, &prepared, false)))
}

/// Carries a file out, all of it or nothing.
pub(super) fn import(call: &Call<'_>) -> Done {
    let prepared = prepared(call)?;
    let lang = call.ctx.lang;
    if !prepared.faults.is_empty() {
        return Err(refused(lang, &prepared.faults));
    }
    let ready = prepared.is_ready();
    let told = report(lang, &prepared, ready);
    if ready {
        let actor = call.ctx.actor()?;
        let done = commit(&call.ctx.site.app, actor, &prepared);
        done.map_err(|error| match error {
            CommandError::Refused(refusal) => Fault::of_refusal(&refusal),
            other => other.into(),
        })?;
    }
    Ok(Outcome::found(told))
}

pub(super) fn format_schema() -> Schema {
    one_of(FileFormat::ALL.map(FileFormat::code))
}

/// Bytes, of which the content type says what they are.
pub(super) fn file_schema() -> Schema {
    json!({})
}

/// The format in which a table is asked for; XLSX unless one is named.
pub(super) fn asked_format(ctx: &Ctx) -> Result<FileFormat, Fault> {
    let code = ctx.query("format");
    code.map_or(Some(FileFormat::Xlsx), |code| FileFormat::from_code(&code))
        .ok_or_else(|| Fault::bad("table.unknown-format"))
}

/// Gives a list out as a file; cells that the format cannot hold are named.
pub(super) fn list_file(
    lang: Lang,
    (format, name): (FileFormat, &str),
    written: Result<Vec<u8>, Vec<CellFault>>,
) -> Answer {
    match written {
        Ok(bytes) => Ok(attachment(format, name, bytes)),
        Err(faults) => Err(refused(lang, &faults)),
    }
}

/// Gives a table out as a file.
pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    let of = TableOf::from_code(ctx.parameter("register")).ok_or_else(Fault::not_found)?;
    let format = asked_format(ctx)?;
    let actor = ctx.actor()?;
    let exported = tables::export(&ctx.site.app, &actor, of, (format, ctx.lang), None);
    match exported {
        Ok(exported) => Ok(attachment(format, of.code(), exported.bytes)),
        Err(ExportError::Denied(denied)) => Err(Fault::denied(denied, of.read_action())),
        Err(ExportError::Cells(faults)) => Err(refused(ctx.lang, &faults)),
    }
}
