//! The key with which a machine signs its requests: ECDSA over P-256 with SHA-256 (FIPS 186-5).

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 key")]
pub struct RequestKeyError;

/// A private key. Its bytes are wiped when it is dropped.
pub struct RequestKey(SigningKey);

impl RequestKey {
    /// The key of 32 random bytes from the edge.
    ///
    /// # Errors
    /// [`RequestKeyError`] for the one string in 2^32 that is no scalar of the curve: ask again
    /// with others.
    pub fn from_random(bytes: &[u8; 32]) -> Result<Self, RequestKeyError> {
        SigningKey::from_slice(bytes)
            .map(Self)
            .map_err(|_| RequestKeyError)
    }

    /// Reads PKCS #8 in PEM.
    ///
    /// # Errors
    /// [`RequestKeyError`].
    pub fn from_pem(text: &str) -> Result<Self, RequestKeyError> {
        SigningKey::from_pkcs8_pem(text)
            .map(Self)
            .map_err(|_| RequestKeyError)
    }

    /// Hands out PKCS #8 in PEM, for a private file and for nothing else. The text that is lent
    /// is wiped afterwards.
    ///
    /// # Errors
    /// [`RequestKeyError`].
    pub fn with_pem<T>(&self, keep: impl FnOnce(&str) -> T) -> Result<T, RequestKeyError> {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF);
        pem.map(|pem| keep(&pem)).map_err(|_| RequestKeyError)
    }

    /// The public key: base64url of the SEC1 compressed point (33 bytes).
    #[must_use]
    pub fn public_key(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(true);
        Base64UrlUnpadded::encode_string(point.as_bytes())
    }

    /// Signs: base64url of the fixed 64-byte form.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        let signature: Signature = self.0.sign(message);
        Base64UrlUnpadded::encode_string(&signature.to_bytes())
    }
}

/// Whether a signature of [`RequestKey::sign`] was made over a message with the private half of
/// a key of [`RequestKey::public_key`].
#[must_use]
pub fn verifies(public_key: &str, message: &[u8], signature: &str) -> bool {
    let verify = || {
        let point = Base64UrlUnpadded::decode_vec(public_key).ok()?;
        let key = VerifyingKey::from_sec1_bytes(&point).ok()?;
        let bytes = Base64UrlUnpadded::decode_vec(signature).ok()?;
        let signature = Signature::from_slice(&bytes).ok()?;
        key.verify(message, &signature).ok()
    };
    verify().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let key = RequestKey::from_random(&[9; 32]).unwrap();
        let other = RequestKey::from_random(&[8; 32]).unwrap();
        let signature = key.sign(b"report");
        assert!(verifies(&key.public_key(), b"report", &signature));
        assert!(!verifies(&key.public_key(), b"repost", &signature));
        assert!(!verifies(&other.public_key(), b"report", &signature));
        assert!(!verifies("", b"report", &signature));
        assert!(!verifies(&key.public_key(), b"report", ""));
        let again = key.with_pem(RequestKey::from_pem).unwrap().unwrap();
        assert_eq!(again.public_key(), key.public_key());
        assert!(RequestKey::from_random(&[0; 32]).is_err());
        assert!(RequestKey::from_pem("").is_err());
    }
}
