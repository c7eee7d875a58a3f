//! `sshd_config` (sshd_config(5)): the first value of a setting counts, includes are read in
//! place, `Match` blocks hold for some connections only.

use crate::host::{Host, ReadError};

pub(super) const CONFIG: &str = "/etc/ssh/sshd_config";
/// As deep as sshd itself follows includes.
const DEPTH_MAX: usize = 16;

/// The settings that facts hold, as they apply to some connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    password: Option<bool>,
    keyboard: Option<bool>,
    use_pam: Option<bool>,
    permit_root: Option<String>,
    permit_empty: Option<bool>,
    methods: Option<String>,
}

fn yes(value: &str) -> bool {
    value.eq_ignore_ascii_case("yes")
}

impl Settings {
    /// Takes a setting unless an earlier one holds.
    fn take(&mut self, name: &str, value: &str) {
        match name.to_ascii_lowercase().as_str() {
            "passwordauthentication" => _ = self.password.get_or_insert(yes(value)),
            // The second was the name of the first until OpenSSH 8.7.
            "kbdinteractiveauthentication" | "challengeresponseauthentication" => {
                _ = self.keyboard.get_or_insert(yes(value));
            }
            "usepam" => _ = self.use_pam.get_or_insert(yes(value)),
            "permitrootlogin" => {
                let value = match value.to_ascii_lowercase().as_str() {
                    // The older name of the same.
                    "without-password" => "prohibit-password".to_owned(),
                    other => other.to_owned(),
                };
                self.permit_root.get_or_insert(value);
            }
            "permitemptypasswords" => _ = self.permit_empty.get_or_insert(yes(value)),
            "authenticationmethods" => {
                self.methods
                    .get_or_insert_with(|| value.to_ascii_lowercase());
            }
            _ => {}
        }
    }

    /// What a block sets, and what the rest of the file sets where the block is silent.
    fn over(&self, rest: &Self) -> Self {
        Self {
            password: self.password.or(rest.password),
            keyboard: self.keyboard.or(rest.keyboard),
            use_pam: self.use_pam.or(rest.use_pam),
            permit_root: self
                .permit_root
                .clone()
                .or_else(|| rest.permit_root.clone()),
            permit_empty: self.permit_empty.or(rest.permit_empty),
            methods: self.methods.clone().or_else(|| rest.methods.clone()),
        }
    }

    /// Whether a password alone opens a session, asked for by sshd or through PAM.
    pub(super) fn passwords(&self) -> bool {
        let asked = self.password.unwrap_or(true)
            || (self.keyboard.unwrap_or(true) && self.use_pam.unwrap_or(false));
        let methods = self.methods.as_deref().unwrap_or("any");
        let alone = methods.split_whitespace().any(|list| {
            list.split(',').all(|method| {
                method == "any"
                    || method == "password"
                    || method.starts_with("keyboard-interactive")
            })
        });
        asked && alone
    }

    /// The value of `PermitRootLogin`.
    pub(super) fn root_login(&self) -> &str {
        self.permit_root.as_deref().unwrap_or("prohibit-password")
    }

    /// Whether an empty password is accepted where passwords are.
    pub(super) fn empty_passwords(&self) -> bool {
        self.permit_empty.unwrap_or(false)
    }
}

/// Settings for everybody, and for each `Match` block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub everybody: Settings,
    blocks: Vec<Settings>,
}

impl Config {
    /// The output of `sshd -T`, which has no blocks.
    pub(super) fn of_dump(text: &str) -> Self {
        let mut config = Self::default();
        for line in text.lines() {
            if let Some((name, value)) = line.split_once(' ') {
                config.everybody.take(name, value.trim());
            }
        }
        config
    }

    /// Reads the configuration. A missing file means that every default holds.
    pub(super) fn read(host: &Host) -> Result<Self, (String, ReadError)> {
        let mut config = Self::default();
        config.file(host, CONFIG, &mut None, 0)?;
        Ok(config)
    }

    /// Takes the blocks of a configuration that was read otherwise.
    pub(super) fn with_blocks_of(mut self, other: &Self) -> Self {
        self.blocks.clone_from(&other.blocks);
        self
    }

    /// What holds for everybody and then what holds in each block.
    pub(super) fn cases(&self) -> Vec<Settings> {
        let blocks = self.blocks.iter().map(|b| b.over(&self.everybody));
        std::iter::once(self.everybody.clone())
            .chain(blocks)
            .collect()
    }

    fn file(
        &mut self,
        host: &Host,
        path: &str,
        block: &mut Option<usize>,
        depth: usize,
    ) -> Result<(), (String, ReadError)> {
        let text = match host.read_text(path) {
            Ok(text) => text,
            Err(ReadError::Missing) => return Ok(()),
            Err(error) => return Err((path.to_owned(), error)),
        };
        for line in text.lines() {
            let Some((name, value)) = parse_line(line) else {
                continue;
            };
            if name.eq_ignore_ascii_case("match") {
                *block = if value.eq_ignore_ascii_case("all") {
                    None
                } else {
                    self.blocks.push(Settings::default());
                    Some(self.blocks.len() - 1)
                };
            } else if name.eq_ignore_ascii_case("include") {
                for pattern in value.split_whitespace() {
                    self.include(host, pattern.trim_matches('"'), *block, depth + 1)?;
                }
            } else {
                let settings = match *block {
                    Some(place) => &mut self.blocks[place],
                    None => &mut self.everybody,
                };
                settings.take(name, value);
            }
        }
        Ok(())
    }

    fn include(
        &mut self,
        host: &Host,
        pattern: &str,
        block: Option<usize>,
        depth: usize,
    ) -> Result<(), (String, ReadError)> {
        if depth > DEPTH_MAX {
            let error = ReadError::Unreadable("too many includes in each other".to_owned());
            return Err((pattern.to_owned(), error));
        }
        let pattern = if pattern.starts_with('/') {
            pattern.to_owned()
        } else {
            format!("/etc/ssh/{pattern}")
        };
        let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
        if folder.contains(['*', '?', '[']) || name.contains('[') {
            let error = ReadError::Unreadable("a pattern that is not supported".to_owned());
            return Err((pattern.clone(), error));
        }
        let names = host
            .names(folder)
            .map_err(|error| (folder.to_owned(), error))?;
        // Names come sorted, as glob(3) gives them; it leaves out hidden files.
        for file in names
            .iter()
            .filter(|file| fits(name.as_bytes(), file.as_bytes()) && !file.starts_with('.'))
        {
            // A block that begins in an included file ends with it.
            self.file(host, &format!("{folder}/{file}"), &mut block.clone(), depth)?;
        }
        Ok(())
    }
}

/// A keyword and its value: separated by blanks, or by one `=`.
fn parse_line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=')?;
    let value = line[end..].trim_start();
    let value = value.strip_prefix('=').unwrap_or(value).trim();
    // A remark may follow since OpenSSH 8.5.
    let value = value.split(" #").next().unwrap_or(value).trim();
    Some((&line[..end], value.trim_matches('"')))
}

/// Whether a name fits a pattern with `*` and `?`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            fits(rest, name) || name.split_first().is_some_and(|(_, n)| fits(pattern, n))
        }
        (Some((b'?', rest)), Some((_, name))) => fits(rest, name),
        (Some((p, rest)), Some((n, name))) => p == n && fits(rest, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(main: &str, included: &str) -> Result<Config, (String, ReadError)> {
        let folder = tempfile::tempdir().unwrap();
        let ssh = folder.path().join("root/etc/ssh");
        std::fs::create_dir_all(ssh.join("sshd_config.d")).unwrap();
        std::fs::write(folder.path().join("commands.toml"), "now = 0\n").unwrap();
        std::fs::write(ssh.join("sshd_config"), main).unwrap();
        std::fs::write(ssh.join("sshd_config.d/50-own.conf"), included).unwrap();
        let (host, _) = crate::host::open_recorded(folder.path()).unwrap();
        Config::read(&host)
    }

    #[test]
    fn the_first_value_counts_across_includes() {
        let include = "Include /etc/ssh/sshd_config.d/*.conf\n";
        let later = "PasswordAuthentication yes\nKbdInteractiveAuthentication no\nUsePAM yes\n";
        let own = "PasswordAuthentication no # keys only\nPermitRootLogin=without-password\n";
        let config = read(&format!("{include}{later}"), own).unwrap();
        assert!(!config.everybody.passwords());
        assert_eq!(config.everybody.root_login(), "prohibit-password");
        let config = read(&format!("{later}{include}"), own).unwrap();
        assert!(config.everybody.passwords());
    }

    #[test]
    fn defaults_and_pam_let_passwords_in() {
        assert!(read("", "").unwrap().everybody.passwords());
        let pam = "PasswordAuthentication no\nUsePAM yes\n";
        assert!(read(pam, "").unwrap().everybody.passwords());
        let none = "PasswordAuthentication no\nUsePAM no\n";
        assert!(!read(none, "").unwrap().everybody.passwords());
        let both = "AuthenticationMethods publickey,password\n";
        assert!(!read(both, "").unwrap().everybody.passwords());
        let either = "AuthenticationMethods publickey password\n";
        assert!(read(either, "").unwrap().everybody.passwords());
    }

    #[test]
    fn blocks_end_with_their_file_or_match_all() {
        let main = "Include sshd_config.d/*.conf\nPasswordAuthentication no\n\
            KbdInteractiveAuthentication no\nMatch Address 192.0.2.0/24\n\
            \tPasswordAuthentication yes\nMatch all\nPermitRootLogin no\n";
        let config = read(main, "Match User backup\n  PermitRootLogin yes\n").unwrap();
        assert!(!config.everybody.passwords());
        assert_eq!(config.everybody.root_login(), "no");
        let cases = config.cases();
        assert_eq!(cases.len(), 3);
        assert_eq!(cases[1].root_login(), "yes");
        assert!(!cases[1].passwords() && cases[2].passwords());
    }

    #[test]
    fn includes_that_cannot_be_followed_are_said() {
        assert!(
            read(
                "Include sshd_config.d/*.conf\n",
                "Include sshd_config.d/*\n"
            )
            .is_err()
        );
        assert!(read("Include sshd_config.[d]/x\n", "").is_err());
        assert!(fits(b"*.conf", b"50-own.conf") && !fits(b"*.conf", b"x.conf.bak"));
        assert!(fits(b"?0-*", b"50-own") && !fits(b"", b"x"));
    }

    #[test]
    fn the_dump_of_sshd_is_read_alike() {
        let text = "port 22\nusepam yes\npermitrootlogin without-password\n\
            passwordauthentication no\nkbdinteractiveauthentication no\npermitemptypasswords no\n\
            authenticationmethods any\n";
        let config = Config::of_dump(text);
        assert!(!config.everybody.passwords());
        assert_eq!(config.everybody.root_login(), "prohibit-password");
    }
}
