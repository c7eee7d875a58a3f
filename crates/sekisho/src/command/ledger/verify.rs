//! `sekisho ledger verify`: the whole ledger, or an exported folder.

use std::cell::RefCell;
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_ledger::export::{CHECKPOINT_PATH, verify_export};
use sekisho_ledger::verify::Watched;
use sekisho_ledger::{KeyHistory, Report, verify};
use sekisho_server::app::known_head;
use sekisho_server::app::open::OpenError;
use sekisho_server::console::words;
use sekisho_store::{Access, LedgerStore, Remains, StoreCode, StoreError};
use serde_json::json;

use super::place_text;
use super::progress::Progress;
use crate::fault::Fault;
use crate::output::{Format, Output};

/// The largest file of an export that is read, in bytes.
const EXPORT_FILE_MAX: u64 = 256 << 20;

/// A verification: what came of it, by which key, and whether that key came from outside.
struct Verified {
    report: Report,
    keys: KeyHistory,
    own_key: bool,
    /// Records that the folder itself has acknowledged and that the ledger does not hold any more.
    lost: Option<Lost>,
}

/// What `sekisho.head` says, and what the ledger holds.
struct Lost {
    known: u64,
    found: u64,
}

impl Verified {
    fn is_clean(&self) -> bool {
        self.report.is_clean() && self.lost.is_none()
    }
}

/// `sekisho ledger verify`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let outside = super::outside(arguments)?;
    let outside = outside.as_deref();
    let verified = match arguments.get_one::<String>("export") {
        Some(export) => exported(arguments, Path::new(export), outside)?,
        None => stored(arguments, output, outside)?,
    };
    match output.format {
        Format::Text => text(output, &verified),
        Format::Json => print_json(output, &verified)?,
    }
    Ok(ExitCode::from(u8::from(!verified.is_clean())))
}

/// The ledger in the data folder.
fn stored(
    arguments: &ArgMatches,
    output: &Output,
    outside: Option<&[u8]>,
) -> Result<Verified, Fault> {
    let folder = super::folder(arguments)?;
    let path = folder.ledger();
    let damaged = |error| damage(&path, output, error);
    let store = LedgerStore::open(&path, Access::Read).map_err(damaged)?;
    let (keys, own_key) = super::keys(arguments, &folder)?;
    let verified = whole(&store, &keys, output, outside);
    let report = verified.map_err(damaged)?;
    // A log whose tail is gone leaves a ledger that is sound and shorter.
    let lost = match known_head::check(&folder, &store, &keys) {
        Err(OpenError::RolledBack { known, found }) => Some(Lost { known, found }),
        Err(error) => return Err(error.into()),
        Ok(()) => None,
    };
    Ok(Verified {
        report,
        keys,
        own_key,
        lost,
    })
}

/// Every record of a ledger.
fn whole(
    store: &LedgerStore,
    keys: &KeyHistory,
    output: &Output,
    outside: Option<&[u8]>,
) -> Result<Report, StoreError> {
    let view = store.view()?;
    let progress = Progress::new(output, view.size());
    let source = Watched {
        source: &view,
        read: &|count| progress.read(count),
    };
    verify(&source, keys, outside)
}

/// Where a ledger that cannot be read through can be read no further.
fn damage(path: &Path, output: &Output, error: StoreError) -> Fault {
    let is_damage = |remains: &Remains| match error.kind() {
        StoreCode::Corrupt | StoreCode::BadValue | StoreCode::NotADatabase => true,
        // An emptied file is a valid database without tables.
        StoreCode::ForeignFiles => remains.length == 0,
        // The last page ends too soon.
        StoreCode::Io => remains.is_cut(),
        _ => false,
    };
    let Some(remains) = Remains::of(path).ok().filter(is_damage) else {
        return error.into();
    };
    let damaged = remains.broken || !remains.parts.is_empty();
    let code = match (remains.broken, remains.records, remains.is_cut()) {
        (_, 0, _) if damaged => "ledger.nothing-readable",
        (true, _, true) => "ledger.cut",
        (true, _, false) => "ledger.unreadable",
        (false, ..) if damaged => "ledger.parts-unreadable",
        // All of it can be read on a second look: what was said first stands.
        (false, ..) => return error.into(),
    };
    let part =
        |part: &&str| sekisho_messages::text(output.lang, format!("ledger.part.{part}"), &[]);
    let parts = words::list(output.lang, remains.parts.iter().map(part));
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut fault = Fault::new(code).about(path.display());
    fault.reason = fault
        .reason
        .with("n", number(remains.records))
        .with("seq", number(remains.records))
        .with("length", number(remains.length))
        .with("whole", number(remains.whole.unwrap_or_default()))
        .with("parts", parts);
    fault
}

/// An exported folder. A file that is there but cannot be read is a fault, not a record left out.
fn exported(
    arguments: &ArgMatches,
    export: &Path,
    outside: Option<&[u8]>,
) -> Result<Verified, Fault> {
    if !export.join(CHECKPOINT_PATH).exists() {
        return Err(Fault::new("ledger.no-export").about(export.display()));
    }
    let given = super::given_keys(arguments)?;
    let own_key = given.is_none();
    let own = || super::own_keys(&super::folder(arguments)?);
    let keys = given.map_or_else(own, Ok)?;
    let failed = RefCell::new(None);
    let lookup = |path: &str| {
        let path = export.join(path);
        if matches!(path.try_exists(), Ok(false)) {
            return None;
        }
        super::read(&path, EXPORT_FILE_MAX)
            .map_err(|fault| failed.borrow_mut().get_or_insert(fault).exit_code())
            .ok()
    };
    let report = verify_export(&lookup, &keys, outside);
    match failed.into_inner() {
        Some(fault) => Err(fault),
        None => Ok(Verified {
            report,
            keys,
            own_key,
            lost: None,
        }),
    }
}

fn print_json(output: &Output, verified: &Verified) -> Result<(), Fault> {
    let form = |error: serde_json::Error| Fault::new("io").about(error);
    let mut value = serde_json::to_value(&verified.report).map_err(form)?;
    value["clean"] = json!(verified.is_clean());
    value["acknowledged"] = json!(verified.lost.as_ref().map(|lost| lost.known));
    value["verifier_key"] = json!(verified.keys.newest().to_string());
    value["key_from"] = json!(if verified.own_key { "folder" } else { "given" });
    output.json(&value);
    Ok(())
}

fn text(output: &Output, verified: &Verified) {
    let report = &verified.report;
    let root = report.root.to_string();
    for finding in &report.findings {
        output.line(place_text::finding(output, finding));
    }
    let unlisted = report
        .finding_count
        .saturating_sub(report.findings.len() as u64);
    if unlisted > 0 {
        output.line(output.text("ledger.cli.more", &[("n", unlisted.into())]));
    }
    let counts = [
        ("n", report.size.into()),
        ("tiles", report.tiles.into()),
        ("blobs", report.blobs.into()),
        ("root", root.as_str().into()),
    ];
    output.line(output.text("ledger.cli.counts", &counts));
    if report.undisclosed_records + report.undisclosed_blobs > 0 {
        let counts = [
            ("n", report.undisclosed_records.into()),
            ("blobs", report.undisclosed_blobs.into()),
        ];
        output.line(output.text("ledger.cli.undisclosed", &counts));
    }
    if let Some(lost) = &verified.lost {
        let counts = [("known", lost.known.into()), ("found", lost.found.into())];
        output.line(output.text("ledger.cli.lost", &counts));
    }
    if verified.is_clean() {
        output.line(mark(output, "\x1b[32m", "✓", "ledger.sound"));
    } else {
        let broken = mark(output, "\x1b[31m", "✗", "ledger.broken");
        let findings = report.finding_count + u64::from(verified.lost.is_some());
        output.line(format!("{broken} ({findings})"));
        output.line(output.text("ledger.cli.broken_todo", &[]));
    }
    for unknown in &report.unknown {
        output.line(output.text(&format!("ledger.unknown.{unknown}"), &[]));
    }
    if report.unknown.is_empty() && verified.is_clean() {
        output.line(output.text("ledger.sound_outside", &[]));
    }
    if verified.own_key {
        let key = verified.keys.newest().to_string();
        output.line(output.text("ledger.cli.own_key", &[("key", key.into())]));
    }
}

/// A line with its mark, coloured on a terminal.
fn mark(output: &Output, colour: &str, mark: &str, key: &str) -> String {
    let text = output.text(key, &[]);
    if output.colour {
        format!("{colour}{mark}\x1b[0m {text}")
    } else {
        format!("{mark} {text}")
    }
}
