//! By which authorities a server is known.
//!
//! A server with an authority of its own hands its certificates over at enrolment; from then on
//! these count and no others. At the first contact a fingerprint, which came with the one-time
//! secret, or a file says whom to trust; without either the authorities of this machine do.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use sha2::{Digest, Sha256};

use crate::error::UplinkError;
use crate::server_url::ServerUrl;

/// Most authorities that are kept: one, and those before it.
const AUTHORITIES_MAX: usize = 16;
/// How long the first contact may wait for each step.
const LIMIT: Duration = Duration::from_secs(10);

/// Whom to trust at the first contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstTrust {
    /// The authorities of this machine.
    Machine,
    /// The authority whose certificate has this SHA-256.
    Fingerprint([u8; 32]),
    /// The authorities of a file (PEM).
    Authorities(String),
}

impl FirstTrust {
    /// Reads a fingerprint: 64 hex digits, with or without colons between the bytes.
    ///
    /// # Errors
    /// [`UplinkError::Fingerprint`].
    pub fn fingerprint(text: &str) -> Result<Self, UplinkError> {
        let digits: Vec<u8> = text.trim().bytes().filter(|byte| *byte != b':').collect();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return Err(UplinkError::Fingerprint);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| UplinkError::Fingerprint)?;
            // A sign would be taken for a digit.
            let digits = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            let read = u8::from_str_radix(pair, 16).ok().filter(|_| digits);
            *byte = read.ok_or(UplinkError::Fingerprint)?;
        }
        Ok(Self::Fingerprint(bytes))
    }

    /// What to trust from here on.
    ///
    /// # Errors
    /// [`UplinkError::Untrusted`] where the server has no authority of that fingerprint.
    pub fn settle(&self, server: &ServerUrl) -> Result<Trust, UplinkError> {
        match self {
            Self::Machine => Ok(Trust::Machine),
            Self::Authorities(pem) => Trust::pinned(pem),
            Self::Fingerprint(wanted) => match server.tls() {
                // Without TLS there is nobody to be known by a certificate.
                None => Ok(Trust::Machine),
                Some((host, port)) => fetch(host, port, wanted),
            },
        }
    }
}

/// Whom to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The authorities of this machine.
    Machine,
    /// These and no others.
    Pinned(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// Those of a PEM text.
    ///
    /// # Errors
    /// [`UplinkError::Authorities`].
    pub fn pinned(pem: &str) -> Result<Self, UplinkError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let known = read.map_err(|_| UplinkError::Authorities)?;
        if known.is_empty() || known.len() > AUTHORITIES_MAX {
            return Err(UplinkError::Authorities);
        }
        Ok(Self::Pinned(known))
    }

    /// What is kept of it; none where this machine's own authorities count.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        match self {
            Self::Machine => None,
            Self::Pinned(known) => Some(known.iter().map(|it| pem(it)).collect()),
        }
    }

    /// The certificates that count.
    pub(crate) fn roots(&self) -> Vec<CertificateDer<'static>> {
        match self {
            Self::Pinned(known) => known.clone(),
            Self::Machine => rustls_native_certs::load_native_certs().certs,
        }
    }
}

/// A certificate in PEM (RFC 7468).
fn pem(der: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    let text = Base64::encode_string(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

/// Asks the server for its certificates, and takes the one that has the fingerprint. Nothing is
/// sent to it: that its own certificate is signed by that authority the next connection checks.
fn fetch(host: &str, port: u16, wanted: &[u8; 32]) -> Result<Trust, UplinkError> {
    let unreachable = |error: std::io::Error| UplinkError::Unreachable {
        detail: error.kind().to_string(),
    };
    let untrusted = || UplinkError::Untrusted {
        detail: "SHA-256".to_owned(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| untrusted())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| UplinkError::Address {
        address: host.to_owned(),
    })?;
    let mut shake = ClientConnection::new(Arc::new(config), name).map_err(|_| untrusted())?;
    let mut stream = connect(host, port).map_err(unreachable)?;
    while shake.is_handshaking() {
        shake.complete_io(&mut stream).map_err(unreachable)?;
    }
    let shown = shake.peer_certificates().unwrap_or_default();
    let found = shown
        .iter()
        .find(|der| Sha256::digest(der.as_ref()).as_slice() == wanted.as_slice());
    let found = found.ok_or_else(untrusted)?;
    Ok(Trust::Pinned(vec![found.clone().into_owned()]))
}

fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, LIMIT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(LIMIT))?;
                stream.set_write_timeout(Some(LIMIT))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Lets anyone show certificates, for [`fetch`] alone.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, cert, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, cert, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_both_forms() {
        let plain = "0a".repeat(32);
        let colons = vec!["0A"; 32].join(":");
        let expected = FirstTrust::Fingerprint([10; 32]);
        assert_eq!(FirstTrust::fingerprint(&plain).unwrap(), expected);
        assert_eq!(FirstTrust::fingerprint(&colons).unwrap(), expected);
        for wrong in ["", "0a", &"+1".repeat(32), &"あ".repeat(32), &plain[1..]] {
            let error = FirstTrust::fingerprint(wrong).unwrap_err();
            assert_eq!(error.code(), "uplink.fingerprint", "{wrong}");
        }
    }

    #[test]
    fn what_is_no_certificate_pins_nothing() {
        for wrong in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n"] {
            assert!(Trust::pinned(wrong).is_err(), "{wrong}");
        }
        let round = Trust::pinned(&pem(&[1; 100])).unwrap();
        assert_eq!(round, Trust::Pinned(vec![vec![1; 100].into()]));
    }
}
