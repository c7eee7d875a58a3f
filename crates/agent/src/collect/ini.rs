//! Files of the form `[section]`, `key=value`: systemd, KDE, dnf and many others.

use crate::host::{Host, ReadError};

/// The settings of one or more files, later ones last.
#[derive(Debug, Default)]
pub(super) struct Ini(Vec<(String, String, String)>);

impl Ini {
    pub(super) fn parse(text: &str) -> Self {
        let mut ini = Self::default();
        ini.add(text);
        ini
    }

    /// Adds a file that overrides what was read before.
    pub(super) fn add(&mut self, text: &str) {
        let mut section = String::new();
        for line in text.lines().map(str::trim) {
            if line.starts_with(['#', ';']) {
                continue;
            }
            let head = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            // A line such as `[Daemon][$i]` is a section too; its suffix is kept in the name.
            if let Some(name) = head {
                name.clone_into(&mut section);
            } else if let Some((key, value)) = line.split_once('=') {
                let entry = (
                    section.clone(),
                    key.trim().to_owned(),
                    value.trim().to_owned(),
                );
                self.0.push(entry);
            }
        }
    }

    /// The last value given to a key.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .rev()
            .find(|(s, k, _)| s == section && k == key);
        found.map(|(_, _, value)| value.as_str())
    }

    /// Reads a file of systemd and its drop-in folders, in systemd's order of precedence.
    pub(super) fn systemd(host: &Host, name: &str) -> Result<Self, ReadError> {
        let mut ini = Self::default();
        for base in ["/usr/lib/systemd", "/etc/systemd"] {
            match host.read_text(format!("{base}/{name}")) {
                Ok(text) => ini.add(&text),
                Err(ReadError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
        for base in ["/usr/lib/systemd", "/run/systemd", "/etc/systemd"] {
            let folder = format!("{base}/{name}.d");
            for file in host.names(&folder)?.iter().filter(|n| n.ends_with(".conf")) {
                ini.add(&host.read_text(format!("{folder}/{file}"))?);
            }
        }
        Ok(ini)
    }
}
