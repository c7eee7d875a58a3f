//! Delivery to a witness (C2SP tlog-witness, `add-checkpoint`): the witness checks that the ledger
//! only grew and answers with its cosignature. What it answers is verified with the key the target
//! names; only a cosignature that holds is kept, beside the checkpoint.

use std::path::PathBuf;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use sekisho_ledger::CheckpointError;
use sekisho_ledger::cosignature::{ANSWER_MAX, Cosignature};
use sekisho_ledger::digest::Digest;
use sekisho_ledger::proof::ConsistencyProof;

use super::failure::Failure;
use super::file;
use super::target::{Witness, WitnessUrl};
use crate::app::{App, Head};

/// What a witness answered.
enum Answer {
    /// The cosignature lines.
    Cosigned(String),
    /// It has another size than the one said.
    Conflict(u64),
}

/// Submits the checkpoint, verifies the cosignature and keeps it. `known` is the size the witness
/// is thought to have.
///
/// # Errors
/// `checkpoint.target-ahead`, `checkpoint.target-differs`, `checkpoint.witness-unknown`,
/// `checkpoint.witness-answer`, `checkpoint.witness-signature`, `checkpoint.witness-refused`, `checkpoint.witness-unreachable`,
/// and the store's codes.
pub(super) fn deliver(
    app: &App,
    target: &Witness,
    head: &Head,
    known: u64,
    limit: Duration,
) -> Result<(), Failure> {
    let witness = &target.url;
    let mut old = known.min(head.size);
    for _ in 0..2 {
        match submit(app, witness, head, old, limit)? {
            Answer::Cosigned(lines) => return keep(app, target, head, &lines),
            Answer::Conflict(size) if size > head.size => {
                return Err(Failure::new("checkpoint.target-ahead", witness));
            }
            // It has this very size, under another root.
            Answer::Conflict(size) if size == old => {
                return Err(Failure::new("checkpoint.target-differs", witness));
            }
            Answer::Conflict(size) => old = size,
        }
    }
    Err(Failure::new("checkpoint.witness-answer", witness))
}

fn submit(
    app: &App,
    witness: &WitnessUrl,
    head: &Head,
    old: u64,
    limit: Duration,
) -> Result<Answer, Failure> {
    let body = body(app, head, old)?;
    let unreachable = |error: ureq::Error| {
        let what: String = error.to_string().chars().take(200).collect();
        Failure::new(
            "checkpoint.witness-unreachable",
            format!("{witness}: {what}"),
        )
    };
    let mut response = ureq::Agent::config_builder()
        // The checkpoint goes to the witness named, and to no other.
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(limit))
        .user_agent(concat!("sekisho/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
        .post(format!("{witness}/add-checkpoint"))
        .header("content-type", "text/plain; charset=utf-8")
        .send(body.as_bytes())
        .map_err(unreachable)?;
    let status = response.status().as_u16();
    let answer = || Failure::new("checkpoint.witness-answer", witness);
    let mut read = || {
        let limit = u64::try_from(ANSWER_MAX).unwrap_or(u64::MAX);
        let body = response.body_mut().with_config().limit(limit);
        let bytes = body.read_to_vec().map_err(|_| answer())?;
        String::from_utf8(bytes).map_err(|_| answer())
    };
    match status {
        200 => read().map(Answer::Cosigned),
        409 => {
            let text = read()?;
            let size = text.strip_suffix('\n').unwrap_or(&text);
            size.parse().map(Answer::Conflict).map_err(|_| answer())
        }
        // It does not accept that the ledger it knows leads to this one.
        422 => Err(Failure::new("checkpoint.target-differs", witness)),
        403 | 404 => Err(Failure::new("checkpoint.witness-unknown", witness)),
        _ => {
            let what = format!("{witness}: {status}");
            Err(Failure::new("checkpoint.witness-refused", what))
        }
    }
}

/// Old size, proof, empty line, checkpoint.
fn body(app: &App, head: &Head, old: u64) -> Result<String, Failure> {
    let store = app.open_ledger()?;
    let view = store.view()?;
    let proof = ConsistencyProof::make(&view, old, head.size)?
        .ok_or_else(|| Failure::new("checkpoint.ledger-behind", old))?;
    let mut body = format!("old {old}\n");
    for hash in &proof.path {
        body.push_str(&Base64::encode_string(&hash.0));
        body.push('\n');
    }
    body.push('\n');
    body.push_str(&head.checkpoint);
    Ok(body)
}

/// The cosignature in an answer, if it is this witness's and holds for this checkpoint.
fn verified(target: &Witness, head: &Head, lines: &str) -> Result<Cosignature, Failure> {
    let found = target.key.verify(head.checkpoint.as_bytes(), lines);
    found.map_err(|error| {
        let code = match error {
            CheckpointError::Signature | CheckpointError::Unsigned => {
                "checkpoint.witness-signature"
            }
            _ => "checkpoint.witness-answer",
        };
        Failure::new(code, &target.url)
    })
}

/// Where cosigned checkpoints of a witness are kept.
fn folder(app: &App, witness: &WitnessUrl) -> PathBuf {
    let hashed = Digest::of(witness.to_string().as_bytes());
    let name = hashed
        .0
        .iter()
        .take(8)
        .fold("witness-".to_owned(), |name, byte| {
            format!("{name}{byte:02x}")
        });
    app.folder().checkpoints().join(name)
}

/// Keeps the checkpoint with the cosignature under it, still a signed note of this ledger, and the
/// key that verifies it.
fn keep(app: &App, target: &Witness, head: &Head, lines: &str) -> Result<(), Failure> {
    let cosignature = verified(target, head, lines)?;
    let folder = folder(app, &target.url);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::io(&folder, error))?;
    let text = format!("{}{}", head.checkpoint, cosignature.line);
    file::replace(
        &folder.join("witness"),
        format!("{}\n", target.url).as_bytes(),
    )?;
    file::replace(&folder.join("key"), format!("{}\n", target.key).as_bytes())?;
    file::replace(&folder.join("latest"), text.as_bytes())
}
