//! `sekisho ledger checkpoint`: the newest signed checkpoint, kept outside or sent out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_protocol::admin::Request;
use serde_json::json;

use crate::fault::Fault;
use crate::output::{Format, Output};
use crate::{desk, place, replace_file};

/// `sekisho ledger checkpoint`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let targets: Vec<String> = arguments
        .get_many::<String>("to")
        .map(|targets| targets.map(|target| absolute(target)).collect())
        .unwrap_or_default();
    if !targets.is_empty() {
        let request = Request::SetCheckpointTargets {
            targets: targets.clone(),
        };
        desk::ask(&place::data(arguments, false), &request, &[])?;
    }
    let folder = super::folder(arguments)?;
    let store = super::store(&folder)?;
    let text = store
        .checkpoint()?
        .ok_or_else(|| Fault::new("ledger.empty"))?;
    let saved = arguments.get_one::<String>("output").map(PathBuf::from);
    if let Some(path) = &saved {
        replace_file::with(path, text.as_bytes())?;
    }
    // The checkpoint is worth having without the master key too.
    let key = super::own_key(&folder);
    match output.format {
        Format::Json => {
            let key = key.map(|key| key.to_string()).ok();
            output.json(&json!({
                "checkpoint": text, "verifier_key": key, "saved": saved, "targets": targets,
            }));
        }
        Format::Text => {
            if !targets.is_empty() {
                let list = targets.join(" ");
                output.note(output.text("ledger.cli.targets", &[("targets", list.into())]));
            }
            match key {
                Ok(key) => output.note(format!("{}: {key}", output.text("ledger.key", &[]))),
                Err(fault) => output.fault(&fault),
            }
            match &saved {
                Some(path) => {
                    let path = path.display().to_string();
                    output.note(output.text("ledger.cli.saved", &[("path", path.into())]));
                }
                None => output.line(text.trim_end_matches('\n')),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A path of the caller's folder means nothing to the server, which runs in another.
fn absolute(target: &str) -> String {
    let path = target.strip_prefix("file:").map(std::path::absolute);
    match path {
        Some(Ok(path)) => format!("file:{}", path.display()),
        _ => target.to_owned(),
    }
}
