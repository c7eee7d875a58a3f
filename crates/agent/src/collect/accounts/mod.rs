//! Local accounts: who can sign in, with what password, and who is administrator.

mod sudoers;

use std::collections::HashMap;

use sekisho_domain::fact::{AccountFact, Accounts, FactValue, UnseenReason};

use self::sudoers::{Allowed, Named};
use super::users::{PASSWD, PasswordField, User, users};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const SHADOW: &str = "/etc/shadow";
const GROUP: &str = "/etc/group";

/// Groups that `sudo`, `su` and polkit take for administrators as distributions set them up.
const ADMIN_GROUPS: [&str; 3] = ["sudo", "wheel", "admin"];

struct Group {
    name: String,
    gid: u32,
    members: Vec<String>,
}

fn groups(host: &Host) -> Result<Vec<Group>, ReadError> {
    let text = host.read_text(GROUP)?;
    let groups = text.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, members] = fields[..] else {
            return None;
        };
        Some(Group {
            name: name.to_owned(),
            gid: gid.parse().ok()?,
            members: members.split(',').map(|m| m.trim().to_owned()).collect(),
        })
    });
    Ok(groups.collect())
}

/// Passwords by account; the reason where they may not be read.
fn shadow(host: &Host) -> Result<HashMap<String, PasswordField>, ReadError> {
    let text = zeroize::Zeroizing::new(host.read_text(SHADOW)?);
    let entries = text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, password) = (fields.next()?, fields.next()?);
        Some((name.to_owned(), PasswordField::parse(password)))
    });
    Ok(entries.collect())
}

struct Administrators {
    allowed: Vec<Named>,
    groups: Vec<Group>,
}

impl Administrators {
    fn in_group(&self, user: &User, is: impl Fn(&Group) -> bool) -> bool {
        self.groups
            .iter()
            .any(|group| is(group) && (group.gid == user.gid || group.members.contains(&user.name)))
    }

    fn include(&self, user: &User) -> bool {
        user.uid == 0
            || self.in_group(user, |group| ADMIN_GROUPS.contains(&group.name.as_str()))
            || self.allowed.iter().any(|named| match named {
                Named::Everybody => true,
                Named::User(name) => *name == user.name,
                Named::Uid(uid) => *uid == user.uid,
                Named::Group(name) => self.in_group(user, |group| group.name == *name),
                Named::Gid(gid) => self.in_group(user, |group| group.gid == *gid),
            })
    }
}

/// Whether an account has a usable password, and whether that is empty.
fn password(
    user: &User,
    shadow: Option<&HashMap<String, PasswordField>>,
) -> (Option<bool>, Option<bool>) {
    let field = match user.password {
        PasswordField::Shadow => match shadow {
            // Without an entry there no password opens the account.
            Some(shadow) => shadow.get(&user.name).copied(),
            None => return (None, None),
        },
        other => Some(other),
    };
    match field {
        Some(PasswordField::Set) => (Some(true), Some(false)),
        Some(PasswordField::Empty) => (Some(true), Some(true)),
        _ => (Some(false), Some(false)),
    }
}

pub(super) fn collect(host: &Host) -> Outcome {
    let users = users(host).map_err(|error| Missed::read(PASSWD, &error))?;
    if users.is_empty() {
        return Err(Missed::unreadable(PASSWD, "names no account"));
    }
    let groups = groups(host).map_err(|error| Missed::read(GROUP, &error))?;
    let allowed = Allowed::read(host);
    let administrators = Administrators {
        allowed: allowed.named,
        groups,
    };
    let (shadow, hidden) = match shadow(host) {
        Ok(shadow) => (Some(shadow), None),
        Err(error) => (None, Some(error.reason(SHADOW))),
    };
    let refused = allowed
        .refused
        .map(|what| UnseenReason::NeedsPrivilege { what });
    let mut accounts: Vec<AccountFact> = users
        .iter()
        .filter(|user| user.uid == 0 || user.can_login())
        .map(|user| {
            let (has_password, empty_password) = password(user, shadow.as_ref());
            AccountFact {
                name: user.name.clone(),
                uid: user.uid,
                can_login: user.can_login(),
                has_password,
                empty_password,
                administrator: administrators.include(user),
            }
        })
        .collect();
    accounts.sort_by(|a, b| (a.uid, &a.name).cmp(&(b.uid, &b.name)));
    let unknown = accounts
        .iter()
        .any(|account| account.has_password.is_none());
    let partial = hidden.filter(|_| unknown).or(refused);
    let source = format!("{PASSWD}, {SHADOW}, {GROUP}, /etc/sudoers");
    Ok(Found::new(FactValue::Accounts(Accounts { accounts }), source).lacking(partial))
}
