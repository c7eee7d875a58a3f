//! The answer to the challenge TLS-ALPN-01 (RFC 8737): a certificate of our own making that bears what
//! the authority gave us, shown to nobody but who asks by that protocol, and for as long as the order.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::error::AcmeError;

/// What a client offers that comes for the challenge, and nothing beside it (RFC 8737, 3).
pub(crate) const ACME_TLS: &[u8] = b"acme-tls/1";

/// The answers that are ready, by the name that is asked for.
#[derive(Debug, Default)]
pub(crate) struct Challenges(Mutex<BTreeMap<String, Arc<CertifiedKey>>>);

/// Takes an answer away again when the order is over, however it ends.
pub(super) struct Ready<'a> {
    challenges: &'a Challenges,
    asked_as: String,
}

impl Drop for Ready<'_> {
    fn drop(&mut self) {
        let ready = self.challenges.0.lock();
        let mut ready = ready.unwrap_or_else(PoisonError::into_inner);
        ready.remove(&self.asked_as);
    }
}

impl Challenges {
    /// Gets the answer for a name ready. `digest` is the SHA-256 of the key authorization.
    pub(super) fn ready(&self, name: &str, digest: &[u8]) -> Result<Ready<'_>, AcmeError> {
        let asked_as = asked_as(name);
        let answer = Arc::new(answer(name, digest)?);
        let ready = self.0.lock();
        let mut ready = ready.unwrap_or_else(PoisonError::into_inner);
        ready.insert(asked_as.clone(), answer);
        Ok(Ready {
            challenges: self,
            asked_as,
        })
    }

    fn answer_to(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ready.get(&name.to_ascii_lowercase()).cloned()
    }
}

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Without a certificate of the server's own every other client comes by here too.
        is_for_challenge(&hello).then_some(())?;
        self.answer_to(hello.server_name()?)
    }
}

/// Whether a client comes for the challenge: it offers that one protocol.
pub(crate) fn is_for_challenge(hello: &ClientHello<'_>) -> bool {
    let offered = hello.alpn().map(|all| all.collect::<Vec<_>>());
    offered.is_some_and(|all| all == [ACME_TLS])
}

/// How the authority asks for a name: an address by its name in the reverse zone (RFC 8738, 6).
fn asked_as(name: &str) -> String {
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        Ok(IpAddr::V6(address)) => {
            let nibbles = address.octets().into_iter().rev();
            let nibbles = nibbles.flat_map(|byte| [byte & 0x0f, byte >> 4]);
            let labels: String = nibbles.map(|nibble| format!("{nibble:x}.")).collect();
            format!("{labels}ip6.arpa")
        }
        Err(_) => name.to_ascii_lowercase(),
    }
}

fn answer(name: &str, digest: &[u8]) -> Result<CertifiedKey, AcmeError> {
    let made = |error: rcgen::Error| AcmeError::Made(error.to_string());
    if digest.len() != 32 {
        return Err(AcmeError::Made("digest".to_owned()));
    }
    let mut params = CertificateParams::new([name.to_owned()]).map_err(made)?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().map_err(made)?;
    let certificate = params.self_signed(&key).map_err(made)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = any_supported_type(&key).map_err(|error| AcmeError::Made(error.to_string()))?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_there_for_its_name_and_its_time_only() {
        let challenges = Challenges::default();
        let ready = challenges.ready("Sekisho.example.go.jp", &[7; 32]).unwrap();
        assert!(challenges.answer_to("sekisho.EXAMPLE.go.jp").is_some());
        assert!(challenges.answer_to("other.example.go.jp").is_none());
        drop(ready);
        assert!(challenges.answer_to("sekisho.example.go.jp").is_none());
        assert!(challenges.ready("sekisho.example.go.jp", &[7; 31]).is_err());
    }

    #[test]
    fn addresses_are_asked_for_by_their_reverse_names() {
        assert_eq!(asked_as("192.0.2.7"), "7.2.0.192.in-addr.arpa");
        let six = asked_as("2001:db8::1");
        assert!(six.starts_with("1.0.0.0."), "{six}");
        assert!(six.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"), "{six}");
        assert_eq!(six.split('.').count(), 34);
    }
}
