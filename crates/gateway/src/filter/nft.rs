//! The program `nft`, which turns a list of commands into one transaction of the kernel.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use nftables::helper::{self, DEFAULT_NFT, NftablesError};
use nftables::schema::{NfCmd, NfObject, Nftables};
use serde_json::{Value, json};

use super::SetName;
use crate::error::GatewayError;

/// Carries commands out: all of them or none.
pub(super) fn apply(commands: Vec<NfCmd<'_>>) -> Result<(), GatewayError> {
    let text = text(commands)?;
    helper::apply_ruleset_raw(&text, DEFAULT_NFT, helper::DEFAULT_ARGS)
        .map(|_| ())
        .map_err(failed)
}

/// Lists a part of the rules.
pub(super) fn list(arguments: &[&str]) -> Result<Nftables<'static>, GatewayError> {
    helper::get_current_ruleset_with_args(DEFAULT_NFT, arguments).map_err(failed)
}

/// What stands of one of our tables, as the program writes it: with the kernel's handles, so that a table that was
/// made anew is another one, and without counters and elements, which move all the time. None where there is none.
/// The whole family is listed, since of one table the program reads all the elements even where it is to leave them
/// out.
pub(super) fn standing(table: &str) -> Result<Option<String>, GatewayError> {
    let listed = Command::new("nft")
        .args(["-a", "-s", "-t", "list", "ruleset", "inet"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => GatewayError::NftMissing,
            _ => GatewayError::Filter {
                detail: error.to_string(),
            },
        })?;
    if !listed.status.success() {
        let said = String::from_utf8_lossy(&listed.stderr);
        return Err(GatewayError::Filter {
            detail: said.lines().next().unwrap_or_default().to_owned(),
        });
    }
    Ok(block(&String::from_utf8_lossy(&listed.stdout), table))
}

/// The block of one table; none where it is not there as a whole.
pub(super) fn block(listed: &str, table: &str) -> Option<String> {
    let head = format!("table inet {table} {{");
    let mut text = String::new();
    for line in listed.lines().skip_while(|line| !line.starts_with(&head)) {
        text.push_str(line);
        text.push('\n');
        if line == "}" {
            return Some(text);
        }
    }
    None
}

/// The JSON of commands. The types of the library know no counters of sets, so they are added here.
pub(super) fn text(commands: Vec<NfCmd<'_>>) -> Result<String, GatewayError> {
    let objects: Vec<_> = commands.into_iter().map(NfObject::CmdObject).collect();
    let failed = |error: serde_json::Error| GatewayError::Filter {
        detail: error.to_string(),
    };
    let rules = Nftables {
        objects: objects.into(),
    };
    let mut value = serde_json::to_value(rules).map_err(failed)?;
    for object in value["nftables"].as_array_mut().into_iter().flatten() {
        let Some(set) = object.pointer_mut("/add/set") else {
            continue;
        };
        let counts = |it: &SetName| it.counts() && set["name"] == it.as_str();
        if SetName::ALL.iter().any(counts) {
            set["stmt"] = json!([{ "counter": Value::Null }]);
        }
    }
    serde_json::to_string(&value).map_err(failed)
}

fn failed(error: NftablesError) -> GatewayError {
    let detail = match error {
        NftablesError::NftExecution { inner, .. } if inner.kind() == ErrorKind::NotFound => {
            return GatewayError::NftMissing;
        }
        NftablesError::NftExecution { inner, .. } => inner.to_string(),
        NftablesError::NftFailed { hint, stderr, .. } => {
            let line = stderr.lines().next().unwrap_or_default();
            format!("{hint}: {line}")
        }
        NftablesError::NftInvalidJson(error) => error.to_string(),
        NftablesError::NftOutputEncoding { inner, .. } => inner.to_string(),
    };
    GatewayError::Filter { detail }
}
