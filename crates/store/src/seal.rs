//! Authenticated encryption (XChaCha20-Poly1305) with bound context.
//!
//! Nonces are 24 random bytes, which is what makes random nonces safe for any number of messages
//! (draft-irtf-cfrg-xchacha). The context is length-prefixed, so that no two contexts collide.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::entropy;
use crate::error::{Result, StoreCode, StoreError};

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 24;

/// A 256-bit secret, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// Joins the parts of a context unambiguously.
pub(crate) fn context(parts: &[&str]) -> Vec<u8> {
    let mut out = b"sekisho/seal/1".to_vec();
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

/// Encrypts under a fresh nonce.
pub(crate) fn seal(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Result<([u8; NONCE], Vec<u8>)> {
    let nonce = entropy::bytes::<NONCE>()?;
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| StoreError::refused(StoreCode::BadInput, "plaintext too long"))?;
    Ok((nonce, sealed))
}

/// Decrypts; `None` when key, context or bytes are not those of the sealing.
pub(crate) fn open(
    key: &[u8; 32],
    aad: &[u8],
    nonce: &[u8; NONCE],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let plain = cipher
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad })
        .ok()?;
    Some(Zeroizing::new(plain))
}

/// [`seal`] as one run of bytes: nonce, then ciphertext.
pub(crate) fn wrap(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let (nonce, sealed) = seal(key, aad, plain)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// The reverse of [`wrap`].
pub(crate) fn unwrap(key: &[u8; 32], aad: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = wrapped.split_first_chunk::<NONCE>()?;
    open(key, aad, nonce, sealed)
}

/// The reverse of [`wrap`] for a 256-bit key.
pub(crate) fn unwrap_key(key: &[u8; 32], aad: &[u8], wrapped: &[u8]) -> Option<Key> {
    let plain = unwrap(key, aad, wrapped)?;
    let bytes: &[u8; 32] = plain.as_slice().try_into().ok()?;
    Some(Zeroizing::new(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_context_and_bytes_open() {
        let (key, other) = ([1; 32], [2; 32]);
        let aad = context(&["a", "bc"]);
        let wrapped = wrap(&key, &aad, b"secret").unwrap();
        assert_eq!(unwrap(&key, &aad, &wrapped).unwrap().as_slice(), b"secret");
        assert!(unwrap(&other, &aad, &wrapped).is_none());
        assert!(unwrap(&key, &context(&["ab", "c"]), &wrapped).is_none());
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(unwrap(&key, &aad, &changed).is_none(), "byte {at}");
            assert!(unwrap(&key, &aad, &wrapped[..at]).is_none(), "cut at {at}");
        }
    }
}
