//! Facts about local accounts and sign-ins.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One local account that can be used to sign in, or root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFact {
    /// Login name.
    pub name: String,
    /// Numeric user id.
    pub uid: u32,
    /// Whether its shell lets it sign in.
    pub can_login: bool,
    /// Whether it has a usable password; none where that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_password: Option<bool>,
    /// Whether its password is empty; none where that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_password: Option<bool>,
    /// Whether it may act as administrator.
    pub administrator: bool,
}

/// Local accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// Root and every account that can sign in, by user id.
    pub accounts: Vec<AccountFact>,
}

/// One sign-in to the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginEvent {
    /// Login name.
    pub user: String,
    /// Terminal or service.
    pub line: String,
    /// Where from; empty for the machine itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// When.
    pub at: Timestamp,
}

/// Recent sign-ins to the machine, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentLogins {
    /// The sign-ins.
    pub logins: Vec<LoginEvent>,
    /// How far back the record goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}
