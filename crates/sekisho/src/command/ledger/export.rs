//! `sekisho ledger export`: a static folder that any C2SP tlog-tiles client verifies.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_ledger::LedgerSource;
use sekisho_ledger::export::export;
use sekisho_store::{StoreCode, StoreError};
use serde_json::json;

use crate::fault::Fault;
use crate::output::{Format, Output};

/// `sekisho ledger export`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let target = arguments.get_one::<String>("target").map(Path::new);
    let target = target.ok_or_else(|| Fault::new("cli.unknown-command"))?;
    let without: HashSet<u64> = arguments
        .get_many::<u64>("without-records")
        .map(|numbers| numbers.copied().collect())
        .unwrap_or_default();
    let folder = super::folder(arguments)?;
    let store = super::store(&folder)?;
    let view = store.view()?;
    if view.checkpoint()?.is_none() {
        return Err(Fault::new("ledger.empty"));
    }
    // A mistyped number would disclose what was meant to stay closed.
    if let Some(&number) = without.iter().find(|number| **number >= view.size()) {
        return Err(super::prove::no_such_record(number, view.size()));
    }
    prepare(target)?;
    let mut files = 0u64;
    export(&view, &|seq| !without.contains(&seq), &mut |path, bytes| {
        files += 1;
        write(&target.join(path), bytes)
    })
    .map_err(Fault::from)?;
    let withheld = without.len() as u64;
    // Without the master key the copy is as good; only the line on how to verify lacks the key.
    let key = super::own_key(&folder).map(|key| key.to_string()).ok();
    let shown = target.display().to_string();
    match output.format {
        Format::Json => output.json(&json!({
            "folder": shown, "size": view.size(), "withheld": withheld, "files": files,
            "verifier_key": key,
        })),
        Format::Text => {
            let counts = [
                ("n", view.size().into()),
                ("withheld", withheld.into()),
                ("folder", shown.as_str().into()),
            ];
            output.line(output.text("ledger.cli.exported", &counts));
            let key = key.unwrap_or_else(|| "VKEY".to_owned());
            let how = [("folder", shown.into()), ("key", key.into())];
            output.line(output.text("ledger.cli.exported_how", &how));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A new folder that only we can look into, or an empty one.
fn prepare(target: &Path) -> Result<(), Fault> {
    let fault = |error| StoreError::io(target, error);
    match fs::read_dir(target) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(StoreError::at(StoreCode::TargetNotEmpty, target).into()),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true).mode(0o700);
            Ok(builder.create(target).map_err(fault)?)
        }
        Err(error) => Err(fault(error).into()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let fault = |error| StoreError::io(path, error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fault)?;
    }
    fs::write(path, bytes).map_err(fault)
}
