//! People's accounts in `/etc/passwd`, for collectors that read settings of each user.

use crate::host::{Host, ReadError};

pub(super) const PASSWD: &str = "/etc/passwd";

/// What a field for a password says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PasswordField {
    /// It stands in `/etc/shadow`.
    Shadow,
    /// There is none and none is asked for.
    Empty,
    /// No password opens the account.
    Locked,
    /// A digest of a password.
    Set,
}

impl PasswordField {
    pub(super) fn parse(field: &str) -> Self {
        match field {
            "x" => Self::Shadow,
            "" => Self::Empty,
            _ if field.starts_with(['!', '*']) => Self::Locked,
            _ => Self::Set,
        }
    }
}

/// One line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub name: String,
    pub password: PasswordField,
    pub uid: u32,
    pub gid: u32,
    pub home: String,
    pub shell: String,
}

impl User {
    /// Whether the shell lets the account sign in; an empty field means `/bin/sh`.
    pub(super) fn can_login(&self) -> bool {
        let program = self.shell.rsplit('/').next().unwrap_or_default();
        !matches!(
            program,
            "nologin" | "false" | "sync" | "shutdown" | "halt" | "git-shell"
        )
    }

    /// Whether it belongs to a person by the usual ranges of numbers.
    pub(super) fn is_person(&self) -> bool {
        (1000..60_000).contains(&self.uid) && self.can_login()
    }
}

/// Every account. Lines that have no seven fields are NIS leftovers (`+`) and say nothing.
pub(super) fn users(host: &Host) -> Result<Vec<User>, ReadError> {
    let text = host.read_text(PASSWD)?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines
        .filter_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, password, uid, gid, _, home, shell] = fields[..] else {
                return None;
            };
            Some(User {
                name: name.to_owned(),
                password: PasswordField::parse(password),
                uid: uid.parse().ok()?,
                gid: gid.parse().ok()?,
                home: home.to_owned(),
                shell: shell.to_owned(),
            })
        })
        .collect())
}
