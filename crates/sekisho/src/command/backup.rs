//! `sekisho backup` and `sekisho restore`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::admin::Request;
use sekisho_store::StoreError;
use sekisho_store::backup::{ForgottenSource, Manifest, Restore, Restored, restore as put_back};
use sekisho_store::keyring::MasterKind;
use serde_json::json;

use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::{desk, place};

/// `sekisho backup`
pub fn backup(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    let data = place::data(arguments, false);
    let target = absolute(arguments, "target")?;
    let keys = absolute(arguments, "keys")?;
    let request = Request::Backup {
        target: text_of(&target)?,
        keys: text_of(&keys)?,
    };
    desk::ask(&data, &request, &[])?;
    let forgotten = match arguments.get_one::<String>("forgotten") {
        Some(_) => Some(absolute(arguments, "forgotten")?),
        None => None,
    };
    // After the backup: the list must name everyone whose key the backup lacks.
    if let Some(path) = &forgotten {
        let path = text_of(path)?;
        desk::ask(&data, &Request::ExportForgotten { path }, &[])?;
    }
    let manifest = Manifest::read(&target)?;
    let master = std::path::absolute(&data)?.join("keys").join("master.key");
    match output.format {
        Format::Json => output.json(&json!({
            "backup": target, "keys": keys, "forgotten": forgotten,
            "created_at": manifest.created_at, "ledger_size": manifest.ledger_size,
            "master_key": kind(manifest.master),
            "master_key_file": (manifest.master == MasterKind::File).then_some(&master),
        })),
        Format::Text => {
            let lines = [
                ("n", manifest.ledger_size.into()),
                ("target", shown(&target).into()),
                ("keys", shown(&keys).into()),
            ];
            output.line(output.text("cli.backup.done", &lines));
            match &forgotten {
                Some(path) => {
                    let path = [("path", shown(path).into())];
                    output.line(output.text("cli.backup.forgotten", &path));
                }
                None => output.line(output.text("cli.backup.no_list", &[])),
            }
            output.line(master_text(output, false, manifest.master, &master));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `sekisho restore`: directly, because nothing may run on a folder that is being restored.
pub fn restore(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    let target = place::data(arguments, false);
    let source = absolute(arguments, "source")?;
    let keys = absolute(arguments, "keys")?;
    let list = match arguments.get_one::<String>("forgotten") {
        Some(_) => Some(absolute(arguments, "forgotten")?),
        None => None,
    };
    let nobody = arguments.get_flag("nobody-forgotten");
    let forgotten = match (&list, nobody) {
        (Some(_), true) => return Err(Fault::new("restore.both-answers")),
        (Some(path), false) => Some(ForgottenSource::List(path)),
        (None, true) => Some(ForgottenSource::NobodySince),
        (None, false) => None,
    };
    let restored = put_back(&Restore {
        data: &source,
        keys: &keys,
        forgotten,
        target: &target,
    })?;
    tell(output, &std::path::absolute(&target)?, &restored);
    Ok(ExitCode::SUCCESS)
}

fn tell(output: &Output, target: &Path, restored: &Restored) {
    let master = target.join("keys").join("master.key");
    match output.format {
        Format::Json => output.json(&json!({
            "data": target, "created_at": restored.created_at,
            "ledger_size": restored.ledger_size, "forgotten": restored.forgotten,
            "master_key": kind(restored.master),
            "master_key_file": (restored.master == MasterKind::File).then_some(&master),
        })),
        Format::Text => {
            let taken = Timestamp::from_millis(restored.created_at).to_rfc3339_jst();
            let lines = [
                ("n", restored.ledger_size.into()),
                ("at", taken.into()),
                ("target", shown(target).into()),
            ];
            output.line(output.text("cli.restore.done", &lines));
            let count = [("n", restored.forgotten.into())];
            output.line(output.text("cli.restore.forgotten", &count));
            output.line(master_text(output, true, restored.master, &master));
            let target = [("target", shown(target).into())];
            output.line(output.text("cli.restore.targets", &target));
            output.line(output.text("cli.restore.machine", &[]));
            output.line(output.text("cli.restore.verify", &target));
        }
    }
}

/// What to do about the master key, which is never in a backup.
fn master_text(output: &Output, restored: bool, kind_of: MasterKind, file: &Path) -> String {
    let key = match (restored, kind_of) {
        (false, MasterKind::Credential) => "cli.backup.master.credential",
        (false, MasterKind::File) => "cli.backup.master.file",
        (false, MasterKind::Passphrase) => "cli.backup.master.passphrase",
        (true, MasterKind::Credential) => "cli.restore.master.credential",
        (true, MasterKind::File) => "cli.restore.master.file",
        (true, MasterKind::Passphrase) => "cli.restore.master.passphrase",
    };
    output.text(key, &[("file", shown(file).into())])
}

const fn kind(kind: MasterKind) -> &'static str {
    match kind {
        MasterKind::Credential => "credential",
        MasterKind::File => "file",
        MasterKind::Passphrase => "passphrase",
    }
}

/// A path of the command line as the server, which runs in another folder, understands it.
fn absolute(arguments: &ArgMatches, name: &str) -> Result<PathBuf, Fault> {
    let given = arguments.get_one::<String>(name);
    let given = given.ok_or_else(|| Fault::new("cli.unknown-command"))?;
    Ok(std::path::absolute(given).map_err(|error| StoreError::io(Path::new(given), error))?)
}

fn text_of(path: &Path) -> Result<String, Fault> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Fault::new("bad-input").about(path.display()))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use sekisho_messages::{Arg, Lang, contains, text};
    use sekisho_store::StoreCode;

    use super::*;

    #[test]
    fn every_code_of_the_store_says_what_and_what_to_do() {
        for code in StoreCode::ALL {
            for part in ["what", "todo"] {
                let key = format!("error.{}.{part}", code.as_str());
                assert!(contains(&key), "{key}");
            }
        }
    }

    #[test]
    fn every_kind_of_master_key_is_explained_with_its_place() {
        for of in [
            MasterKind::File,
            MasterKind::Credential,
            MasterKind::Passphrase,
        ] {
            for (command, lang) in [("backup", Lang::Ja), ("restore", Lang::En)] {
                let key = format!("cli.{command}.master.{}", kind(of));
                let said = text(lang, &key, &[("file", Arg::from("/d/keys/master.key"))]);
                assert!(said.contains("/d/keys/master.key"), "{said}");
            }
        }
    }
}
