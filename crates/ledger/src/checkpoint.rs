//! Signed checkpoints: what a ledger says about its own size and root (C2SP tlog-checkpoint,
//! signed-note, Ed25519).
//!
//! Written here rather than taken from `signed_note` 0.2: that crate is sound, but holds
//! `ed25519-dalek` 2, `rand_core` 0.6 and `sha2` 0.10 beside the versions the rest of the house
//! uses. It checks ours in the tests instead.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer as _, SigningKey};

use crate::digest::Digest;
use crate::note::{self, KeyKind, NamedKey};

/// The longest checkpoint that is read, in bytes.
pub const CHECKPOINT_MAX: usize = 64 * 1024;

/// The most signature lines that are read.
pub const SIGNATURES_MAX: usize = 64;

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
    /// It counts records made after its key was retired.
    #[error("checkpoint-key-retired")]
    Retired,
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
            Self::Retired => "checkpoint-key-retired",
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
pub struct VerifierKey(NamedKey);

impl SignerKey {
    /// The key called `name` made from a secret of 32 random bytes.
    ///
    /// # Errors
    /// [`CheckpointError::KeyName`].
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, CheckpointError> {
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey(NamedKey::new(name, KeyKind::Log, key.verifying_key())?);
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
            origin: self.verifier.name().to_owned(),
            size,
            root,
        };
        let body = checkpoint.body();
        let line = self.signature(&body);
        format!("{body}\n{line}")
    }

    /// Adds this key's signature to a checkpoint of the same ledger that another of its keys has
    /// signed, as at a rotation.
    ///
    /// # Errors
    /// `checkpoint-malformed`, `checkpoint-origin`.
    pub fn countersign(&self, signed: &str) -> Result<String, CheckpointError> {
        let (body, _) = note::split(signed.as_bytes())?;
        if Checkpoint::parse(body)?.origin != self.verifier.name() {
            return Err(CheckpointError::Origin);
        }
        Ok(format!("{signed}{}", self.signature(body)))
    }

    /// The signature line for the text of a checkpoint.
    fn signature(&self, body: &str) -> String {
        let mut signature = self.verifier.0.id.to_vec();
        signature.extend_from_slice(&self.key.sign(body.as_bytes()).to_bytes());
        let line = Base64::encode_string(&signature);
        format!("— {} {line}\n", self.verifier.name())
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier)
    }
}

impl VerifierKey {
    /// The name, which is the ledger's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Opens a signed checkpoint of this key's ledger. Signatures of other keys (witnesses) are
    /// passed over.
    ///
    /// # Errors
    /// The text is malformed, of another origin, not signed by this key, or wrongly signed.
    pub fn open(&self, text: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let (body, signatures) = note::split(text)?;
        let checkpoint = Checkpoint::parse(body)?;
        if checkpoint.origin != self.name() {
            return Err(CheckpointError::Origin);
        }
        let mut signed = false;
        for line in signatures {
            let Some(own) = self.0.own(&line) else {
                continue;
            };
            let signature = Signature::from_slice(own).map_err(|_| CheckpointError::Signature)?;
            self.0
                .key
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
        f.write_str(&self.0.text(KeyKind::Log))
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
        NamedKey::parse(text, KeyKind::Log).map(Self)
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
