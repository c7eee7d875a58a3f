//! Who may act as another user: `sudoers` (sudoers(5)) and `doas.conf`.

use crate::host::{Host, ReadError};

const SUDOERS: &str = "/etc/sudoers";
const DOAS: [&str; 2] = ["/etc/doas.conf", "/etc/doas.d"];
/// As deep as sudo itself follows includes.
const DEPTH_MAX: usize = 16;

/// Someone whom a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Everybody,
    User(String),
    Uid(u32),
    Group(String),
    Gid(u32),
}

/// Whom rules allow to act as administrator, and the first file that may not be read.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    pub named: Vec<Named>,
    pub refused: Option<String>,
    /// Aliases of users, as they are met.
    aliases: Vec<(String, Vec<String>)>,
}

/// Lines with continued ones joined and remarks taken off. `#` before a digit is a user id.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(head) = line.strip_suffix('\\') {
            current.push_str(head);
            continue;
        }
        current.push_str(line);
        lines.push(std::mem::take(&mut current));
    }
    lines.push(current);
    lines
        .iter()
        .map(|line| without_remark(line).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn without_remark(line: &str) -> &str {
    if line.starts_with("#include") {
        return line;
    }
    let bytes = line.as_bytes();
    let remark = (0..bytes.len()).find(|&at| {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        bytes[at] == b'#' && !escaped && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    });
    &line[..remark.unwrap_or(line.len())]
}

fn named(word: &str) -> Option<Named> {
    let word = word.trim().trim_matches('"');
    match word {
        "ALL" => Some(Named::Everybody),
        // What takes a right away again is not followed: that errs towards more administrators.
        _ if word.starts_with(['!', '+']) || word.is_empty() => None,
        _ => Some(if let Some(gid) = word.strip_prefix("%#") {
            Named::Gid(gid.parse().ok()?)
        } else if let Some(group) = word.strip_prefix('%') {
            Named::Group(group.to_owned())
        } else if let Some(uid) = word.strip_prefix('#') {
            Named::Uid(uid.parse().ok()?)
        } else {
            Named::User(word.replace("\\ ", " "))
        }),
    }
}

/// Whether a specification, after its `=`, lets anything be run as root.
fn as_root(commands: &str) -> bool {
    let commands = commands.trim();
    let Some(runas) = commands
        .strip_prefix('(')
        .and_then(|rest| rest.split(')').next())
    else {
        return true;
    };
    let users = runas.split(':').next().unwrap_or_default();
    let root = |user: &str| matches!(user.trim(), "ALL" | "root" | "#0");
    // An alias of users may hold root: that errs towards more administrators.
    let alias = |user: &str| {
        user.trim()
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '_')
    };
    (!users.trim().is_empty()).then(|| users.split(',').any(|u| root(u) || alias(u))) == Some(true)
}

impl Allowed {
    pub(super) fn read(host: &Host) -> Self {
        let mut allowed = Self::default();
        allowed.file(host, SUDOERS, 0);
        allowed.doas(host);
        allowed
    }

    fn text(&mut self, host: &Host, path: &str) -> Option<String> {
        match host.read_text(path) {
            Ok(text) => Some(text),
            Err(ReadError::Missing) => None,
            Err(_) => {
                self.refused.get_or_insert_with(|| path.to_owned());
                None
            }
        }
    }

    fn file(&mut self, host: &Host, path: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let Some(text) = self.text(host, path) else {
            return;
        };
        for line in logical_lines(&text) {
            let (word, rest) = line
                .split_once(char::is_whitespace)
                .unwrap_or((line.as_str(), ""));
            let rest = rest.trim().trim_matches('"');
            match word {
                "@include" | "#include" => self.file(host, &absolute(rest), depth + 1),
                "@includedir" | "#includedir" => self.folder(host, &absolute(rest), depth + 1),
                "User_Alias" => self.alias(rest),
                _ if word.ends_with("_Alias") || word.starts_with("Defaults") => {}
                _ => self.rule(&line),
            }
        }
    }

    fn folder(&mut self, host: &Host, folder: &str, depth: usize) {
        let names = match host.names(folder) {
            Ok(names) => names,
            Err(_) => {
                self.refused.get_or_insert_with(|| folder.to_owned());
                return;
            }
        };
        // Names with a dot or a final tilde are skipped, as sudo does.
        for name in names
            .iter()
            .filter(|n| !n.contains('.') && !n.ends_with('~'))
        {
            self.file(host, &format!("{folder}/{name}"), depth);
        }
    }

    fn alias(&mut self, text: &str) {
        for one in text.split(':') {
            if let Some((name, members)) = one.split_once('=') {
                let members = members.split(',').map(|m| m.trim().to_owned()).collect();
                self.aliases.push((name.trim().to_owned(), members));
            }
        }
    }

    fn rule(&mut self, line: &str) {
        // `users hosts = (as whom) commands`; a user's name may hold an escaped blank.
        let Some((who, commands)) = line.split_once('=') else {
            return;
        };
        let who = who.trim();
        let Some(hosts) = who.rfind(char::is_whitespace) else {
            return;
        };
        if as_root(commands) {
            for word in who[..hosts].split(',') {
                self.name(word.trim(), 0);
            }
        }
    }

    fn name(&mut self, word: &str, depth: usize) {
        let alias = self.aliases.iter().find(|(name, _)| name == word);
        if let Some((_, members)) = alias.filter(|_| depth < DEPTH_MAX) {
            for member in members.clone() {
                self.name(&member, depth + 1);
            }
        } else {
            self.named.extend(named(word));
        }
    }

    fn doas(&mut self, host: &Host) {
        let mut files = vec![DOAS[0].to_owned()];
        let more = host.names(DOAS[1]).unwrap_or_default();
        files.extend(more.iter().map(|name| format!("{}/{name}", DOAS[1])));
        for path in files {
            let text = self.text(host, &path).unwrap_or_default();
            for line in logical_lines(&text) {
                self.named.extend(doas_rule(&line));
            }
        }
    }
}

/// `permit [options] identity [as target] …` (doas.conf(5)).
fn doas_rule(line: &str) -> Option<Named> {
    let mut words = line.split_whitespace().peekable();
    if words.next() != Some("permit") {
        return None;
    }
    let mut in_braces = false;
    let identity = words.by_ref().find(|word| {
        let option = matches!(*word, "nopass" | "nolog" | "persist" | "keepenv" | "setenv");
        let inside = in_braces || word.starts_with('{');
        in_braces = inside && !word.ends_with('}');
        !option && !inside
    })?;
    if words.next() == Some("as") && words.next() != Some("root") {
        return None;
    }
    Some(match identity.strip_prefix(':') {
        Some(group) => Named::Group(group.to_owned()),
        None => Named::User(identity.to_owned()),
    })
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/etc/{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Named> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("root/etc/sudoers.d")).unwrap();
        std::fs::write(folder.path().join("commands.toml"), "now = 0\n").unwrap();
        std::fs::write(folder.path().join("root/etc/sudoers"), text).unwrap();
        std::fs::write(folder.path().join("root/etc/sudoers.d/a"), "eve ALL=ALL\n").unwrap();
        std::fs::write(
            folder.path().join("root/etc/sudoers.d/b.bak"),
            "x ALL=ALL\n",
        )
        .unwrap();
        let (host, _) = crate::host::open_recorded(folder.path()).unwrap();
        Allowed::read(&host).named
    }

    #[test]
    fn rules_name_users_groups_aliases_and_files() {
        let user = |name: &str| Named::User(name.to_owned());
        let group = |name: &str| Named::Group(name.to_owned());
        for (text, expected) in [
            ("root\tALL=(ALL:ALL) ALL\n", vec![user("root")]),
            ("%sudo ALL=(ALL) NOPASSWD: ALL # all\n", vec![group("sudo")]),
            ("#1005 ALL = ALL\n", vec![Named::Uid(1005)]),
            ("%#27 ALL = ALL\n", vec![Named::Gid(27)]),
            ("ALL ALL=(ALL) ALL\n", vec![Named::Everybody]),
            ("a, b \\\n ALL=(root) /bin/ls\n", vec![user("a"), user("b")]),
            ("postgres ALL=(www-data) ALL\n", vec![]),
            ("a ALL=(:adm) ALL\n", vec![]),
            ("# a ALL=ALL\nDefaults x=y\nCmnd_Alias C = /bin/a\n", vec![]),
            (
                "User_Alias ADM = a, %g : OPS = b\nADM ALL=ALL\n",
                vec![user("a"), group("g")],
            ),
            ("@includedir /etc/sudoers.d\n", vec![user("eve")]),
            ("#includedir sudoers.d\n", vec![user("eve")]),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn doas_permits_users_and_groups() {
        let group = Some(Named::Group("wheel".to_owned()));
        assert_eq!(doas_rule("permit persist :wheel"), group);
        assert_eq!(doas_rule("permit setenv { A B=c } :wheel as root"), group);
        assert_eq!(doas_rule("permit a as b"), None);
        assert_eq!(doas_rule("deny :wheel"), None);
    }
}
