//! The keys of a ledger over its life: the active one and those it took the place of.
//!
//! A rotated key still verifies what it signed while it was active. A checkpoint says nothing of
//! its time, but the records it counts do: one that counts a record made after the key was retired
//! was signed by whoever kept the key, and is refused ([`CheckpointError::Retired`]).

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError, VerifierKey};

/// The most keys of one ledger.
const KEYS_MAX: usize = 1000;

/// The word before the time in the text of a retired key.
const RETIRED: &str = "retired_at=";

/// A key and when it stopped signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// The key.
    pub key: VerifierKey,
    /// When another took its place, in milliseconds since the epoch, UTC.
    pub retired_at: Option<i64>,
}

/// The keys of one ledger. Its text has one key a line, the active one first:
/// `name+hash+base64`, for a retired one followed by ` retired_at=` and milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHistory(Vec<KnownKey>);

/// A checkpoint whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// When the key that signed it was retired; no later record may be counted.
    pub retired_at: Option<i64>,
}

/// Whatever signed checkpoints are verified with.
pub trait CheckpointKeys {
    /// Opens a signed checkpoint.
    ///
    /// # Errors
    /// As [`VerifierKey::open`].
    fn opened(&self, text: &[u8]) -> Result<Opened, CheckpointError>;
}

impl CheckpointKeys for VerifierKey {
    fn opened(&self, text: &[u8]) -> Result<Opened, CheckpointError> {
        self.open(text).map(|checkpoint| Opened {
            checkpoint,
            retired_at: None,
        })
    }
}

impl CheckpointKeys for KeyHistory {
    /// With the key of this ledger that stood in force longest, of those that signed it.
    fn opened(&self, text: &[u8]) -> Result<Opened, CheckpointError> {
        let mut found: Option<Opened> = None;
        for known in &self.0 {
            match known.key.open(text) {
                // The active key comes first, then the youngest.
                Ok(checkpoint) if found.is_none() => {
                    found = Some(Opened {
                        checkpoint,
                        retired_at: known.retired_at,
                    });
                }
                // A line in the name of any of our keys must hold.
                Ok(_) | Err(CheckpointError::Unsigned) => {}
                Err(error) => return Err(error),
            }
        }
        found.ok_or(CheckpointError::Unsigned)
    }
}

impl KeyHistory {
    /// Orders keys of one ledger: at least one, at most one active, all of the same name.
    ///
    /// # Errors
    /// `key-malformed`.
    pub fn new(mut keys: Vec<KnownKey>) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::KeyMalformed;
        // Active first, then the one retired last.
        keys.sort_by_key(|known| std::cmp::Reverse(known.retired_at.unwrap_or(i64::MAX)));
        let first = keys.first().ok_or(malformed)?;
        let one_name = keys.iter().all(|it| it.key.name() == first.key.name());
        let active = keys.iter().filter(|it| it.retired_at.is_none()).count();
        if !one_name || active > 1 || keys.len() > KEYS_MAX {
            return Err(malformed);
        }
        Ok(Self(keys))
    }

    /// Reads the text of keys; empty lines are passed over.
    ///
    /// # Errors
    /// `key-malformed`, `key-name`.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::KeyMalformed;
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (key, retired_at) = match line.split_once(' ') {
                None => (line, None),
                Some((key, rest)) => {
                    let at = rest.trim().strip_prefix(RETIRED).ok_or(malformed)?;
                    (key, Some(at.parse().map_err(|_| malformed)?))
                }
            };
            keys.push(KnownKey {
                key: key.parse()?,
                retired_at,
            });
            if keys.len() > KEYS_MAX {
                return Err(malformed);
            }
        }
        Self::new(keys)
    }

    /// The key that signs at present, or signed last.
    #[must_use]
    pub fn newest(&self) -> &VerifierKey {
        // Never empty.
        &self.0[0].key
    }

    /// Every key, the active one first.
    #[must_use]
    pub fn keys(&self) -> &[KnownKey] {
        &self.0
    }
}

impl From<VerifierKey> for KeyHistory {
    fn from(key: VerifierKey) -> Self {
        Self(vec![KnownKey {
            key,
            retired_at: None,
        }])
    }
}

impl fmt::Display for KeyHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for known in &self.0 {
            match known.retired_at {
                None => writeln!(f, "{}", known.key)?,
                Some(at) => writeln!(f, "{} {RETIRED}{at}", known.key)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::SignerKey;
    use crate::digest::Digest;

    fn signer(seed: u8) -> SignerKey {
        SignerKey::new("example.org/ledger", &[seed; 32]).unwrap()
    }

    fn known(seed: u8, retired_at: Option<i64>) -> KnownKey {
        KnownKey {
            key: signer(seed).verifier().clone(),
            retired_at,
        }
    }

    #[test]
    fn keys_are_read_and_written_alike() {
        let keys = vec![known(1, Some(10)), known(3, None), known(2, Some(20))];
        let history = KeyHistory::new(keys).unwrap();
        let order: Vec<_> = history.keys().iter().map(|it| it.retired_at).collect();
        assert_eq!(order, [None, Some(20), Some(10)]);
        assert_eq!(history.newest(), signer(3).verifier());
        assert_eq!(KeyHistory::parse(&history.to_string()).unwrap(), history);
        // One key alone is read as it always was.
        let alone = KeyHistory::parse(&format!("{}\n", signer(1).verifier())).unwrap();
        assert_eq!(alone, KeyHistory::from(signer(1).verifier().clone()));
        let (one, two) = (
            signer(1).verifier().to_string(),
            signer(2).verifier().to_string(),
        );
        let other = SignerKey::new("example.org/other", &[1; 32]).unwrap();
        for wrong in [
            String::new(),
            format!("{one}\n{two}\n"),
            format!("{one} retired_at=x"),
            format!("{one} 12"),
            format!("{one}\n{} retired_at=1\n", other.verifier()),
        ] {
            assert!(KeyHistory::parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_checkpoint_is_opened_by_any_key_of_the_ledger_and_by_no_other() {
        let history = KeyHistory::new(vec![known(1, Some(10)), known(2, None)]).unwrap();
        let root = Digest::of(b"root");
        for (seed, retired_at) in [(1, Some(10)), (2, None)] {
            let opened = history
                .opened(signer(seed).sign(5, root).as_bytes())
                .unwrap();
            assert_eq!((opened.checkpoint.size, opened.retired_at), (5, retired_at));
        }
        let refused = history.opened(signer(3).sign(5, root).as_bytes());
        assert_eq!(refused.unwrap_err(), CheckpointError::Unsigned);
        // Signed by both, as at a rotation: either key alone opens it, and the active one counts.
        let both = signer(1).countersign(&signer(2).sign(5, root)).unwrap();
        assert_eq!(history.opened(both.as_bytes()).unwrap().retired_at, None);
        for seed in [1, 2] {
            assert_eq!(
                signer(seed).verifier().open(both.as_bytes()).unwrap().size,
                5
            );
        }
        let broken = both.replace("ledger\n5\n", "ledger\n6\n");
        let refused = history.opened(broken.as_bytes());
        assert_eq!(refused.unwrap_err(), CheckpointError::Signature);
    }
}
