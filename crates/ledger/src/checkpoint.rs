//! Signed checkpoints: what a ledger says about its own size and root (C2SP tlog-checkpoint,
//! signed-note, Ed25519).
//!
//! Written here rather than taken from `signed_note` 0.2: that crate is sound, but holds
//! `ed25519-dalek` 2, `rand_core` 0.6 and `sha2` 0.10 beside the versions the rest of the house
//! uses. It checks ours in the tests instead.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::digest::Digest;

/// The longest checkpoint that is read, in bytes.
pub const CHECKPOINT_MAX: usize = 64 * 1024;

/// The most signature lines that are read.
pub const SIGNATURES_MAX: usize = 64;

/// The algorithm byte of Ed25519 in signed notes.
const ED25519: u8 = 1;

/// What a ledger says about itself at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which ledger: equal to the name of its key.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

/// Why text is not a checkpoint of this ledger, or a key is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note, or not a checkpoint in it.
    #[error("checkpoint-malformed")]
    Malformed,
    /// The origin is another ledger's.
    #[error("checkpoint-origin")]
    Origin,
    /// No signature by the expected key.
    #[error("checkpoint-unsigned")]
    Unsigned,
    /// A signature in the key's name does not hold.
    #[error("checkpoint-signature")]
    Signature,
    /// The key's name is empty or has white space or `+`.
    #[error("key-name")]
    KeyName,
    /// The key's text is not `name+hash+base64` of an Ed25519 key.
    #[error("key-malformed")]
    KeyMalformed,
}

impl CheckpointError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "checkpoint-malformed",
            Self::Origin => "checkpoint-origin",
            Self::Unsigned => "checkpoint-unsigned",
            Self::Signature => "checkpoint-signature",
            Self::KeyName => "key-name",
            Self::KeyMalformed => "key-malformed",
        }
    }
}

/// The key a ledger signs its checkpoints with. Its `Debug` form holds no secret.
pub struct SignerKey {
    verifier: VerifierKey,
    key: SigningKey,
}

/// The public key of a ledger. Its text form is `name+hash+base64` (signed-note, verifier keys).
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl SignerKey {
    /// The key called `name` made from a secret of 32 random bytes.
    ///
    /// # Errors
    /// [`CheckpointError::KeyName`].
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, CheckpointError> {
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, key.verifying_key())?;
        Ok(Self { verifier, key })
    }

    /// The public key.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signed checkpoint of a ledger of this key.
    #[must_use]
    pub fn sign(&self, size: u64, root: Digest) -> String {
        let checkpoint = Checkpoint {
            origin: self.verifier.name.clone(),
            size,
            root,
        };
        let body = checkpoint.body();
        let mut signature = self.verifier.id.to_vec();
        signature.extend_from_slice(&self.key.sign(body.as_bytes()).to_bytes());
        let line = Base64::encode_string(&signature);
        format!("{body}\n— {} {line}\n", self.verifier.name)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier)
    }
}

impl VerifierKey {
    /// The key called `name`; the id is derived from both (signed-note, signatures).
    fn new(name: &str, key: VerifyingKey) -> Result<Self, CheckpointError> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if name.is_empty() || name.len() > 200 || !name.chars().all(plain) {
            return Err(CheckpointError::KeyName);
        }
        let hashed = [name.as_bytes(), b"\n", &[ED25519], key.as_bytes()].concat();
        let [a, b, c, d, ..] = Digest::of(&hashed).0;
        Ok(Self {
            name: name.to_owned(),
            id: [a, b, c, d],
            key,
        })
    }

    /// The name, which is the ledger's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens a signed checkpoint of this key's ledger. Signatures of other keys (witnesses) are
    /// passed over.
    ///
    /// # Errors
    /// The text is malformed, of another origin, not signed by this key, or wrongly signed.
    pub fn open(&self, text: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let (body, signatures) = split_note(text)?;
        let checkpoint = Checkpoint::parse(body)?;
        if checkpoint.origin != self.name {
            return Err(CheckpointError::Origin);
        }
        let mut signed = false;
        for (name, bytes) in signatures {
            if name != self.name || bytes.get(..4) != Some(&self.id) {
                continue;
            }
            let signature =
                Signature::from_slice(&bytes[4..]).map_err(|_| CheckpointError::Signature)?;
            self.key
                .verify_strict(body.as_bytes(), &signature)
                .map_err(|_| CheckpointError::Signature)?;
            signed = true;
        }
        signed
            .then_some(checkpoint)
            .ok_or(CheckpointError::Unsigned)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519][..], self.key.as_bytes()].concat();
        let id = u32::from_be_bytes(self.id);
        write!(f, "{}+{id:08x}+{}", self.name, Base64::encode_string(&key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::KeyMalformed;
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed);
        };
        let bytes = Base64::decode_vec(key).map_err(|_| malformed)?;
        let key = bytes.strip_prefix(&[ED25519]).ok_or(malformed)?;
        let key = VerifyingKey::try_from(key).map_err(|_| malformed)?;
        let key = Self::new(name, key)?;
        if key.key.is_weak() || id != format!("{:08x}", u32::from_be_bytes(key.id)) {
            return Err(malformed);
        }
        Ok(key)
    }
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn body(&self) -> String {
        let root = Base64::encode_string(&self.root.0);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads the signed text. Extension lines after the root are allowed and passed over.
    fn parse(body: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let mut lines = body.strip_suffix('\n').ok_or(malformed)?.split('\n');
        let mut line = || {
            lines
                .next()
                .filter(|line| !line.is_empty())
                .ok_or(malformed)
        };
        let (origin, size_text, root) = (line()?, line()?, line()?);
        let size: u64 = size_text.parse().map_err(|_| malformed)?;
        // Only the canonical decimal: no sign, no leading zero.
        if size.to_string() != size_text || lines.any(str::is_empty) {
            return Err(malformed);
        }
        let root = Base64::decode_vec(root).map_err(|_| malformed)?;
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root: Digest::from_slice(&root).ok_or(malformed)?,
        })
    }
}

/// The parts of a signed note: its text with the final newline, and its signatures.
type Note<'a> = (&'a str, Vec<(&'a str, Vec<u8>)>);

/// Splits a signed note.
fn split_note(bytes: &[u8]) -> Result<Note<'_>, CheckpointError> {
    let malformed = CheckpointError::Malformed;
    let text = std::str::from_utf8(bytes).map_err(|_| malformed)?;
    if text.len() > CHECKPOINT_MAX || text.bytes().any(|c| c < 0x20 && c != b'\n') {
        return Err(malformed);
    }
    let (body, lines) = text.rsplit_once("\n\n").ok_or(malformed)?;
    let body = &text[..=body.len()];
    let lines = lines.strip_suffix('\n').ok_or(malformed)?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        let rest = line.strip_prefix("— ").ok_or(malformed)?;
        let (name, signature) = rest.split_once(' ').ok_or(malformed)?;
        let signature = Base64::decode_vec(signature).map_err(|_| malformed)?;
        if name.is_empty() || name.contains('+') || signature.len() < 5 {
            return Err(malformed);
        }
        signatures.push((name, signature));
        if signatures.len() > SIGNATURES_MAX {
            return Err(malformed);
        }
    }
    Ok((body, signatures))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> SignerKey {
        SignerKey::new("example.org/ledger", &[7; 32]).unwrap()
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_only() {
        let signer = signer();
        let text = signer.sign(5, Digest::of(b"root"));
        let key: VerifierKey = signer.verifier().to_string().parse().unwrap();
        let opened = key.open(text.as_bytes()).unwrap();
        assert_eq!((opened.size, opened.root), (5, Digest::of(b"root")));
        assert_eq!(opened.origin, "example.org/ledger");
        let same_name = SignerKey::new("example.org/ledger", &[8; 32]).unwrap();
        let error = same_name.verifier().open(text.as_bytes()).unwrap_err();
        assert_eq!(error, CheckpointError::Unsigned);
        let other_name = SignerKey::new("example.org/other", &[7; 32]).unwrap();
        let error = other_name.verifier().open(text.as_bytes()).unwrap_err();
        assert_eq!(error, CheckpointError::Origin);
    }

    #[test]
    fn every_changed_byte_of_a_checkpoint_is_refused() {
        let signer = signer();
        let text = signer.sign(1234, Digest::of(b"root")).into_bytes();
        for at in 0..text.len() {
            for change in [1u8, 0x20, 0x80] {
                let mut changed = text.clone();
                changed[at] ^= change;
                assert!(
                    signer.verifier().open(&changed).is_err(),
                    "byte {at} ^ {change}"
                );
            }
            assert!(signer.verifier().open(&text[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn cosignatures_of_witnesses_are_passed_over() {
        let signer = signer();
        let text = signer.sign(9, Digest::of(b"root"));
        let cosigned = format!(
            "{text}— witness.example {}\n",
            Base64::encode_string(&[1; 76])
        );
        assert_eq!(signer.verifier().open(cosigned.as_bytes()).unwrap().size, 9);
    }

    #[test]
    fn malformed_keys_and_names_are_refused() {
        for name in ["", "a b", "a+b", "a\u{3000}b", "a\nb"] {
            assert_eq!(
                SignerKey::new(name, &[1; 32]).unwrap_err(),
                CheckpointError::KeyName
            );
        }
        let key = signer().verifier().to_string();
        for wrong in [
            "",
            "a+b",
            &key.replace("ledger+", "ledgex+"),
            &key[..key.len() - 1],
        ] {
            assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong}");
        }
    }
}
