//! The authority: a key of the keyring, and the certificate that follows from it.
//!
//! The certificate is a function of the key's id, time and bytes, its signature included (ECDSA
//! with RFC 6979 nonces), so that it need not be stored: a restored folder has the same one, and a
//! fingerprint that was handed out stays right.

use std::time::Duration;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData,
    SanType, SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sekisho_domain::device::DeviceKey;
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_ledger::Digest;
use sekisho_store::StoreError;
use sekisho_store::keyring::SystemKey;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::lifetime::{Lifetime, Validity};
use super::name::uri_of;
use crate::identity::device_key;

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A name is none that a certificate can hold.
    #[error("not a name for a certificate: {0}")]
    Name(String),
    /// The library did not make it.
    #[error("a certificate could not be made: {0}")]
    Made(#[from] rcgen::Error),
    /// A key cannot be used.
    #[error("a key cannot be used")]
    Key,
    /// Keys or randomness.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CaError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "tls.name",
            Self::Made(_) | Self::Key => "ca.certificate",
            Self::Store(error) => error.code(),
        }
    }
}

/// The authority's key as the library for certificates asks for it.
struct Signing {
    key: SigningKey,
    /// SEC1 uncompressed point.
    point: Vec<u8>,
}

impl Signing {
    /// The key of 32 secret bytes. One in 2^32 of all strings is no scalar of the curve; what
    /// follows from such a one by hashing is taken then.
    fn of(secret: &[u8; 32]) -> Self {
        let mut bytes = Zeroizing::new(*secret);
        loop {
            if let Ok(key) = SigningKey::from_slice(bytes.as_slice()) {
                let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
                return Self { key, point };
            }
            let next: [u8; 32] = Sha256::digest(bytes.as_slice()).into();
            *bytes = next;
        }
    }
}

impl PublicKeyData for Signing {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Signing {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// A device's public key, to be certified.
struct Certified(Vec<u8>);

impl PublicKeyData for Certified {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// One authority. `Debug` shows no secret.
pub struct Authority {
    issuer: Issuer<'static, Signing>,
    certificate: Certificate,
    pub(super) validity: Validity,
    pub(super) made: Timestamp,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

/// A certificate of this server with its key.
pub struct ServerCertificate {
    /// The certificate, then the authority's.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its private key (PKCS #8).
    pub key: PrivateKeyDer<'static>,
    /// How long it holds.
    pub validity: Validity,
}

/// A certificate of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCertificatePem {
    /// The certificate, then the authority's, in PEM.
    pub chain: String,
    /// How long it holds.
    pub validity: Validity,
}

impl Authority {
    /// The authority of a key of the keyring.
    ///
    /// # Errors
    /// [`CaError`].
    pub fn of(key: &SystemKey) -> Result<Self, CaError> {
        let made = Timestamp::from_millis(key.created_at);
        let validity = Validity::starting(made, Lifetime::AUTHORITY);
        let signing = Signing::of(key.secret());
        let mut params = params(validity);
        let name = format!("Sekisho CA {}", key.id);
        params.distinguished_name.push(DnType::CommonName, name);
        // No authority below it: it signs ends only.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(serial(&Digest::of(key.id.as_bytes()).0));
        let certificate = params.self_signed(&signing)?;
        Ok(Self {
            issuer: Issuer::new(params, signing),
            certificate,
            validity,
            made,
        })
    }

    /// Its certificate.
    #[must_use]
    pub fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }

    /// Its certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// SHA-256 of its certificate in lower-case hex, by which people and agents know it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Digest::of(self.der()).to_string()
    }

    /// Certifies a device's key. `random` becomes the serial number.
    ///
    /// # Errors
    /// [`CaError::Key`] for a key that is no point, [`CaError::Made`].
    pub fn certify_device(
        &self,
        device: DeviceId,
        key: &DeviceKey,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<DeviceCertificatePem, CaError> {
        let validity = Validity::starting(now, Lifetime::DEVICE).within(self.validity);
        let point = device_key::uncompressed(key).ok_or(CaError::Key)?;
        let mut params = params(validity);
        let uri = uri_of(device);
        let name = uri.as_str().try_into().map_err(|_| CaError::Name(uri))?;
        params.subject_alt_names = vec![SanType::URI(name)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.serial_number = Some(serial(&random));
        // By it a RADIUS server, which passes on no key, tells which key it verified.
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(key).to_vec());
        let made = params.signed_by(&Certified(point), &self.issuer)?;
        Ok(DeviceCertificatePem {
            chain: format!("{}{}", made.pem(), self.pem()),
            validity,
        })
    }

    /// Makes a key for this server, in memory only, and certifies it for its names: host names
    /// and addresses. `random` becomes the serial number.
    ///
    /// # Errors
    /// [`CaError::Name`], [`CaError::Made`].
    pub fn certify_server(
        &self,
        names: &[String],
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<ServerCertificate, CaError> {
        let validity = Validity::starting(now, Lifetime::SERVER).within(self.validity);
        let named = CertificateParams::new(names.to_vec());
        let wrong = |_| CaError::Name(names.join(", "));
        let mut params = params(validity);
        params.subject_alt_names = named.map_err(wrong)?.subject_alt_names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.serial_number = Some(serial(&random));
        let key = KeyPair::generate()?;
        let made = params.signed_by(&key, &self.issuer)?;
        Ok(ServerCertificate {
            chain: vec![made.der().clone(), self.der().clone()],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            validity,
        })
    }
}

/// What a certificate calls a device's key: the first 160 bits of the SHA-256 of its text. RFC 5280
/// (4.2.1.2) leaves the way open; the text stands in the ledger, so that no point has to be computed.
#[must_use]
pub fn key_identifier(key: &DeviceKey) -> [u8; 20] {
    let digest: [u8; 32] = Sha256::digest(key.as_str().as_bytes()).into();
    let mut identifier = [0; 20];
    identifier.copy_from_slice(&digest[..20]);
    identifier
}

/// What all certificates have in common: no name but what is added.
fn params(validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_epoch(validity.from);
    params.not_after = epoch + since_epoch(validity.until);
    params.use_authority_key_identifier_extension = true;
    params
}

/// The time since 1970, in whole seconds.
fn since_epoch(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.as_millis() / 1000).unwrap_or(0))
}

/// A serial number: positive, and never with a zero in front (RFC 5280, 4.1.2.2).
fn serial(random: &[u8]) -> SerialNumber {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(random) {
        *to = *from;
    }
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}
