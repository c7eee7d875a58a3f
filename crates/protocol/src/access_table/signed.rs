//! The signed form: a line with version and signature (base64url), then the canonical JSON.
//!
//! The signature is Ed25519 (RFC 8032) over [`DOMAIN`] and the JSON, so that what the key signs
//! elsewhere never reads as a table.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::{TABLE_MAX, TableContent, TableError, check};

/// What stands before the JSON when it is signed.
const DOMAIN: &[u8] = b"sekisho-access-table-v1\n";
/// The beginning of the first line.
const HEAD: &[u8] = b"sekisho-access-table-v1 ";
/// Characters of 64 bytes in base64url.
const SIGNATURE_CHARS: usize = 86;
/// What stands before the JSON of a signed table, in bytes: version, signature and the end of the line.
pub const SIGNATURE_BYTES: usize = HEAD.len() + SIGNATURE_CHARS + 1;

fn input(json: &[u8]) -> Vec<u8> {
    [DOMAIN, json].concat()
}

/// The server's end: signs tables.
pub struct TableSigner(SigningKey);

impl TableSigner {
    /// The signer of a 32-byte seed, which the server keeps.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What gateways verify with, to be handed out at enrolment.
    #[must_use]
    pub fn verifier(&self) -> TableVerifier {
        TableVerifier(self.0.verifying_key())
    }

    /// Checks a table and signs it.
    ///
    /// # Errors
    /// [`TableError`]: a table that no gateway would take is not signed.
    pub fn sign(&self, content: &TableContent) -> Result<Vec<u8>, TableError> {
        check(content)?;
        let json = serde_json::to_vec(content).map_err(|_| TableError::Json)?;
        let signature = self.0.sign(&input(&json)).to_bytes();
        let signature = Base64UrlUnpadded::encode_string(&signature);
        let signed = [HEAD, signature.as_bytes(), b"\n", &json].concat();
        if signed.len() > TABLE_MAX {
            return Err(TableError::TooLarge {
                bytes: signed.len(),
            });
        }
        Ok(signed)
    }
}

/// The gateway's end: the server's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableVerifier(VerifyingKey);

impl TableVerifier {
    /// Reads the base64url of a key (32 bytes).
    ///
    /// # Errors
    /// [`TableError::VerifierKey`].
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let mut bytes = [0; 32];
        let read = Base64UrlUnpadded::decode(text, &mut bytes);
        if read.map_or(0, <[u8]>::len) != 32 {
            return Err(TableError::VerifierKey);
        }
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| TableError::VerifierKey)?;
        // With a key of small order anybody's signature would hold.
        if key.is_weak() {
            return Err(TableError::VerifierKey);
        }
        Ok(Self(key))
    }

    /// The JSON of a signed table, once the signature holds.
    pub(super) fn open<'a>(&self, signed: &'a [u8]) -> Result<&'a [u8], TableError> {
        if signed.len() > TABLE_MAX {
            return Err(TableError::TooLarge {
                bytes: signed.len(),
            });
        }
        let rest = signed.strip_prefix(HEAD).ok_or(TableError::Form)?;
        let (text, rest) = rest
            .split_at_checked(SIGNATURE_CHARS)
            .ok_or(TableError::Form)?;
        let json = rest.strip_prefix(b"\n").ok_or(TableError::Form)?;
        let mut bytes = [0; 64];
        let read = Base64UrlUnpadded::decode(text, &mut bytes);
        if read.map_or(0, <[u8]>::len) != bytes.len() {
            return Err(TableError::Form);
        }
        self.0
            .verify_strict(&input(json), &Signature::from_bytes(&bytes))
            .map_err(|_| TableError::Signature)?;
        Ok(json)
    }
}

impl core::fmt::Display for TableVerifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&Base64UrlUnpadded::encode_string(self.0.as_bytes()))
    }
}
