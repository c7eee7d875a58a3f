//! The outer form of signed notes (C2SP signed-note): text, empty line, signature lines; and of
//! the keys that verify them.

use base64ct::{Base64, Encoding};
use ed25519_dalek::VerifyingKey;

use crate::checkpoint::{CHECKPOINT_MAX, CheckpointError, SIGNATURES_MAX};
use crate::digest::Digest;

/// The longest name of a key, in bytes.
const NAME_MAX: usize = 200;

/// What a key signs, as the byte before it in its text and in its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum KeyKind {
    /// Ed25519 over the note's text.
    Log = 1,
    /// A timestamped Ed25519 cosignature (C2SP tlog-cosignature).
    Cosigner = 4,
}

/// An Ed25519 key with the name and the id that signature lines carry.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NamedKey {
    pub(crate) name: String,
    pub(crate) id: [u8; 4],
    pub(crate) key: VerifyingKey,
}

impl NamedKey {
    /// The key called `name`; the id is derived from all three.
    pub(crate) fn new(
        name: &str,
        kind: KeyKind,
        key: VerifyingKey,
    ) -> Result<Self, CheckpointError> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(plain) {
            return Err(CheckpointError::KeyName);
        }
        let hashed = [name.as_bytes(), b"\n", &[kind as u8], key.as_bytes()].concat();
        let [a, b, c, d, ..] = Digest::of(&hashed).0;
        Ok(Self {
            name: name.to_owned(),
            id: [a, b, c, d],
            key,
        })
    }

    /// Reads `name+hash+base64` of a key of this kind.
    pub(crate) fn parse(text: &str, kind: KeyKind) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::KeyMalformed;
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed);
        };
        let bytes = Base64::decode_vec(key).map_err(|_| malformed)?;
        let key = bytes.strip_prefix(&[kind as u8]).ok_or(malformed)?;
        let key = VerifyingKey::try_from(key).map_err(|_| malformed)?;
        let key = Self::new(name, kind, key)?;
        if key.key.is_weak() || id != format!("{:08x}", u32::from_be_bytes(key.id)) {
            return Err(malformed);
        }
        Ok(key)
    }

    /// The text that [`NamedKey::parse`] reads.
    pub(crate) fn text(&self, kind: KeyKind) -> String {
        let key = [&[kind as u8][..], self.key.as_bytes()].concat();
        let id = u32::from_be_bytes(self.id);
        format!("{}+{id:08x}+{}", self.name, Base64::encode_string(&key))
    }

    /// What a signature line of this key carries behind its id; nothing where it is another's.
    pub(crate) fn own<'l>(&self, line: &'l SignatureLine<'_>) -> Option<&'l [u8]> {
        let (name, bytes) = line;
        bytes.strip_prefix(&self.id).filter(|_| *name == self.name)
    }
}

/// The key name of a signature line, and its bytes: key id and signature.
pub(crate) type SignatureLine<'a> = (&'a str, Vec<u8>);

/// The parts of a signed note: its text with the final newline, and its signatures.
pub(crate) type Note<'a> = (&'a str, Vec<SignatureLine<'a>>);

/// Splits a signed note.
pub(crate) fn split(bytes: &[u8]) -> Result<Note<'_>, CheckpointError> {
    let malformed = CheckpointError::Malformed;
    let text = std::str::from_utf8(bytes).map_err(|_| malformed)?;
    if text.len() > CHECKPOINT_MAX || text.bytes().any(|c| c < 0x20 && c != b'\n') {
        return Err(malformed);
    }
    let (body, lines) = text.rsplit_once("\n\n").ok_or(malformed)?;
    Ok((&text[..=body.len()], signature_lines(lines)?))
}

/// Reads the lines below a note's text: at least one, each ended by a newline.
pub(crate) fn signature_lines(lines: &str) -> Result<Vec<SignatureLine<'_>>, CheckpointError> {
    let malformed = CheckpointError::Malformed;
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
    Ok(signatures)
}
