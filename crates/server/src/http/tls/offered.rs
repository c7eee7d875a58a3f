//! A certificate that was issued to us, as it is shown.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sekisho_store::keyring::IssuedCertificate;

use crate::acme::leaf_of;
use crate::identity::ca::Validity;

/// Most certificates in a chain.
const CHAIN_MAX: usize = 10;

/// What whoever connects is shown.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// The directory of the authority that issued it.
    pub(crate) directory: String,
    /// The certificate, then those that signed it.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// From when until when it holds.
    pub(crate) validity: Validity,
}

impl Offered {
    /// Reads it; none where it is no chain of certificates.
    pub(crate) fn read(issued: &IssuedCertificate) -> Option<Self> {
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(issued.chain.as_bytes()).collect();
        let chain = chain.ok().filter(|chain| chain.len() <= CHAIN_MAX)?;
        let validity = leaf_of(&chain)?;
        Some(Self {
            directory: issued.directory.clone(),
            chain,
            validity,
        })
    }
}

/// The key of a certificate, for the library of TLS.
pub(super) fn key_of(issued: &IssuedCertificate) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(issued.key.to_vec()))
}
