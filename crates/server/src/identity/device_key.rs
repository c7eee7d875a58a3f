//! Signatures of devices: ECDSA over P-256 with SHA-256, in the fixed 64-byte form.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sekisho_domain::device::DeviceKey;

/// Length of a signature in base64url without padding.
const SIGNATURE_CHARS: usize = 86;

/// Reads a device's public key and makes sure that it is a point on the curve.
#[must_use]
pub fn parse_key(text: &str) -> Option<DeviceKey> {
    let key = DeviceKey::try_from(text.to_owned()).ok()?;
    verifying(&key)?;
    Some(key)
}

fn verifying(key: &DeviceKey) -> Option<VerifyingKey> {
    let mut point = [0; 33];
    let point = Base64UrlUnpadded::decode(key.as_str(), &mut point).ok()?;
    let known = VerifyingKey::from_sec1_bytes(point).ok()?;
    // SEC1 also has a compact form of this length: one point must not pass for two keys.
    (known.to_sec1_point(true).as_bytes() == point).then_some(known)
}

/// The key's uncompressed point (SEC1, 65 bytes), as certificates hold it.
#[must_use]
pub fn uncompressed(key: &DeviceKey) -> Option<Vec<u8>> {
    Some(verifying(key)?.to_sec1_point(false).as_bytes().to_vec())
}

/// The key of an uncompressed point, as a certificate holds it; none for every other form.
#[must_use]
pub fn of_uncompressed(point: &[u8]) -> Option<DeviceKey> {
    if point.len() != 65 || point[0] != 4 {
        return None;
    }
    let known = VerifyingKey::from_sec1_bytes(point).ok()?;
    let text = Base64UrlUnpadded::encode_string(known.to_sec1_point(true).as_bytes());
    DeviceKey::try_from(text).ok()
}

/// Whether `signature` (base64url) is the key's over `message`.
#[must_use]
pub fn verify(key: &DeviceKey, message: &[u8], signature: &str) -> bool {
    if signature.len() != SIGNATURE_CHARS {
        return false;
    }
    let mut bytes = [0; 64];
    let Ok(bytes) = Base64UrlUnpadded::decode(signature, &mut bytes) else {
        return false;
    };
    let Ok(signature) = Signature::from_slice(bytes) else {
        return false;
    };
    verifying(key).is_some_and(|key| key.verify(message, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::Signer;

    fn pair(seed: u8) -> (SigningKey, DeviceKey) {
        let signing = SigningKey::from_slice(&[seed; 32]).unwrap();
        let point = signing.verifying_key().to_sec1_point(true);
        let text = Base64UrlUnpadded::encode_string(point.as_bytes());
        (signing, parse_key(&text).unwrap())
    }

    fn sign(key: &SigningKey, message: &[u8]) -> String {
        let signature: Signature = key.sign(message);
        Base64UrlUnpadded::encode_string(&signature.to_bytes())
    }

    #[test]
    fn only_the_keys_own_signature_passes() {
        let (signing, key) = pair(7);
        let (other, _) = pair(8);
        let good = sign(&signing, b"report");
        assert!(verify(&key, b"report", &good));
        assert!(!verify(&key, b"reporT", &good));
        assert!(!verify(&key, b"report", &sign(&other, b"report")));
        for wrong in ["", "AAAA", &"A".repeat(86), &good[1..], &format!("{good}A")] {
            assert!(!verify(&key, b"report", wrong), "{wrong}");
        }
    }

    #[test]
    fn a_key_off_the_curve_is_no_key() {
        let (_, key) = pair(7);
        assert!(parse_key(key.as_str()).is_some());
        // An x coordinate above the field's prime, and a wrong tag byte.
        let beyond = Base64UrlUnpadded::encode_string(&[&[2_u8][..], &[0xff; 32]].concat());
        // The same point in SEC1's compact form.
        let mut compact = Base64UrlUnpadded::decode_vec(key.as_str()).unwrap();
        compact[0] = 5;
        let compact = Base64UrlUnpadded::encode_string(&compact);
        for wrong in [beyond.as_str(), compact.as_str(), "", "!"] {
            assert!(parse_key(wrong).is_none(), "{wrong}");
        }
    }
}
