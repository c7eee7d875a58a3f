//! Whether accounts can be used without a password, or root with one over the network.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{AccountFact, Accounts, FactKind, SshDaemon};

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Accounts, FactKind::SshDaemon];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let accounts = sight!(given, Accounts)?;
    let usable: Vec<&AccountFact> = accounts
        .value
        .accounts
        .iter()
        .filter(|account| account.can_login)
        .collect();
    let mut empty: Vec<&str> = usable
        .iter()
        .filter(|account| account.empty_password == Some(true))
        .map(|account| account.name.as_str())
        .collect();
    empty.sort_unstable();
    if let Some(first) = empty.first() {
        let reason = Reason::new("account.empty-password")
            .with("n", empty.len())
            .with("first", *first);
        return Ok(Found::fail(reason));
    }
    let daemon = sight!(given, SshDaemon)?;
    if let Some(open) = open_to_network(daemon.value, accounts.value) {
        return Ok(Found::fail(Reason::new(open)));
    }
    let unseen = usable
        .iter()
        .filter(|account| account.empty_password.is_none())
        .count();
    let found = if accounts.value.accounts.is_empty() {
        Found::unknown(Reason::new("account.none-listed"))
    } else if unseen > 0 {
        Found::unknown(Reason::new("account.password-unseen").with("n", unseen))
    } else if !is_told(daemon.value) {
        Found::unknown(Reason::new("account.remote-unseen"))
    } else {
        Found::pass(Reason::new("account.sound"))
    };
    Ok(found
        .unless_hidden(accounts.partial)
        .unless_hidden(daemon.partial))
}

/// Whether anyone can reach the daemon. Installed counts until it is known not to run.
fn is_reachable(daemon: &SshDaemon) -> bool {
    daemon.installed && daemon.running != Some(false)
}

/// What the daemon lets in that it should not, as far as its settings were seen.
fn open_to_network(daemon: &SshDaemon, accounts: &Accounts) -> Option<&'static str> {
    if !is_reachable(daemon) || daemon.password_authentication != Some(true) {
        return None;
    }
    if daemon.permit_empty_passwords == Some(true) {
        return Some("account.empty-over-network");
    }
    let root_may = daemon.permit_root_login.as_deref() == Some("yes");
    let root_has_none = accounts
        .accounts
        .iter()
        .any(|account| account.uid == 0 && account.has_password == Some(false));
    (root_may && !root_has_none).then_some("account.root-by-password")
}

/// Whether every setting that could let someone in was seen.
fn is_told(daemon: &SshDaemon) -> bool {
    !is_reachable(daemon)
        || daemon.password_authentication == Some(false)
        || (daemon.password_authentication.is_some()
            && daemon.permit_root_login.is_some()
            && daemon.permit_empty_passwords.is_some())
}
