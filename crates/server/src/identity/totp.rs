//! One-time codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds).

use sekisho_store::{StoreError, entropy};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Length of a secret in bytes: that of the hash (RFC 4226, section 4, R6).
pub const SECRET_BYTES: usize = 20;

/// A secret shared with an app. Wiped when dropped; `Debug` shows nothing.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret")
    }
}

impl TotpSecret {
    /// A fresh secret.
    ///
    /// # Errors
    /// `no-entropy`.
    pub fn fresh() -> Result<Self, StoreError> {
        entropy::secret().map(Self)
    }

    /// The secret of stored bytes; none when they have another length.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new()
            .with_secret(Secret::from(*self.0))
            .with_skew(1)
            .build()
            .ok()
    }

    /// The time step of a code that is right at `seconds` since the epoch, one step of drift
    /// either way; none for any other code. The caller uses the step up, so that no code passes
    /// twice.
    #[must_use]
    pub fn step_of(&self, code: &str, seconds: u64) -> Option<i64> {
        let code = code.trim();
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.totp()?
            .check(code, seconds)
            .and_then(|step| i64::try_from(step).ok())
    }

    /// The code at a moment: what an app would show.
    #[must_use]
    pub fn code_at(&self, seconds: u64) -> Option<String> {
        Some(self.totp()?.generate(seconds).to_string())
    }

    /// The secret in base32 (RFC 4648) without padding, to be typed.
    #[must_use]
    pub fn base32(&self) -> String {
        Secret::from(*self.0).to_base32()
    }

    /// The `otpauth:` address that apps read from a QR code.
    #[must_use]
    pub fn uri(&self, issuer: &str, login: &str) -> String {
        let encode = crate::console::layout::percent_encode;
        let (issuer, login) = (encode(issuer), encode(login));
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}\
             &algorithm=SHA1&digits=6&period=30"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 6238, appendix B, in the six last digits.
    const RFC: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret::from_bytes(RFC).unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code_at(seconds).unwrap(), code);
            assert_eq!(
                secret.step_of(code, seconds),
                Some(i64::try_from(seconds / 30).unwrap())
            );
        }
    }

    #[test]
    fn one_step_of_drift_and_no_more() {
        let secret = TotpSecret::from_bytes(RFC).unwrap();
        let at = 1_111_111_109;
        for (offset, passes) in [(-60_i64, false), (-30, true), (30, true), (60, false)] {
            let seconds = u64::try_from(at + offset).unwrap();
            assert_eq!(
                secret.step_of("081804", seconds).is_some(),
                passes,
                "{offset}"
            );
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        let secret = TotpSecret::from_bytes(RFC).unwrap();
        for wrong in ["", "28708", "2870822", "28708a", "２８７０８２", "-87082"] {
            assert_eq!(secret.step_of(wrong, 59), None, "{wrong}");
        }
    }
}
