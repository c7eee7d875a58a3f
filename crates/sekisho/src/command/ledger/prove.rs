//! `sekisho ledger prove`: that one record is in the ledger, for somebody who has only the
//! checkpoint and the verifier key.

use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_ledger::digest::entry_hash;
use sekisho_ledger::{
    Checkpoint, CheckpointKeys as _, ConsistencyProof, Digest, InclusionProof, KeyHistory,
    LedgerSource, Salt, VerifierKey,
};
use sekisho_store::LedgerView;
use serde::Serialize;

use crate::fault::Fault;
use crate::output::{Format, Output};

/// Everything that an outsider needs, and nothing that he must take on trust.
#[derive(Serialize)]
struct Proof {
    sequence: u64,
    entry: Digest,
    salt: Salt,
    /// The exact text: its bytes behind the salt give the entry.
    record: String,
    inclusion: InclusionProof,
    checkpoint: String,
    verifier_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistency: Option<Consistency>,
}

/// That the ledger continues the one of an older checkpoint.
#[derive(Serialize)]
struct Consistency {
    older_checkpoint: String,
    #[serde(flatten)]
    proof: ConsistencyProof,
}

/// `sekisho ledger prove`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let older = super::outside(arguments)?;
    let sequence = arguments.get_one::<u64>("sequence").copied().unwrap_or(0);
    let folder = super::folder(arguments)?;
    let store = super::store(&folder)?;
    let (keys, _) = super::keys(arguments, &folder)?;
    let view = store.view()?;
    let text = view
        .checkpoint()?
        .ok_or_else(|| Fault::new("ledger.empty"))?;
    let newest = keys
        .opened(&text)
        .map_err(|error| Fault::refusal("ledger.damaged").about(error.code()))?
        .checkpoint;
    let consistency = older
        .map(|older| continues(&view, &keys, &older, &newest))
        .transpose()?;
    let proof = prove(&view, sequence, &newest, keys.newest(), text, consistency)?;
    match output.format {
        Format::Json => output.json(&proof),
        Format::Text => print(output, &proof),
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the proof, and checks it before anybody else does.
fn prove(
    view: &LedgerView<'_>,
    sequence: u64,
    newest: &Checkpoint,
    key: &VerifierKey,
    checkpoint: Vec<u8>,
    consistency: Option<Consistency>,
) -> Result<Proof, Fault> {
    let mut found = None;
    view.range(sequence, 1, &mut |row| {
        found = (row.seq == sequence).then(|| (row.salt, row.record.to_vec()));
        Ok(())
    })?;
    let inclusion = InclusionProof::make(view, sequence, newest.size)?;
    let (Some((salt, record)), Some(inclusion)) = (found, inclusion) else {
        return Err(no_such_record(sequence, newest.size));
    };
    let entry = entry_hash(&salt, &record);
    let damaged = |what: &str| Fault::refusal("ledger.damaged").about(what);
    inclusion
        .verify(&entry, &newest.root)
        .map_err(|error| damaged(error.code()))?;
    Ok(Proof {
        sequence,
        entry,
        salt,
        record: String::from_utf8(record).map_err(|_| damaged("not-utf8"))?,
        inclusion,
        checkpoint: String::from_utf8(checkpoint).map_err(|_| damaged("not-utf8"))?,
        verifier_key: key.to_string(),
        consistency,
    })
}

/// There is no record of this number.
pub(super) fn no_such_record(sequence: u64, size: u64) -> Fault {
    let mut fault = Fault::new("ledger.no-such-record");
    fault.reason = fault
        .reason
        .with("number", sequence.to_string())
        .with("size", size.to_string());
    fault
}

/// Proves that the ledger continues the one of an older checkpoint; refuses where it does not.
fn continues(
    view: &LedgerView<'_>,
    keys: &KeyHistory,
    older: &[u8],
    newest: &Checkpoint,
) -> Result<Consistency, Fault> {
    let old = keys
        .opened(older)
        .map_err(|error| Fault::new("ledger.checkpoint-unusable").about(error.code()))?
        .checkpoint;
    let proof = ConsistencyProof::make(view, old.size, newest.size)?
        .ok_or_else(|| Fault::refusal("ledger.outside-ahead"))?;
    proof
        .verify(&old.root, &newest.root)
        .map_err(|_| Fault::refusal("ledger.outside-fork"))?;
    Ok(Consistency {
        older_checkpoint: String::from_utf8_lossy(older).into_owned(),
        proof,
    })
}

fn print(output: &Output, proof: &Proof) {
    let labelled = |key: &str, value: &str| {
        output.line(format!("{}: {value}", output.text(key, &[])));
    };
    labelled("ledger.cli.prove.sequence", &proof.sequence.to_string());
    labelled("ledger.cli.prove.entry", &proof.entry.to_string());
    labelled("ledger.cli.prove.salt", &proof.salt.to_string());
    labelled("ledger.cli.prove.record", &proof.record);
    labelled("ledger.cli.prove.path", "");
    for hash in &proof.inclusion.path {
        output.line(format!("  {hash}"));
    }
    if let Some(consistency) = &proof.consistency {
        let sizes = [
            ("old", consistency.proof.old_size.into()),
            ("new", consistency.proof.new_size.into()),
        ];
        output.line(output.text("ledger.cli.prove.consistency", &sizes));
        for hash in &consistency.proof.path {
            output.line(format!("  {hash}"));
        }
    }
    labelled("ledger.checkpoint", "");
    for line in proof.checkpoint.lines() {
        output.line(format!("  {line}"));
    }
    labelled("ledger.key", &proof.verifier_key);
    output.line("");
    output.line(output.text("ledger.cli.prove.how", &[]));
}
