//! The certificate and key of this server from files.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sekisho_ledger::Digest;
use zeroize::Zeroizing;

use super::keeper::TlsError;

/// Largest file that is read, in bytes.
const FILE_MAX: u64 = 256 * 1024;

/// What two files hold.
pub(super) struct FromFiles {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    /// Of both files' bytes: tells whether they have changed.
    pub(super) digest: Digest,
}

/// Reads both files.
pub(super) fn read(certificate: &Path, key: &Path) -> Result<FromFiles, TlsError> {
    let bytes = bounded(certificate)?;
    let secret = private(key)?;
    let wrong = |path: &Path| TlsError::File(path.to_owned());
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = chain.map_err(|_| wrong(certificate))?;
    if chain.is_empty() {
        return Err(wrong(certificate));
    }
    let read = PrivateKeyDer::from_pem_slice(&secret).map_err(|_| wrong(key))?;
    let parts = [
        Digest::of(&bytes).to_string(),
        Digest::of(&secret).to_string(),
    ];
    Ok(FromFiles {
        chain,
        key: read,
        digest: Digest::of(parts.concat().as_bytes()),
    })
}

fn bounded(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    use std::io::Read;
    let unreadable = |_| TlsError::Unreadable(path.to_owned());
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(TlsError::File(PathBuf::from(path)));
    }
    Ok(bytes)
}

/// A key that others than its owner can read is nobody's secret. A group may: packages of
/// certificates give their keys to a group of services.
fn private(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(path).map_err(|_| TlsError::Unreadable(path.to_owned()))?;
    if about.permissions().mode() & 0o007 != 0 {
        return Err(TlsError::Exposed(path.to_owned()));
    }
    bounded(path)
}
