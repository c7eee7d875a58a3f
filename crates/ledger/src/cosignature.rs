//! Cosignatures of witnesses: that the witness saw this checkpoint continue the ones before it,
//! and when (C2SP tlog-cosignature, version 1, Ed25519).
//!
//! Log signature and cosignature are kept apart by the key's kind, which is part of its id, and by
//! the first line of what is signed: neither can stand for the other.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer as _, SigningKey};

use crate::checkpoint::CheckpointError;
use crate::note::{self, KeyKind, NamedKey};

/// The longest answer of a witness that is read, in bytes.
pub const ANSWER_MAX: usize = 16 * 1024;

/// A cosignature in a signature line, behind the key id: eight bytes of time and 64 of signature.
const LENGTH: usize = 8 + 64;

/// The public key of a witness. Its text form is `name+hash+base64` (signed-note, verifier keys)
/// with the key type 0x04.
#[derive(Clone, PartialEq, Eq)]
pub struct CosignerKey(NamedKey);

/// The key of a witness, for witnesses of one's own and for tests. `Debug` shows no secret.
pub struct Cosigner {
    verifier: CosignerKey,
    key: SigningKey,
}

/// A cosignature that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness signed, in whole seconds since the Unix epoch, UTC, by its own clock.
    pub time: u64,
    /// The signature line with its newline, to be put below the checkpoint.
    pub line: String,
}

impl CosignerKey {
    /// The name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Finds and verifies this witness's cosignature of `checkpoint`, a signed note, in the
    /// signature lines `answer`. Lines of other keys are passed over and not part of the result;
    /// of several by this key all must hold, and the newest is given.
    ///
    /// # Errors
    /// `checkpoint-malformed`: one of the two has another form; `checkpoint-unsigned`: no line is
    /// by this key; `checkpoint-signature`: a line by this key does not hold.
    pub fn verify(&self, checkpoint: &[u8], answer: &str) -> Result<Cosignature, CheckpointError> {
        if answer.len() > ANSWER_MAX {
            return Err(CheckpointError::Malformed);
        }
        let (body, _) = note::split(checkpoint)?;
        let mut newest: Option<Cosignature> = None;
        for line in note::signature_lines(answer)? {
            let Some(own) = self.0.own(&line) else {
                continue;
            };
            let found = self.one(body, own)?;
            if newest.as_ref().is_none_or(|known| known.time < found.time) {
                newest = Some(found);
            }
        }
        newest.ok_or(CheckpointError::Unsigned)
    }

    /// Finds and verifies this witness's cosignature in a cosigned checkpoint.
    ///
    /// # Errors
    /// As [`CosignerKey::verify`].
    pub fn open(&self, cosigned: &[u8]) -> Result<Cosignature, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let text = std::str::from_utf8(cosigned).map_err(|_| malformed)?;
        let (_, lines) = text.rsplit_once("\n\n").ok_or(malformed)?;
        self.verify(cosigned, lines)
    }

    /// Verifies the bytes behind the key id of one line.
    fn one(&self, body: &str, bytes: &[u8]) -> Result<Cosignature, CheckpointError> {
        let wrong = CheckpointError::Signature;
        let bytes: &[u8; LENGTH] = bytes.try_into().map_err(|_| wrong)?;
        let (time, signature) = bytes.split_at(8);
        let time = u64::from_be_bytes(time.try_into().map_err(|_| wrong)?);
        let signature = Signature::from_slice(signature).map_err(|_| wrong)?;
        self.0
            .key
            .verify_strict(message(time, body).as_bytes(), &signature)
            .map_err(|_| wrong)?;
        Ok(Cosignature {
            time,
            line: line(&self.0, bytes),
        })
    }
}

impl Cosigner {
    /// The witness called `name`, with its key made from a secret of 32 random bytes.
    ///
    /// # Errors
    /// `key-name`.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, CheckpointError> {
        let key = SigningKey::from_bytes(seed);
        let named = NamedKey::new(name, KeyKind::Cosigner, key.verifying_key())?;
        Ok(Self {
            verifier: CosignerKey(named),
            key,
        })
    }

    /// The public key.
    #[must_use]
    pub const fn verifier(&self) -> &CosignerKey {
        &self.verifier
    }

    /// The cosignature of `body`, the text of a checkpoint, at `time` in seconds since the epoch.
    /// Whoever calls this has checked that the checkpoint continues the one cosigned last.
    #[must_use]
    pub fn cosign(&self, body: &str, time: u64) -> String {
        let signature = self.key.sign(message(time, body).as_bytes());
        let bytes = [&time.to_be_bytes()[..], &signature.to_bytes()].concat();
        line(&self.verifier.0, &bytes)
    }
}

/// What a cosignature signs.
fn message(time: u64, body: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{body}")
}

/// A signature line of a key.
fn line(key: &NamedKey, bytes: &[u8]) -> String {
    let bytes = [&key.id[..], bytes].concat();
    format!("— {} {}\n", key.name, Base64::encode_string(&bytes))
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.verifier)
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text(KeyKind::Cosigner))
    }
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({self})")
    }
}

impl FromStr for CosignerKey {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        NamedKey::parse(text, KeyKind::Cosigner).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::{SignerKey, VerifierKey};
    use crate::digest::Digest;

    const TIME: u64 = 1_795_000_000;

    fn witness() -> Cosigner {
        Cosigner::new("witness.example/w1", &[42; 32]).unwrap()
    }

    fn log(name: &str) -> SignerKey {
        SignerKey::new(name, &[7; 32]).unwrap()
    }

    fn checkpoint(origin: &str, size: u64) -> String {
        log(origin).sign(size, Digest::of(b"root"))
    }

    fn body(checkpoint: &str) -> &str {
        let (body, _) = checkpoint.split_once("\n\n").unwrap();
        &checkpoint[..=body.len()]
    }

    #[test]
    fn a_cosignature_is_verified_under_its_checkpoint() {
        let note = checkpoint("example.org/ledger", 9);
        let line = witness().cosign(body(&note), TIME);
        let key: CosignerKey = witness().verifier().to_string().parse().unwrap();
        let found = key.verify(note.as_bytes(), &line).unwrap();
        assert_eq!((found.time, &found.line), (TIME, &line));
        let cosigned = format!("{note}{line}");
        assert_eq!(key.open(cosigned.as_bytes()).unwrap(), found);
        // Still a checkpoint of its ledger, which passes the cosignature over.
        let ledger = log("example.org/ledger");
        assert_eq!(ledger.verifier().open(cosigned.as_bytes()).unwrap().size, 9);
        assert_eq!(
            key.open(note.as_bytes()).unwrap_err(),
            CheckpointError::Unsigned
        );
    }

    #[test]
    fn what_was_not_cosigned_is_refused_by_code() {
        use CheckpointError::{Malformed, Signature, Unsigned};
        let note = checkpoint("example.org/ledger", 9);
        let good = witness().cosign(body(&note), TIME);
        let other_seed = Cosigner::new("witness.example/w1", &[43; 32]).unwrap();
        let other_name = Cosigner::new("witness.example/w2", &[42; 32]).unwrap();
        let stretched = format!("— witness.example/w1 {}\n", Base64::encode_string(&[7; 76]));
        let over = |text: &str| witness().cosign(body(text), TIME);
        let cut = good.trim_end().to_owned();
        let twice = format!("{good}{}", over(&checkpoint("example.org/ledger", 8)));
        let table = [
            (
                "another size",
                over(&checkpoint("example.org/ledger", 8)),
                Signature,
            ),
            (
                "another origin",
                over(&checkpoint("example.org/other", 9)),
                Signature,
            ),
            ("one of two is wrong", twice, Signature),
            (
                "another key",
                other_seed.cosign(body(&note), TIME),
                Unsigned,
            ),
            (
                "another name",
                other_name.cosign(body(&note), TIME),
                Unsigned,
            ),
            ("random bytes", stretched, Unsigned),
            ("no newline", cut, Malformed),
            ("nothing", String::new(), Malformed),
            ("a word before", format!("ok\n{good}"), Malformed),
            (
                "too long",
                good.repeat(ANSWER_MAX / good.len() + 1),
                Malformed,
            ),
        ];
        for (what, answer, code) in table {
            let refused = witness().verifier().verify(note.as_bytes(), &answer);
            assert_eq!(refused.unwrap_err(), code, "{what}");
        }
        let mixed = format!("{}{good}", other_name.cosign(body(&note), TIME));
        let found = witness()
            .verifier()
            .verify(note.as_bytes(), &mixed)
            .unwrap();
        assert_eq!(found.line, good, "only the line that was verified is given");
    }

    #[test]
    fn every_changed_bit_of_time_and_signature_is_refused() {
        let note = checkpoint("example.org/ledger", 9);
        let line = witness().cosign(body(&note), TIME);
        let (_, encoded) = line.trim_end().rsplit_once(' ').unwrap();
        let bytes = Base64::decode_vec(encoded).unwrap();
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let answer = format!("— witness.example/w1 {}\n", Base64::encode_string(&changed));
            let refused = witness().verifier().verify(note.as_bytes(), &answer);
            assert!(refused.is_err(), "bit {at}");
        }
        for length in [4 + 8 + 63, 4 + 8 + 65, 4 + 64, 5] {
            let mut changed = bytes.clone();
            changed.resize(length, 0);
            let answer = format!("— witness.example/w1 {}\n", Base64::encode_string(&changed));
            let refused = witness().verifier().verify(note.as_bytes(), &answer);
            assert_eq!(refused.unwrap_err(), CheckpointError::Signature, "{length}");
        }
    }

    #[test]
    fn keys_of_a_log_and_of_a_witness_are_not_exchanged() {
        // The same secret under the same name: only the kind differs.
        let name = "example.org/ledger";
        let (log, witness) = (log(name), Cosigner::new(name, &[7; 32]).unwrap());
        let (log_key, witness_key) = (log.verifier().to_string(), witness.verifier().to_string());
        assert!(log_key.parse::<CosignerKey>().is_err());
        assert!(witness_key.parse::<VerifierKey>().is_err());
        assert_eq!(
            &witness_key.parse::<CosignerKey>().unwrap(),
            witness.verifier()
        );
        let note = checkpoint(name, 9);
        // A log signature is no cosignature, and a cosignature signs no checkpoint.
        let (_, lines) = note.split_once("\n\n").unwrap();
        let refused = witness.verifier().verify(note.as_bytes(), lines);
        assert_eq!(refused.unwrap_err(), CheckpointError::Unsigned);
        let forged = format!("{}\n{}", body(&note), witness.cosign(body(&note), TIME));
        let refused = log.verifier().open(forged.as_bytes());
        assert_eq!(refused.unwrap_err(), CheckpointError::Unsigned);
        for wrong in [
            "",
            "a+b",
            "w1",
            &witness_key[1..],
            &format!("{witness_key}A"),
        ] {
            assert!(wrong.parse::<CosignerKey>().is_err(), "{wrong}");
        }
    }
}
