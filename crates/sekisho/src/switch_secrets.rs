//! The file with the secrets by which switches of internal lines know this server.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sekisho_server::access::inside::{SECRETS_MAX, SwitchSecrets};
use sekisho_server::app::App;
use zeroize::Zeroizing;

use crate::fault::Fault;

/// Access of others than the owner and the group.
const OTHERS: u32 = 0o077;

/// Puts the secrets of a file in place; none where no file is named.
///
/// # Errors
/// `switch-secrets.unreadable`, `switch-secrets.open`, `switch-secrets.form` with the line.
pub fn load(app: &App, path: Option<&Path>) -> Result<(), Fault> {
    let Some(path) = path else {
        return Ok(());
    };
    let unreadable = |error: std::io::Error| {
        tracing::debug!(%error, "the file with the secrets of switches cannot be read");
        Fault::new("switch-secrets.unreadable").about(path.display())
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let known = file.metadata().map_err(unreadable)?;
    if known.permissions().mode() & OTHERS != 0 {
        return Err(Fault::new("switch-secrets.open").about(path.display()));
    }
    let mut text = Zeroizing::new(String::new());
    let read = file.take(SECRETS_MAX + 1).read_to_string(&mut text);
    read.map_err(unreadable)?;
    let wrong = |line: usize| {
        Fault::new("switch-secrets.form").about(format!("{}: {line}", path.display()))
    };
    if text.len() as u64 > SECRETS_MAX {
        return Err(wrong(0));
    }
    let secrets = SwitchSecrets::parse(&text).map_err(|error| wrong(error.0))?;
    app.access().inside().put_secrets(secrets);
    Ok(())
}
