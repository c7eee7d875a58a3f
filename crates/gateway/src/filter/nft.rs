//! The program `nft`, which turns a list of commands into one transaction of the kernel.

use std::io::ErrorKind;

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
