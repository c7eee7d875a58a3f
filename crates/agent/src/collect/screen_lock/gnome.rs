//! GNOME: the databases of dconf (system policy, locks, each user) over the vendor's overrides.

use super::gvdb::{self, Settings};
use super::{Setting, User};
use crate::host::{Host, ReadError};

pub(super) const SOURCE: &str = "/etc/dconf, ~/.config/dconf/user";

const PROFILE: &str = "/etc/dconf/profile/user";
const OVERRIDES: &str = "/usr/share/glib-2.0/schemas";

const LOCK_ENABLED: &str = "/org/gnome/desktop/screensaver/lock-enabled";
const LOCK_DELAY: &str = "/org/gnome/desktop/screensaver/lock-delay";
const IDLE_DELAY: &str = "/org/gnome/desktop/session/idle-delay";
const NO_LOCK_SCREEN: &str = "/org/gnome/desktop/lockdown/disable-lock-screen";

/// What holds for every user: vendor's defaults and the administrator's databases.
pub(super) struct Policy {
    /// Whether users' own databases count at all.
    user_database: bool,
    /// System databases in the order of the profile: an earlier one wins, unless locked below.
    databases: Vec<Settings>,
    defaults: Settings,
}

type Unread = (String, ReadError);

fn vendor_defaults(host: &Host) -> Result<Settings, Unread> {
    // The schema's own defaults (gsettings-desktop-schemas).
    let mut defaults = Settings::default();
    defaults.set(LOCK_ENABLED, 1);
    defaults.set(LOCK_DELAY, 0);
    defaults.set(IDLE_DELAY, 300);
    defaults.set(NO_LOCK_SCREEN, 0);
    let unread = |error| (OVERRIDES.to_owned(), error);
    let names = host.names(OVERRIDES).map_err(unread)?;
    for name in names.iter().filter(|n| n.ends_with(".gschema.override")) {
        let path = format!("{OVERRIDES}/{name}");
        let text = host
            .read_text(&path)
            .map_err(|error| (path.clone(), error))?;
        let mut folder = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(section) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                // `[org.gnome.desktop.session:GNOME]` holds for one desktop only.
                let schema = section.split(':').next().unwrap_or_default();
                folder = format!("/{}", schema.replace('.', "/"));
            } else if let Some((key, value)) = line.split_once('=')
                && let Some(value) = parse_value(value)
            {
                defaults.set(&format!("{folder}/{}", key.trim()), value);
            }
        }
    }
    Ok(defaults)
}

/// `true`, `false`, `300`, `uint32 300`.
fn parse_value(text: &str) -> Option<u32> {
    match text.trim() {
        "true" => Some(1),
        "false" => Some(0),
        number => number.trim_start_matches("uint32").trim().parse().ok(),
    }
}

impl Policy {
    /// Reads what the administrator set.
    pub(super) fn read(host: &Host) -> Result<Self, Unread> {
        let mut policy = Self {
            user_database: true,
            databases: Vec::new(),
            defaults: vendor_defaults(host)?,
        };
        let profile = match host.read_text(PROFILE) {
            Ok(text) => text,
            Err(ReadError::Missing) => return Ok(policy),
            Err(error) => return Err((PROFILE.to_owned(), error)),
        };
        policy.user_database = false;
        for line in profile.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.starts_with("user-db:") {
                policy.user_database = true;
            } else if let Some(name) = line.strip_prefix("system-db:") {
                let path = format!("/etc/dconf/db/{name}");
                match host.read(&path) {
                    Ok(bytes) => policy.databases.push(understood(&path, &bytes)?),
                    // dconf itself goes on without a database that is not there.
                    Err(ReadError::Missing) => {}
                    Err(error) => return Err((path, error)),
                }
            }
        }
        Ok(policy)
    }

    fn locked(&self, key: &str) -> bool {
        !self.user_database || self.databases.iter().any(|database| database.locks(key))
    }

    fn value(&self, key: &str, own: Option<&Settings>) -> u32 {
        // A lock makes its database and those below it the only ones asked.
        let first = self
            .databases
            .iter()
            .rposition(|database| database.locks(key));
        let own = own.filter(|_| first.is_none());
        let databases = self.databases[first.unwrap_or(0)..].iter();
        own.into_iter()
            .chain(databases)
            .chain([&self.defaults])
            .find_map(|settings| settings.get(key))
            .unwrap_or(0)
    }

    /// What one user gets; without a user, what a new one would.
    pub(super) fn setting(&self, host: &Host, user: Option<&User>) -> Result<Setting, Unread> {
        let keys = [LOCK_ENABLED, LOCK_DELAY, IDLE_DELAY, NO_LOCK_SCREEN];
        // Nobody turns the lock screen off by chance: its lockdown key need not be locked itself.
        let locked = keys[..3].iter().all(|key| self.locked(key));
        let own = match user.filter(|_| !keys.iter().all(|key| self.locked(key))) {
            None => None,
            Some(user) => {
                let path = format!("{}/.config/dconf/user", user.home);
                match host.read(&path) {
                    Ok(bytes) => Some(understood(&path, &bytes)?),
                    Err(ReadError::Missing) => None,
                    Err(_) if locked => None,
                    Err(error) => return Err((path, error)),
                }
            }
        };
        let value = |key| self.value(key, own.as_ref());
        let idle = value(IDLE_DELAY);
        let enabled = value(LOCK_ENABLED) == 1 && idle > 0 && value(NO_LOCK_SCREEN) == 0;
        Ok(Setting {
            enabled,
            idle_seconds: enabled.then(|| idle.saturating_add(value(LOCK_DELAY))),
            locked_by_policy: locked,
        })
    }
}

fn understood(path: &str, bytes: &[u8]) -> Result<Settings, Unread> {
    gvdb::parse(bytes).ok_or_else(|| {
        let detail = "not a database of dconf".to_owned();
        (path.to_owned(), ReadError::Unreadable(detail))
    })
}
