//! How mail leaves, from the configuration. The password comes from a file or from the service
//! manager, never from an argument, the environment or the configuration itself.

use sekisho_server::mail::{Login, MailSettings, Security};
use zeroize::Zeroizing;

use crate::config::Mail;
use crate::fault::Fault;
use crate::given_file;

/// Name of the service manager's credential (`LoadCredentialEncrypted=sekisho-mail-password`).
const CREDENTIAL: &str = "sekisho-mail-password";
/// Longest password, in bytes.
const PASSWORD_MAX: u64 = 1024;
/// Largest file of certificates, in bytes.
const AUTHORITIES_MAX: u64 = 1 << 20;
/// What is said of a file that cannot be read.
const UNREADABLE: &str = "mail.unreadable";

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
        settings.authorities = Some(given_file::bounded(path, AUTHORITIES_MAX, UNREADABLE)?);
    }
    if let Some(user) = &mail.user {
        settings.login = Some(Login::new(user.clone(), password(mail)?));
    }
    let checked = settings.check();
    checked.map_err(|wrong| Fault::new(&wrong.code).about(wrong.detail))?;
    Ok(Some(settings))
}

fn password(mail: &Mail) -> Result<Zeroizing<String>, Fault> {
    let path = match &mail.password_file {
        Some(path) if !given_file::is_private(path, UNREADABLE)? => {
            return Err(Fault::new("mail.password-open").about(path.display()));
        }
        Some(path) => path.clone(),
        None => {
            given_file::credential(CREDENTIAL).ok_or_else(|| Fault::new("mail.password-missing"))?
        }
    };
    let bytes = Zeroizing::new(given_file::bounded(&path, PASSWORD_MAX, UNREADABLE)?);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Fault::new("mail.password-missing").about(path.display()))?;
    let text = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if text.is_empty() {
        return Err(Fault::new("mail.password-missing").about(path.display()));
    }
    Ok(text)
}
