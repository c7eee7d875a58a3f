//! The device's identity: a P-256 key made on the device, the id granted for it, and the counter
//! of signed requests.
//!
//! The key is kept in a file that only its owner reads. Keeping it in a TPM is not built yet; the
//! signature's form is the same, so that it can be without changing the server.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_uplink::ServerUrl;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::AgentError;
use crate::state::StateDir;

/// File with the device's key (PEM, PKCS #8), in the state folder.
pub const KEY: &str = "device.key.pem";
const ENROLMENT: &str = "enrolment.json";
const SEQUENCE: &str = "sequence";

/// The device's own key.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// Makes a key of the operating system's randomness.
    ///
    /// # Errors
    /// [`AgentError::NoRandomness`].
    pub fn generate() -> Result<Self, AgentError> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        loop {
            getrandom::fill(secret.as_mut()).map_err(|_| AgentError::NoRandomness)?;
            // One in 2^32 of all 32-byte strings is no valid scalar.
            if let Ok(key) = SigningKey::from_slice(secret.as_ref()) {
                return Ok(Self(key));
            }
        }
    }

    /// The key of a state folder, made now when there is none.
    ///
    /// # Errors
    /// [`AgentError::KeyExposed`], [`AgentError::StateDamaged`], [`AgentError::StateFile`].
    pub fn load_or_make(state: &StateDir) -> Result<Self, AgentError> {
        if let Some(key) = Self::load(state)? {
            return Ok(key);
        }
        let key = Self::generate()?;
        let pem = key
            .0
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| state.damaged(KEY))?;
        state.write(KEY, pem.as_bytes())?;
        Ok(key)
    }

    /// The key of a state folder; none when none was made yet.
    ///
    /// # Errors
    /// As [`DeviceKey::load_or_make`].
    pub fn load(state: &StateDir) -> Result<Option<Self>, AgentError> {
        let Some(pem) = state.read(KEY)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&pem).map_err(|_| state.damaged(KEY))?;
        let key = SigningKey::from_pkcs8_pem(text).map_err(|_| state.damaged(KEY))?;
        Ok(Some(Self(key)))
    }

    /// The public key: base64url of the SEC1 compressed point (33 bytes).
    #[must_use]
    pub fn public_key(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(true);
        Base64UrlUnpadded::encode_string(point.as_bytes())
    }

    /// The private key (PKCS #8, PEM), for TLS.
    pub(crate) fn private_key(&self) -> Option<Zeroizing<String>> {
        self.0.to_pkcs8_pem(LineEnding::LF).ok()
    }

    /// Signs: base64url of the fixed 64-byte form of ECDSA over SHA-256.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        let signature: Signature = self.0.sign(message);
        Base64UrlUnpadded::encode_string(&signature.to_bytes())
    }
}

/// What enrolment granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The server that granted it.
    pub server: ServerUrl,
    /// The device's id there.
    pub device: DeviceId,
    /// Seconds between reports that the server wishes.
    pub report_every_seconds: u32,
}

impl Enrolment {
    /// The enrolment of a state folder; none when the device is not enrolled.
    ///
    /// # Errors
    /// [`AgentError::StateDamaged`], [`AgentError::StateFile`].
    pub fn load(state: &StateDir) -> Result<Option<Self>, AgentError> {
        let bytes = state.read(ENROLMENT)?;
        bytes
            .map(|bytes| serde_json::from_slice(&bytes).map_err(|_| state.damaged(ENROLMENT)))
            .transpose()
    }

    pub(crate) fn save(&self, state: &StateDir) -> Result<(), AgentError> {
        let bytes = serde_json::to_vec(self).map_err(|_| state.damaged(ENROLMENT))?;
        state.write(ENROLMENT, &bytes)
    }
}

/// The next sequence number, stored before it is used: a number is never used twice, not even
/// after a crash.
///
/// It is the time in milliseconds unless that is not larger than the last one. So it also
/// continues upwards when the folder is restored from an older copy or the file is lost.
///
/// # Errors
/// [`AgentError::StateDamaged`], [`AgentError::StateFile`].
pub fn next_sequence(state: &StateDir, now: Timestamp) -> Result<u64, AgentError> {
    let last = match state.read(SEQUENCE)? {
        None => 0,
        Some(bytes) => std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim().parse::<u64>().ok())
            .ok_or_else(|| state.damaged(SEQUENCE))?,
    };
    let time = u64::try_from(now.as_millis()).unwrap_or(0);
    let next = time.max(last + 1);
    state.write(SEQUENCE, format!("{next}\n").as_bytes())?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;

    use super::*;

    #[test]
    fn a_key_is_kept_private_and_signs_verifiably() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(&folder.path().join("agent")).unwrap();
        let key = DeviceKey::load_or_make(&state).unwrap();
        assert_eq!(
            DeviceKey::load_or_make(&state).unwrap().public_key(),
            key.public_key()
        );
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(state.file(KEY)), 0o600);
        assert_eq!(mode(folder.path().join("agent")), 0o700);

        let point = Base64UrlUnpadded::decode_vec(&key.public_key()).unwrap();
        assert_eq!(point.len(), 33);
        let verifier = VerifyingKey::from_sec1_bytes(&point).unwrap();
        let bytes = Base64UrlUnpadded::decode_vec(&key.sign(b"report")).unwrap();
        let signature = Signature::from_slice(&bytes).unwrap();
        assert!(verifier.verify(b"report", &signature).is_ok());
        assert!(verifier.verify(b"repost", &signature).is_err());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(folder.path()).unwrap();
        DeviceKey::load_or_make(&state).unwrap();
        let open = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(state.file(KEY), open).unwrap();
        let error = DeviceKey::load(&state).err().unwrap();
        assert_eq!(error.code(), "agent.state.key_exposed");
    }

    #[test]
    fn sequence_numbers_only_grow() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(folder.path()).unwrap();
        let at = Timestamp::from_millis;
        assert_eq!(next_sequence(&state, at(5000)).unwrap(), 5000);
        assert_eq!(next_sequence(&state, at(5000)).unwrap(), 5001);
        // The clock was set back.
        assert_eq!(next_sequence(&state, at(10)).unwrap(), 5002);
        assert_eq!(next_sequence(&state, at(-10)).unwrap(), 5003);
        std::fs::write(state.file(SEQUENCE), "x").unwrap();
        assert_eq!(
            next_sequence(&state, at(10)).unwrap_err().code(),
            "agent.state.damaged"
        );
    }

    #[test]
    fn one_folder_serves_one_agent() {
        let folder = tempfile::tempdir().unwrap();
        let first = StateDir::open(folder.path()).unwrap();
        let second = StateDir::open(folder.path()).unwrap_err();
        assert_eq!(second.code(), "agent.state.in_use");
        drop(first);
        assert!(StateDir::open(folder.path()).is_ok());
    }
}
