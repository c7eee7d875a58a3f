//! Screen lock: what the desktops of this machine are set to, or that there is none.
//!
//! A machine may have several desktops and users; what is reported is the weakest of them. Where
//! a user's own settings may differ and cannot be read, nothing is reported but the reason.

mod gnome;
mod gvdb;
mod kde;

use sekisho_domain::fact::{FactValue, ScreenLock, UnseenReason};

use super::ini::Ini;
use super::users::{User, users};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const SESSIONS: [&str; 2] = ["/usr/share/wayland-sessions", "/usr/share/xsessions"];
const DISPLAY_MANAGER: &str = "/etc/systemd/system/display-manager.service";

/// What one user of one desktop gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Setting {
    enabled: bool,
    idle_seconds: Option<u32>,
    locked_by_policy: bool,
}

/// The weaker of two settings: one that never locks, then the later one, then the freer one.
fn weaker(a: Setting, b: Setting) -> Setting {
    let rank = |s: &Setting| {
        let idle = s.idle_seconds.unwrap_or(u32::MAX);
        (s.enabled, std::cmp::Reverse(idle), s.locked_by_policy)
    };
    if rank(&a) <= rank(&b) { a } else { b }
}

/// Sessions that can be chosen at sign-in, by file name.
fn sessions(host: &Host) -> Result<Vec<String>, Missed> {
    let mut names = Vec::new();
    for folder in SESSIONS {
        let files = host
            .names(folder)
            .map_err(|error| Missed::read(folder, &error))?;
        let stems = files
            .iter()
            .filter_map(|file| file.strip_suffix(".desktop"));
        names.extend(stems.map(str::to_owned));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Desktop {
    Gnome,
    Kde,
}

fn desktop_of(session: &str) -> Option<Desktop> {
    if session.starts_with("gnome") || session.starts_with("ubuntu") {
        Some(Desktop::Gnome)
    } else if session.starts_with("plasma") || session.starts_with("kde") {
        Some(Desktop::Kde)
    } else {
        None
    }
}

/// The weakest over every user of a desktop; what could not be read of the first that hides it.
fn over_users(
    people: &[User],
    setting: impl Fn(Option<&User>) -> Result<Setting, (String, ReadError)>,
) -> (Option<Setting>, Option<(String, ReadError)>) {
    let everyone: Vec<Option<&User>> = match people {
        // Nobody yet: what a new user would get.
        [] => vec![None],
        people => people.iter().map(Some).collect(),
    };
    let (mut weakest, mut hidden) = (None, None);
    for user in everyone {
        match setting(user) {
            Ok(one) => weakest = Some(weakest.map_or(one, |old| weaker(old, one))),
            Err(error) => hidden = hidden.or(Some(error)),
        }
    }
    (weakest, hidden)
}

/// What logind does by itself when nobody does anything, for desktops not known here.
fn logind(host: &Host) -> Option<Setting> {
    let ini = Ini::systemd(host, "logind.conf").ok()?;
    let action = ini.get("Login", "IdleAction").unwrap_or("ignore");
    let seconds = parse_span(ini.get("Login", "IdleActionSec").unwrap_or("30min"));
    // Suspending or turning off does not lock what wakes up again.
    (action == "lock").then_some(Setting {
        enabled: seconds.is_some(),
        idle_seconds: seconds,
        locked_by_policy: true,
    })
}

/// `900`, `15min`, `1h 30min`: systemd.time(7) as far as people write it.
fn parse_span(text: &str) -> Option<u32> {
    let mut total = 0_u32;
    for word in text.split_whitespace() {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let count: u32 = word[..digits].parse().ok()?;
        let unit = match &word[digits..] {
            "" | "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hr" | "hour" | "hours" => 3600,
            _ => return None,
        };
        total = total.checked_add(count.checked_mul(unit)?)?;
    }
    (!text.trim().is_empty()).then_some(total)
}

fn report(desktop: &str, setting: Setting, source: &str) -> Found {
    let value = FactValue::ScreenLock(ScreenLock::Desktop {
        desktop: desktop.to_owned(),
        enabled: setting.enabled,
        idle_seconds: setting.idle_seconds,
        locked_by_policy: setting.locked_by_policy,
    });
    Found::new(value, source)
}

pub(super) fn collect(host: &Host) -> Outcome {
    let sessions = sessions(host)?;
    if sessions.is_empty() {
        if host.has_link(DISPLAY_MANAGER) {
            return Err(Missed::read(SESSIONS[0], &ReadError::Missing));
        }
        let source = format!("{}, {}", SESSIONS[0], SESSIONS[1]);
        return Ok(Found::new(
            FactValue::ScreenLock(ScreenLock::Headless),
            source,
        ));
    }
    let people: Vec<User> = users(host)
        .map_err(|error| Missed::read(super::users::PASSWD, &error))?
        .into_iter()
        .filter(User::is_person)
        .collect();
    let mut weakest: Option<(String, Setting, &str)> = None;
    let mut hidden = None;
    let mut consider = |name: &str, setting: Setting, source: &'static str| {
        let old = weakest.as_ref().map(|(_, old, _)| *old);
        if old.is_none_or(|old| weaker(old, setting) != old) {
            weakest = Some((name.to_owned(), setting, source));
        }
    };
    let kinds: Vec<_> = sessions.iter().map(|name| desktop_of(name)).collect();
    if kinds.contains(&Some(Desktop::Gnome)) {
        let policy = gnome::Policy::read(host);
        let (setting, unread) = match policy {
            Ok(policy) => over_users(&people, |user| policy.setting(host, user)),
            Err(error) => (None, Some(error)),
        };
        hidden = hidden.or(unread);
        if let Some(setting) = setting {
            consider("gnome", setting, gnome::SOURCE);
        }
    }
    if kinds.contains(&Some(Desktop::Kde)) {
        let (setting, unread) = over_users(&people, |user| kde::setting(host, user));
        hidden = hidden.or(unread);
        if let Some(setting) = setting {
            consider("kde", setting, kde::SOURCE);
        }
    }
    let others = sessions.iter().filter(|name| desktop_of(name).is_none());
    for other in others {
        match logind(host) {
            Some(setting) => consider(other, setting, "/etc/systemd/logind.conf"),
            None => hidden = hidden.or(Some((other.clone(), ReadError::Missing))),
        }
    }
    match (weakest, hidden) {
        // One that never locks settles it, whatever the hidden ones say.
        (Some((name, setting, source)), unread) if unread.is_none() || !setting.enabled => {
            let partial: Option<UnseenReason> = unread.map(|(what, error)| error.reason(what));
            Ok(report(&name, setting, source).lacking(partial))
        }
        (_, Some((what, error))) => Err(Missed::read(&what, &error)),
        (_, None) => Err(Missed::read(SESSIONS[0], &ReadError::Missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weaker_setting_is_the_one_that_locks_later_or_never() {
        let setting = |enabled, idle_seconds| Setting {
            enabled,
            idle_seconds,
            locked_by_policy: false,
        };
        let (soon, late) = (setting(true, Some(300)), setting(true, Some(900)));
        let never = setting(false, None);
        assert_eq!(weaker(soon, late), late);
        assert_eq!(weaker(late, soon), late);
        assert_eq!(weaker(never, late), never);
        assert_eq!(parse_span("1h 30min"), Some(5400));
        assert_eq!(parse_span("900"), Some(900));
        assert_eq!(parse_span("soon"), None);
        assert_eq!(parse_span(""), None);
    }
}
