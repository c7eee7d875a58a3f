//! The one place where random bytes enter.
//!
//! Everything random (keys, nonces, tokens, ids, salts) is taken here from the operating system,
//! so that the pure rooms can take it as an argument and a reader has one file to check.

use zeroize::Zeroizing;

use crate::error::{Result, StoreCode, StoreError};

/// Fills `bytes` from the operating system.
///
/// # Errors
/// `no-entropy` when the operating system gives none.
pub fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|_| StoreError::refused(StoreCode::NoEntropy, "operating system"))
}

/// `N` public random bytes: a nonce, a salt or an id.
///
/// # Errors
/// `no-entropy`.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    fill(&mut out)?;
    Ok(out)
}

/// `N` secret random bytes, wiped when dropped.
///
/// # Errors
/// `no-entropy`.
pub fn secret<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut out = Zeroizing::new([0; N]);
    fill(out.as_mut_slice())?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_draws_differ() {
        assert_ne!(super::bytes::<16>().unwrap(), super::bytes::<16>().unwrap());
    }
}
