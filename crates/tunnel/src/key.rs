//! Key pairs of WireGuard: points and scalars of Curve25519 (RFC 7748). The private key is made
//! here, is kept in a private file, and is wiped from memory when it is dropped.

use std::fmt;
use std::path::Path;

use base64ct::{Base64, Encoding};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use crate::error::TunnelError;
use crate::private_file;

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64::encode_string(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A private key. It has no text of its own: it leaves only for its file and for the interface.
pub struct PrivateKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(of {})", self.public())
    }
}

impl PrivateKey {
    /// Makes a key of the operating system's randomness.
    ///
    /// # Errors
    /// [`TunnelError::NoRandomness`].
    pub fn generate() -> Result<Self, TunnelError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| TunnelError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// The key of a private file; none when there is none.
    ///
    /// # Errors
    /// [`TunnelError::FileExposed`], [`TunnelError::FileDamaged`], [`TunnelError::File`].
    pub fn load(path: &Path) -> Result<Option<Self>, TunnelError> {
        let Some(text) = private_file::read(path)? else {
            return Ok(None);
        };
        let damaged = || TunnelError::FileDamaged {
            path: path.to_path_buf(),
        };
        let mut bytes = Zeroizing::new([0; 32]);
        let text = text.trim_ascii();
        let read = Base64::decode(text, bytes.as_mut()).map_err(|_| damaged())?;
        if read.len() != 32 {
            return Err(damaged());
        }
        Ok(Some(Self(bytes)))
    }

    /// The key of a private file, made now when there is none.
    ///
    /// # Errors
    /// As [`PrivateKey::load`], and [`TunnelError::NoRandomness`].
    pub fn load_or_make(path: &Path) -> Result<Self, TunnelError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        let key = Self::generate()?;
        let text = key.base64();
        private_file::write(path, text.as_bytes())?;
        Ok(key)
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let secret = StaticSecret::from(*self.0);
        PublicKey(x25519_dalek::PublicKey::from(&secret).to_bytes())
    }

    /// The text that file and interface take.
    pub(crate) fn base64(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64::encode_string(self.0.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_the_same_in_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wireguard.key");
        assert!(PrivateKey::load(&path).unwrap().is_none());
        let key = PrivateKey::load_or_make(&path).unwrap();
        let again = PrivateKey::load_or_make(&path).unwrap();
        assert_eq!(again.public(), key.public());
        assert_ne!(PrivateKey::generate().unwrap().public(), key.public());
        assert!(!format!("{key:?}").contains(key.base64().as_str()));
        private_file::write(&path, b"AAAA").unwrap();
        let error = PrivateKey::load_or_make(&path).unwrap_err();
        assert_eq!(error.code(), "tunnel.file_damaged");
    }
}
