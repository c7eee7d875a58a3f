//! The secrets by which switches know this server, one for each network of switches.

use core::net::Ipv4Addr;
use std::sync::Arc;

use sekisho_domain::net::Network;
use zeroize::Zeroizing;

/// Most bytes of such a file.
pub const SECRETS_MAX: u64 = 64 * 1024;
/// Shortest secret, in bytes (RFC 2865, 3, asks for one that cannot be guessed).
const SHORTEST: usize = 16;

/// The secrets. `Debug` shows none.
#[derive(Clone, Default)]
pub struct SwitchSecrets(Arc<Vec<(Network, Zeroizing<String>)>>);

impl std::fmt::Debug for SwitchSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(network, _)| network))
            .finish()
    }
}

/// A line that is not `network secret`, or whose secret is too short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0}")]
pub struct SecretsError(pub usize);

impl SwitchSecrets {
    /// Reads lines of an address or network and a secret; `#` begins a comment.
    ///
    /// # Errors
    /// [`SecretsError`] with the number of the line.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let mut all = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = SecretsError(at + 1);
            let (network, secret) = line.split_once(char::is_whitespace).ok_or(wrong)?;
            let secret = secret.trim();
            if secret.len() < SHORTEST {
                return Err(wrong);
            }
            let network = network.parse().map_err(|_| wrong)?;
            all.push((network, Zeroizing::new(secret.to_owned())));
        }
        Ok(Self(Arc::new(all)))
    }

    /// The secret of a switch: that of the narrowest network that it is in.
    #[must_use]
    pub(super) fn of(&self, switch: Ipv4Addr) -> Option<&[u8]> {
        let holding = self
            .0
            .iter()
            .filter(|(network, _)| network.contains(switch));
        let narrowest = holding.max_by_key(|(network, _)| network.prefix());
        narrowest.map(|(_, secret)| secret.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_by_the_narrowest_network_and_never_shown() {
        let text = "# switches\n10.20.0.0/16 0123456789abcdef\n\n10.20.0.2 fedcba9876543210\n";
        let secrets = SwitchSecrets::parse(text).unwrap();
        let of = |text: &str| secrets.of(text.parse().unwrap());
        assert_eq!(of("10.20.0.2"), Some(b"fedcba9876543210".as_slice()));
        assert_eq!(of("10.20.0.3"), Some(b"0123456789abcdef".as_slice()));
        assert_eq!(of("10.21.0.3"), None);
        assert!(!format!("{secrets:?}").contains("abcdef"));
        for (text, line) in [
            ("10.20.0.2", 1),
            ("#\n10.20.0.2 short", 2),
            ("x 0123456789abcdef", 1),
        ] {
            assert_eq!(SwitchSecrets::parse(text).unwrap_err(), SecretsError(line));
        }
    }
}
