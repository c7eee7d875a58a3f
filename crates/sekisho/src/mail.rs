//! How mail leaves, from the configuration. The password comes from a file or from the service
//! manager, never from an argument, the environment or the configuration itself.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sekisho_server::mail::{Login, MailSettings, Security};
use zeroize::Zeroizing;

use crate::config::Mail;
use crate::fault::Fault;

/// Name of the service manager's credential (`LoadCredentialEncrypted=sekisho-mail-password`).
const CREDENTIAL: &str = "sekisho-mail-password";
/// Longest password, in bytes.
const PASSWORD_MAX: u64 = 1024;
/// Largest file of certificates, in bytes.
const AUTHORITIES_MAX: u64 = 1 << 20;
/// Anybody but the owner.
const OTHERS: u32 = 0o077;

/// The settings; none where mail is not configured.
///
/// # Errors
/// `mail.tls-word`, `mail.password-missing`, `mail.password-open`, `mail.unreadable`, and those of
/// [`MailSettings::check`].
pub fn settings(configured: Option<&Mail>) -> Result<Option<MailSettings>, Fault> {
    let Some(mail) = configured else {
        return Ok(None);
    };
    let mut settings = MailSettings::plain(&mail.relay, &mail.from);
    settings.security = match mail.tls.as_deref() {
        Some(word) => {
            Security::from_code(word).ok_or_else(|| Fault::new("mail.tls-word").about(word))?
        }
        None if settings.is_on_this_machine() => Security::Plain,
        None => Security::StartTls,
    };
    if let Some(path) = &mail.authorities {
        settings.authorities = Some(bounded(path, AUTHORITIES_MAX)?);
    }
    if let Some(user) = &mail.user {
        settings.login = Some(Login::new(user.clone(), password(mail)?));
    }
    let checked = settings.check();
    checked.map_err(|wrong| Fault::new(&wrong.code).about(wrong.detail))?;
    Ok(Some(settings))
}

fn password(mail: &Mail) -> Result<Zeroizing<String>, Fault> {
    let credential = || {
        let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
        Some(PathBuf::from(folder).join(CREDENTIAL)).filter(|path| path.exists())
    };
    let path = match &mail.password_file {
        Some(path) => {
            let known = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
            if known.permissions().mode() & OTHERS != 0 {
                return Err(Fault::new("mail.password-open").about(path.display()));
            }
            path.clone()
        }
        None => credential().ok_or_else(|| Fault::new("mail.password-missing"))?,
    };
    let bytes = Zeroizing::new(bounded(&path, PASSWORD_MAX)?);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Fault::new("mail.password-missing").about(path.display()))?;
    let text = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if text.is_empty() {
        return Err(Fault::new("mail.password-missing").about(path.display()));
    }
    Ok(text)
}

fn bounded(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > most {
        return Err(Fault::new("mail.unreadable").about(path.display()));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    tracing::debug!(%error, "a file that [mail] names cannot be read");
    Fault::new("mail.unreadable").about(path.display())
}
