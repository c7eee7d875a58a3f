//! Delivery to a witness (C2SP tlog-witness, `add-checkpoint`): the witness checks that the ledger
//! only grew and answers with its cosignature, which is kept beside the checkpoint.

use std::path::PathBuf;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use sekisho_ledger::digest::Digest;
use sekisho_ledger::proof::ConsistencyProof;

use super::failure::Failure;
use super::file;
use super::target::WitnessUrl;
use crate::app::{App, Head};

/// Longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 16 * 1024;
/// Most cosignatures in one answer.
const COSIGNATURES_MAX: usize = 16;

/// What a witness answered.
enum Answer {
    /// The cosignature lines.
    Cosigned(String),
    /// It has another size than the one said.
    Conflict(u64),
}

/// Submits the checkpoint and keeps the cosignature. `known` is the size the witness is thought
/// to have.
///
/// # Errors
/// `checkpoint.target-ahead`, `checkpoint.target-differs`, `checkpoint.witness-unknown`,
/// `checkpoint.witness-answer`, `checkpoint.witness-refused`, `checkpoint.witness-unreachable`,
/// and the store's codes.
pub(super) fn deliver(
    app: &App,
    witness: &WitnessUrl,
    head: &Head,
    known: u64,
    limit: Duration,
) -> Result<(), Failure> {
    let mut old = known.min(head.size);
    for _ in 0..2 {
        match submit(app, witness, head, old, limit)? {
            Answer::Cosigned(lines) => return keep(app, witness, head, &lines),
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
        let body = response.body_mut().with_config().limit(ANSWER_MAX);
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

/// Whether these are note signature lines with the length of an Ed25519 cosignature or longer.
/// Who holds the witness's key can check them; the target names no key.
fn are_signatures(lines: &str) -> bool {
    let Some(lines) = lines.strip_suffix('\n') else {
        return false;
    };
    let signature = |line: &str| {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = Base64::decode_vec(signature).ok()?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        // Key id, time, signature.
        (!name.is_empty() && name.chars().all(plain) && bytes.len() >= 4 + 8 + 64).then_some(())
    };
    let lines: Vec<_> = lines.split('\n').collect();
    lines.len() <= COSIGNATURES_MAX && lines.iter().all(|line| signature(line).is_some())
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

/// Keeps the checkpoint with the cosignatures under it: still a signed note of this ledger.
fn keep(app: &App, witness: &WitnessUrl, head: &Head, lines: &str) -> Result<(), Failure> {
    if !are_signatures(lines) {
        return Err(Failure::new("checkpoint.witness-answer", witness));
    }
    let folder = folder(app, witness);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::io(&folder, error))?;
    let text = format!("{}{lines}", head.checkpoint);
    file::replace(&folder.join("witness"), format!("{witness}\n").as_bytes())?;
    file::replace(&folder.join("latest"), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signature_lines_are_kept() {
        let line =
            |length: usize| format!("— w.example {}\n", Base64::encode_string(&vec![7; length]));
        assert!(are_signatures(&line(76)));
        assert!(are_signatures(&format!("{}{}", line(76), line(76))));
        let many = line(76).repeat(COSIGNATURES_MAX + 1);
        let cut = line(76).trim_end().to_owned();
        let first = format!("ok\n{}", line(76));
        let plus = line(76).replace("w.example", "a+b");
        for bad in [
            "",
            "\n",
            &line(75),
            &many,
            &cut,
            &first,
            &plus,
            "— w.example ?\n",
        ] {
            assert!(!are_signatures(bad), "{bad}");
        }
    }
}
