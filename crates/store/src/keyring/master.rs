//! The master key and where it comes from.

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::entropy;
use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::folder::DataFolder;
use crate::seal::Key;

/// Name of the systemd credential: `LoadCredentialEncrypted=sekisho-master`.
pub const CREDENTIAL: &str = "sekisho-master";

/// Name of the file below `keys/`.
pub(crate) const FILE: &str = "master.key";

/// A passphrase, wiped when dropped and never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase of at least 12 and at most 1,024 bytes.
    ///
    /// # Errors
    /// `bad-input`.
    pub fn new(text: String) -> Result<Self> {
        let text = Zeroizing::new(text);
        if !(12..=1024).contains(&text.len()) {
            return Err(StoreError::refused(
                StoreCode::BadInput,
                "passphrase length",
            ));
        }
        Ok(Self(text))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum MasterSource {
    /// A systemd credential of at least 32 bytes: this file is read.
    Credential(PathBuf),
    /// A file of 64 hexadecimal digits, mode 0600, made at the first start.
    File(PathBuf),
    /// A passphrase, stretched by Argon2id.
    Passphrase(Passphrase),
}

/// The kind of a [`MasterSource`], as stored beside the keys it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MasterKind {
    /// A systemd credential.
    Credential,
    /// A file.
    File,
    /// A passphrase.
    Passphrase,
}

impl MasterSource {
    /// The source that needs no words: the systemd credential where the service manager gives one
    /// (`credentials` is the value of `CREDENTIALS_DIRECTORY`), otherwise the file.
    #[must_use]
    pub fn standard(folder: &DataFolder, credentials: Option<&Path>) -> Self {
        match credentials
            .map(|dir| dir.join(CREDENTIAL))
            .filter(|path| path.exists())
        {
            Some(path) => Self::Credential(path),
            None => Self::File(folder.keys().join(FILE)),
        }
    }

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> MasterKind {
        match self {
            Self::Credential(_) => MasterKind::Credential,
            Self::File(_) => MasterKind::File,
            Self::Passphrase(_) => MasterKind::Passphrase,
        }
    }

    /// Reads the key; `first` says that no key was ever wrapped, so that a file may be made.
    pub(crate) fn read(&self, stretch: &Stretch, first: bool) -> Result<Key> {
        match self {
            Self::Credential(path) => read_credential(path),
            Self::File(path) => {
                if first && !path.exists() {
                    let key = entropy::secret::<32>()?;
                    let text = Zeroizing::new(hex(key.as_slice()) + "\n");
                    files::write_new(path, text.as_bytes())?;
                    return Ok(key);
                }
                read_file(path)
            }
            Self::Passphrase(words) => stretch.derive(words),
        }
    }
}

/// A missing key is told as such: the way out is another than for a missing folder.
fn missing(path: &Path) -> impl Fn(StoreError) -> StoreError + '_ {
    move |error| match error.kind() {
        StoreCode::NotFound => StoreError::at(StoreCode::MasterKeyMissing, path),
        _ => error,
    }
}

/// The credential is whatever the operator encrypted: its digest is the key, so that 32 raw bytes
/// and a line of base64 serve alike. Fewer than 32 bytes cannot hold 256 bits.
fn read_credential(path: &Path) -> Result<Key> {
    let bytes = files::read_bounded(path, 4096, StoreCode::MasterKeyMalformed)
        .map(Zeroizing::new)
        .map_err(missing(path))?;
    if bytes.len() < 32 {
        return Err(StoreError::at(StoreCode::MasterKeyMalformed, path));
    }
    let mut hash = <sha2::Sha256 as sha2::Digest>::new();
    sha2::Digest::update(&mut hash, b"sekisho/master/1");
    sha2::Digest::update(&mut hash, bytes.as_slice());
    Ok(Zeroizing::new(sha2::Digest::finalize(hash).into()))
}

/// The file holds 64 hexadecimal digits: easy to print, to type and to keep in a safe.
fn read_file(path: &Path) -> Result<Key> {
    let text = files::read_bounded(path, 256, StoreCode::MasterKeyMalformed)
        .map(Zeroizing::new)
        .map_err(missing(path))?;
    files::require_private(path)?;
    unhex(text.trim_ascii()).ok_or_else(|| StoreError::at(StoreCode::MasterKeyMalformed, path))
}

/// How a passphrase is stretched; stored beside the wrapped keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stretch {
    /// Salt, hexadecimal.
    salt: String,
    /// Memory in KiB.
    memory: u32,
    /// Passes over the memory.
    passes: u32,
}

impl Stretch {
    /// A fresh salt; 64 MiB and 3 passes, the second recommendation of RFC 9106, one lane.
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self {
            salt: hex(&entropy::bytes::<16>()?),
            memory: 64 * 1024,
            passes: 3,
        })
    }

    /// The 256-bit key of `words`.
    fn derive(&self, words: &Passphrase) -> Result<Key> {
        let malformed = || StoreError::refused(StoreCode::BadValue, "keys/system.json");
        let salt = unhex_vec(self.salt.as_bytes()).ok_or_else(malformed)?;
        // A stored figure is bounded, so that a changed file cannot take all memory.
        if self.memory > 1024 * 1024 || self.passes > 16 {
            return Err(malformed());
        }
        let params = Params::new(self.memory, self.passes, 1, Some(32)).map_err(|_| malformed())?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(words.0.as_bytes(), &salt, key.as_mut_slice())
            .map_err(|_| malformed())?;
        Ok(key)
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Hexadecimal of any even length.
pub(crate) fn unhex_vec(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16);
    text.chunks_exact(2)
        .map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok())
        .collect()
}

/// 64 hexadecimal digits.
pub(crate) fn unhex(text: &[u8]) -> Option<Key> {
    let bytes = Zeroizing::new(unhex_vec(text)?);
    let key: &[u8; 32] = bytes.as_slice().try_into().ok()?;
    Some(Zeroizing::new(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_round_trips_and_refuses_the_rest() {
        assert_eq!(
            unhex(hex(&[0xab; 32]).as_bytes()).unwrap().as_slice(),
            [0xab; 32]
        );
        for bad in [
            "",
            "ab",
            "zz",
            &"a".repeat(63),
            &"g".repeat(64),
            &"a".repeat(66),
        ] {
            assert!(unhex(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_passphrase_gives_the_same_key_only_under_the_same_salt() {
        let words = Passphrase::new("correct horse battery".to_owned()).unwrap();
        let stretch = Stretch::fresh().unwrap();
        let small = Stretch {
            memory: 64,
            passes: 1,
            ..stretch
        };
        let other = Stretch {
            salt: hex(&[9; 16]),
            ..small.clone()
        };
        assert_eq!(small.derive(&words).unwrap(), small.derive(&words).unwrap());
        assert_ne!(small.derive(&words).unwrap(), other.derive(&words).unwrap());
        let greedy = Stretch {
            memory: u32::MAX,
            ..small
        };
        assert_eq!(greedy.derive(&words).unwrap_err().code(), "bad-value");
        assert_eq!(format!("{words:?}"), "Passphrase(…)");
        assert_eq!(
            Passphrase::new("short".to_owned()).unwrap_err().code(),
            "bad-input"
        );
    }
}
