//! How a certificate that a client presents is judged.
//!
//! Three questions, each answered by itself: whether one of our authorities signed it for a client
//! and the time is right ([`Chain`], by the library that does so for all of TLS); what it states
//! ([`Stated::read`]); and whether the ledger knows that device by that very key ([`judge`]).

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use sekisho_domain::device::{DeviceKey, DeviceState};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::authorities::Authorities;
use super::authority::CaError;
use super::lifetime::Validity;
use super::name::device_of;
use crate::identity::device_key;

/// Largest certificate that is read, in bytes; ours have about 500.
const CERTIFICATE_MAX: usize = 4096;

/// Why a certificate does not stand for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read, or is not of the form that we make.
    #[error("not a certificate of our form")]
    Form,
    /// None of our authorities signed it for a client, or its time is over or not yet come.
    #[error("not signed by our authority for a client now")]
    Chain,
    /// It does not name exactly one device, or names something else as well.
    #[error("does not name one device")]
    Name,
    /// Its time has not come or is over.
    #[error("outside its time")]
    Time,
    /// The ledger knows no such device.
    #[error("no such device")]
    Unknown,
    /// The ledger knows the device by another key.
    #[error("another key than the device's")]
    OtherKey,
    /// The device has been given up for good.
    #[error("the device has been retired")]
    Retired,
}

impl Unfit {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "certificate.form",
            Self::Chain => "certificate.chain",
            Self::Name => "certificate.name",
            Self::Time => "certificate.time",
            Self::Unknown => "certificate.unknown-device",
            Self::OtherKey => "certificate.other-key",
            Self::Retired => "device.retired",
        }
    }
}

/// Whether a device that was proven is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Active,
    /// Its reports are kept, and nothing is allowed.
    Suspended,
}

/// What a certificate states. That it is true is [`Chain`]'s to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The device it names.
    pub device: DeviceId,
    /// The key it certifies.
    pub key: DeviceKey,
    /// From when until when.
    pub validity: Validity,
}

impl Stated {
    /// Reads a certificate (DER).
    ///
    /// # Errors
    /// [`Unfit::Form`], [`Unfit::Name`].
    pub fn read(der: &[u8]) -> Result<Self, Unfit> {
        if der.len() > CERTIFICATE_MAX {
            return Err(Unfit::Form);
        }
        let (rest, read) = X509Certificate::from_der(der).map_err(|_| Unfit::Form)?;
        if !rest.is_empty() || read.is_ca() {
            return Err(Unfit::Form);
        }
        let point = &read.public_key().subject_public_key.data;
        let key = device_key::of_uncompressed(point).ok_or(Unfit::Form)?;
        let time = |at: i64| Timestamp::from_millis(at.saturating_mul(1000));
        let validity = Validity {
            from: time(read.validity().not_before.timestamp()),
            until: time(read.validity().not_after.timestamp()),
        };
        let device = named(&read).ok_or(Unfit::Name)?;
        Ok(Self {
            device,
            key,
            validity,
        })
    }
}

/// The one device that a certificate names, and nothing beside it.
fn named(read: &X509Certificate<'_>) -> Option<DeviceId> {
    if read.subject().iter().next().is_some() {
        return None;
    }
    let names = &read.subject_alternative_name().ok()??.value.general_names;
    match names.as_slice() {
        [GeneralName::URI(uri)] => device_of(uri),
        _ => None,
    }
}

/// What is asked of the chain of a certificate.
#[derive(Clone, Debug)]
pub struct Chain(Arc<dyn ClientCertVerifier>);

impl Chain {
    /// For those of these authorities that are trusted now. A client need not present a certificate.
    ///
    /// # Errors
    /// [`CaError::Key`] when a certificate of ours cannot be read.
    pub fn new(authorities: &Authorities, now: Timestamp) -> Result<Self, CaError> {
        let mut roots = RootCertStore::empty();
        for authority in authorities.trusted(now) {
            let der = authority.der().clone();
            roots.add(der).map_err(|_| CaError::Key)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = builder.allow_unauthenticated().build();
        verifier.map(Self).map_err(|_| CaError::Key)
    }

    /// The verifier, for a listener.
    #[must_use]
    pub fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        Arc::clone(&self.0)
    }

    /// Whether one of the authorities signed it for a client, and its time is now.
    ///
    /// # Errors
    /// [`Unfit::Chain`].
    pub fn check(&self, leaf: &CertificateDer<'_>, now: Timestamp) -> Result<(), Unfit> {
        let checked = self.0.verify_client_cert(leaf, &[], unix(now));
        checked.map(|_| ()).map_err(|_| Unfit::Chain)
    }
}

/// A time as the library for TLS holds it.
pub(crate) fn unix(at: Timestamp) -> UnixTime {
    let millis = u64::try_from(at.as_millis()).unwrap_or(0);
    UnixTime::since_unix_epoch(std::time::Duration::from_millis(millis))
}

/// What a certificate, whose chain was checked, is worth now. `known` is what the ledger says of
/// the device it names; it is asked anew for each request.
///
/// # Errors
/// [`Unfit`].
pub fn judge(
    stated: &Stated,
    now: Timestamp,
    known: Option<(&DeviceKey, DeviceState)>,
) -> Result<Standing, Unfit> {
    let (key, state) = known.ok_or(Unfit::Unknown)?;
    if *key != stated.key {
        return Err(Unfit::OtherKey);
    }
    // Before the time: that it is over does not make a device that was given up less so.
    let standing = match state {
        DeviceState::Retired => return Err(Unfit::Retired),
        DeviceState::Suspended => Standing::Suspended,
        DeviceState::Active => Standing::Active,
    };
    if stated.validity.holds(now) {
        Ok(standing)
    } else {
        Err(Unfit::Time)
    }
}
