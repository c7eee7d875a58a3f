//! `sekisho import` and `sekisho export`: registers and what else there is from and to table files.

mod mapping;
pub mod progress;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64ct::{Base64, Encoding};
use clap::ArgMatches;
use sekisho_domain::mapping::Mapping;
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, DOCUMENT_MAX, Request, TableFault, TableReport};
use sekisho_server::tables::fault_text;

use crate::fault::Fault;
use crate::output::{Format, Output};
use crate::{desk, place};

/// Faults that are printed for people; JSON has them all.
const PRINTED_MAX: usize = 200;

/// `sekisho import REGISTER FILE`
pub fn import(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let data = place::data(arguments, false);
    let register = word(arguments, "register");
    let file = PathBuf::from(word(arguments, "file"));
    let given = arguments.get_one::<String>("mapping");
    let mapping = given
        .map(|name| mapping::load(&data, &register, name))
        .transpose()?;
    let mapping = in_sheet(mapping, arguments.get_one::<String>("sheet"));
    let on = arguments.get_one::<String>("on");
    let on = on.map(|text| day(text)).transpose()?;
    let bytes = read(&file)?;
    let request = Request::ImportTable {
        register: register.clone(),
        size: bytes.len() as u64,
        mapping,
        on,
        dry_run: arguments.get_flag("dry-run"),
    };
    let mut bar = progress::Bar::new(*output);
    let answer = desk::ask_watching(&data, &request, &bytes, &mut |progress| bar.show(progress));
    bar.clear();
    let Answer::TableImported(report) = answer? else {
        return Err(Fault::new("admin.not-understood"));
    };
    if let Some(name) = arguments.get_one::<String>("save-mapping") {
        let path = mapping::save(&data, &register, name, &report.mapping)?;
        output.note(output.text("import.mapping-saved", &[("file", Arg::from(path))]));
    }
    match output.format {
        Format::Json => output.json(&report),
        Format::Text => print(&report, output),
    }
    Ok(ExitCode::from(u8::from(!report.faults.is_empty())))
}

/// The mapping that reads a sheet of that name.
fn in_sheet(mapping: Option<Mapping>, sheet: Option<&String>) -> Option<Mapping> {
    let Some(sheet) = sheet else { return mapping };
    let mut mapping = mapping.unwrap_or_default();
    mapping.sheet = Some(sheet.clone());
    Some(mapping)
}

/// The beginning of a day.
fn day(text: &str) -> Result<Timestamp, Fault> {
    let wrong = || Fault::new("time.date-form").about(text);
    let day = parse_date(text).map_err(|_| wrong())?;
    Timestamp::start_of_jst_day(day).map_err(|_| wrong())
}

fn word(arguments: &ArgMatches, name: &str) -> String {
    arguments
        .get_one::<String>(name)
        .cloned()
        .unwrap_or_default()
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let fault = |error: std::io::Error| {
        tracing::debug!(%error, "a table file cannot be read");
        Fault::new("table.unreadable").about(file.display())
    };
    let opened = std::fs::File::open(file).map_err(fault)?;
    let mut bytes = Vec::new();
    opened
        .take(DOCUMENT_MAX)
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    Ok(bytes)
}

fn print(report: &TableReport, output: &Output) {
    if report.heading > 0 {
        let row = [("row", Arg::from(report.heading))];
        output.line(output.text("import.heading-at", &row));
        for (heading, field) in &report.columns {
            let field = match field.as_deref() {
                Some("@id") => output.text("import.column.id", &[]),
                Some("@unit") => output.text("import.column.unit", &[]),
                Some(field) => {
                    let key = format!("register.{}.{field}", report.register);
                    output.text(&key, &[])
                }
                None => output.text("import.left-out", &[]),
            };
            output.line(format!("  {heading} → {field}"));
        }
    }
    if !report.left_out.is_empty() {
        let said = [
            ("n", Arg::from(report.left_out.len())),
            ("headings", Arg::from(report.left_out.join(", "))),
        ];
        output.line(output.text("import.left-out-filled", &said));
    }
    print_faults(&report.faults, output);
    let counts = [
        ("entered", Arg::from(report.entered)),
        ("changed", Arg::from(report.changed)),
        ("unchanged", Arg::from(report.unchanged)),
        ("refused", Arg::from(report.refused)),
    ];
    output.line(output.text("import.counts", &counts));
    let outcome = if report.carried_out {
        "import.carried-out"
    } else if !report.faults.is_empty() {
        "import.nothing-refused"
    } else if report.entered + report.changed == 0 {
        "import.nothing-to-do"
    } else {
        "import.dry-run-only"
    };
    output.line(output.text(outcome, &[]));
}

fn print_faults(faults: &[TableFault], output: &Output) {
    for fault in faults.iter().take(PRINTED_MAX) {
        let cell = match &fault.cell {
            Some(cell) => cell.clone(),
            None => output.text("import.whole-file", &[]),
        };
        output.line(format!(
            "{cell}: {}",
            fault_text(output.lang, &fault.reason)
        ));
    }
    if let Some(more) = faults.len().checked_sub(PRINTED_MAX + 1) {
        let more = [("n", Arg::from(more + 1))];
        output.line(output.text("import.more-faults", &more));
    }
}

/// `sekisho export REGISTER`
pub fn export(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let data = place::data(arguments, false);
    let register = word(arguments, "register");
    let request = Request::ExportTable {
        register: register.clone(),
        format: word(arguments, "as"),
        lang: output.lang.tag().to_owned(),
    };
    match desk::ask(&data, &request, &[])? {
        Answer::TableExported {
            file,
            codes,
            format,
            ending,
            entries,
        } => {
            let named = arguments.get_one::<String>("output").map(PathBuf::from);
            let path = named.unwrap_or_else(|| PathBuf::from(format!("{register}.{ending}")));
            let beside = path.with_extension("codes.csv");
            if let Some(codes) = &codes {
                // Both or neither: the list of codes goes first, so that a file is never without it.
                store(&beside, codes)?;
            }
            store(&path, &file).inspect_err(|_| {
                if codes.is_some() {
                    let _ = std::fs::remove_file(&beside);
                }
            })?;
            if output.format == Format::Json {
                output.json(&serde_json::json!({
                    "file": path, "entries": entries, "format": format,
                    "codes": codes.is_some().then_some(&beside),
                }));
            } else {
                let said = [
                    ("file", Arg::from(path.display().to_string())),
                    ("n", Arg::from(entries)),
                    (
                        "encoding",
                        Arg::from(output.text(&format!("export.encoding.{format}"), &[])),
                    ),
                ];
                output.line(output.text("export.written", &said));
                if codes.is_some() {
                    let said = [("file", Arg::from(beside.display().to_string()))];
                    output.line(output.text("export.codes-beside", &said));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Answer::TableNotWritable(faults) => {
            if output.format == Format::Json {
                output.json(&faults);
            } else {
                print_faults(&faults, output);
                output.line(output.text("export.nothing-written", &[]));
            }
            Ok(ExitCode::from(1))
        }
        _ => Err(Fault::new("admin.not-understood")),
    }
}

/// Writes a new file; one that is there already is not overwritten.
fn store(path: &Path, base64: &str) -> Result<(), Fault> {
    let bytes = Base64::decode_vec(base64).map_err(|_| Fault::new("admin.not-understood"))?;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| {
            tracing::debug!(%error, "a table file cannot be written");
            let code = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "table.exists",
                _ => "table.unwritable",
            };
            Fault::new(code).about(path.display())
        })?;
    file.write_all(&bytes)?;
    Ok(file.sync_all()?)
}
