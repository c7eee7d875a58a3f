//! KDE Plasma: `kscreenlockerrc` of the system and of each user.

use super::{Setting, User};
use crate::collect::ini::Ini;
use crate::host::{Host, ReadError};

pub(super) const SOURCE: &str = "/etc/xdg/kscreenlockerrc, ~/.config/kscreenlockerrc";

const SYSTEM: &str = "/etc/xdg/kscreenlockerrc";
/// Plasma's own default: minutes without input.
const TIMEOUT_MINUTES: u32 = 5;
/// Plasma's own default: seconds during which a locked screen opens without a password.
const GRACE_SECONDS: u32 = 5;

type Unread = (String, ReadError);

fn read(host: &Host, path: &str) -> Result<String, Unread> {
    match host.read_text(path) {
        Ok(text) => Ok(text),
        Err(ReadError::Missing) => Ok(String::new()),
        Err(error) => Err((path.to_owned(), error)),
    }
}

/// One key as KConfig sees it: a user's value counts unless the system's is immutable (`[$i]`).
struct Key {
    value: Option<String>,
    immutable: bool,
}

fn key(system: &Ini, own: &Ini, whole_file: bool, name: &str) -> Key {
    let marked = format!("{name}[$i]");
    let in_section = system.get("Daemon][$i", name);
    let on_key = system
        .get("Daemon", &marked)
        .or_else(|| system.get("Daemon][$i", &marked));
    let fixed = on_key.or(in_section);
    let shared = fixed.or_else(|| system.get("Daemon", name));
    let immutable = fixed.is_some() || whole_file;
    let own = own.get("Daemon", name).filter(|_| !immutable);
    Key {
        value: own.or(shared).map(str::to_owned),
        immutable,
    }
}

/// What one user gets; without a user, what a new one would.
pub(super) fn setting(host: &Host, user: Option<&User>) -> Result<Setting, Unread> {
    let text = read(host, SYSTEM)?;
    let whole_file = text.lines().next().map(str::trim) == Some("[$i]");
    let system = Ini::parse(&text);
    let names = ["Autolock", "Timeout", "LockGrace"];
    let fixed = |name: &&str| key(&system, &Ini::default(), whole_file, name).immutable;
    let locked_by_policy = names[..2].iter().all(&fixed);
    let own = match user.filter(|_| !names.iter().all(fixed)) {
        None => Ini::default(),
        Some(user) => {
            let path = format!("{}/.config/kscreenlockerrc", user.home);
            match read(host, &path) {
                Ok(text) => Ini::parse(&text),
                Err(_) if locked_by_policy => Ini::default(),
                Err(error) => return Err(error),
            }
        }
    };
    let value = |name| key(&system, &own, whole_file, name).value;
    let number = |name, default| match value(name) {
        None => Some(default),
        Some(text) => text.parse::<u32>().ok(),
    };
    let autolock = value("Autolock").is_none_or(|text| text.eq_ignore_ascii_case("true"));
    let minutes = number("Timeout", TIMEOUT_MINUTES).filter(|minutes| *minutes > 0);
    let idle = minutes
        .zip(number("LockGrace", GRACE_SECONDS))
        .map(|(minutes, grace)| minutes.saturating_mul(60).saturating_add(grace));
    let idle_seconds = idle.filter(|_| autolock);
    Ok(Setting {
        enabled: idle_seconds.is_some(),
        idle_seconds,
        locked_by_policy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn immutable_keys_win_over_a_users_own() {
        let own = Ini::parse("[Daemon]\nAutolock=false\n");
        for (system, value, immutable) in [
            ("[Daemon]\nAutolock=true\n", "false", false),
            ("[Daemon]\nAutolock[$i]=true\n", "true", true),
            ("[Daemon][$i]\nAutolock=true\n", "true", true),
        ] {
            let key = key(&Ini::parse(system), &own, false, "Autolock");
            assert_eq!(
                (key.value.as_deref(), key.immutable),
                (Some(value), immutable),
                "{system}"
            );
        }
    }
}
