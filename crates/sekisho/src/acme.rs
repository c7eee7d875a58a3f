//! How certificates are ordered, from the configuration. The key of an external account comes from a file
//! or from the service manager, never from an argument, the environment or the configuration itself.

use base64ct::{Base64UrlUnpadded, Encoding};
use sekisho_server::acme::{AcmeSettings, Binding};
use zeroize::Zeroizing;

use crate::config::{Acme, ExternalAccount};
use crate::fault::Fault;
use crate::given_file;

/// Name of the service manager's credential (`LoadCredentialEncrypted=sekisho-acme-key`).
const CREDENTIAL: &str = "sekisho-acme-key";
/// Largest file of a key, in bytes.
const KEY_MAX: u64 = 4096;
/// Largest file of certificates, in bytes.
const AUTHORITIES_MAX: u64 = 1 << 20;
/// What is said of a file that cannot be read.
const UNREADABLE: &str = "acme.unreadable";

/// The settings. `names` are the server's own.
///
/// # Errors
/// `acme.terms`, `acme.key`, `acme.key-open`, `acme.unreadable`, and those of [`AcmeSettings::check`].
pub fn settings(acme: &Acme, names: &[String]) -> Result<AcmeSettings, Fault> {
    if !acme.terms_agreed {
        return Err(Fault::new("acme.terms").about(&acme.directory));
    }
    let names = acme.names.clone().unwrap_or_else(|| {
        let hosts = names.iter().map(|name| without_port(name).to_owned());
        hosts.collect()
    });
    let roots = acme.authorities.as_deref();
    let roots = roots.map(|path| given_file::bounded(path, AUTHORITIES_MAX, UNREADABLE));
    let settings = AcmeSettings {
        directory: acme.directory.clone(),
        contact: acme.contact.clone(),
        names,
        binding: acme.external_account.as_ref().map(binding).transpose()?,
        roots: roots.transpose()?,
    };
    let checked = settings.check();
    checked.map_err(|wrong| Fault::new(wrong.code).about(wrong.detail))?;
    Ok(settings)
}

/// A name of the server may bear a port, which a certificate does not.
fn without_port(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.parse::<u16>().is_ok() => host,
        _ => name,
    }
}

fn binding(account: &ExternalAccount) -> Result<Binding, Fault> {
    let path = match &account.key_file {
        Some(path) if !given_file::is_private(path, UNREADABLE)? => {
            return Err(Fault::new("acme.key-open").about(path.display()));
        }
        Some(path) => path.clone(),
        None => given_file::credential(CREDENTIAL).ok_or_else(|| Fault::new("acme.key"))?,
    };
    let wrong = || Fault::new("acme.key").about(path.display());
    let bytes = Zeroizing::new(given_file::bounded(&path, KEY_MAX, UNREADABLE)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong())?;
    let text = text.trim().trim_end_matches('=');
    let key = Base64UrlUnpadded::decode_vec(text).map_err(|_| wrong())?;
    if key.is_empty() {
        return Err(wrong());
    }
    Ok(Binding {
        id: account.id.clone(),
        key: Zeroizing::new(key),
    })
}
