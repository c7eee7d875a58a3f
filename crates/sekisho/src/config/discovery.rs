//! Settings of the use of outside services: for how long it is kept who used one, and which logs the server
//! reads itself.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sekisho_detect::discovery::Form;
use sekisho_protocol::service_use::SOURCE_MAX;
use serde::Deserialize;

/// Days for which it may be kept who used an outside service.
const PEOPLE_DAYS: std::ops::RangeInclusive<u32> = 1..=92;

/// Seconds between two readings.
const EVERY: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Seconds between two readings where nothing is said.
const USUALLY: u32 = 300;

/// Most sources.
const SOURCES_MAX: usize = 100;

/// Use of outside services.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Discovery {
    /// For how many days it is kept who used a service (1 to 92).
    pub people_days: Option<u32>,
    /// Logs that the server reads itself; none unless said.
    pub logs: Vec<Logs>,
}

/// The logs of one source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// What the resolver or proxy is called.
    pub source: String,
    /// Files, or folders of files.
    pub paths: Vec<PathBuf>,
    /// Their form, where it is not to be told by their first lines.
    pub form: Option<String>,
    /// The list that says whose a client is.
    pub clients: Option<PathBuf>,
    /// Time zone of lines without one.
    pub offset: Option<String>,
    /// Seconds between two readings.
    pub every: Option<u32>,
}

impl Logs {
    /// Seconds between two readings.
    pub fn every(&self) -> u32 {
        self.every.unwrap_or(USUALLY)
    }
}

impl Discovery {
    /// Which setting is wrong, with what it may be; none where all are right.
    pub fn wrong(&self) -> Option<&'static str> {
        if self
            .people_days
            .is_some_and(|days| !PEOPLE_DAYS.contains(&days))
        {
            return Some("discovery.people_days (1–92)");
        }
        let sources: BTreeSet<&str> = self.logs.iter().map(|it| it.source.trim()).collect();
        if sources.len() < self.logs.len() || self.logs.len() > SOURCES_MAX {
            return Some("discovery.logs (each source once, 100 at most)");
        }
        self.logs.iter().find_map(Logs::wrong)
    }
}

impl Logs {
    fn wrong(&self) -> Option<&'static str> {
        let length = self.source.trim().chars().count();
        if !(1..=SOURCE_MAX).contains(&length) {
            return Some("discovery.logs.source (1–64)");
        }
        if self.paths.is_empty() {
            return Some("discovery.logs.paths (1–)");
        }
        if self
            .form
            .as_ref()
            .is_some_and(|it| Form::from_code(it).is_none())
        {
            return Some("discovery.logs.form");
        }
        let every = self.every.is_some_and(|it| !EVERY.contains(&it));
        every.then_some("discovery.logs.every (1–86400)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Option<&'static str> {
        toml::from_str::<Discovery>(text).unwrap().wrong()
    }

    #[test]
    fn logs_are_named_wholly_or_not_at_all() {
        let one = "[[logs]]\nsource = \"dns\"\npaths = [\"/var/log/dnsmasq.log\"]\n";
        assert_eq!(wrong(""), None);
        assert_eq!(wrong(one), None);
        assert_eq!(
            wrong(&format!("{one}form = \"dnsmasq\"\nevery = 60\n")),
            None
        );
        for (text, said) in [
            (
                format!("{one}{one}"),
                "discovery.logs (each source once, 100 at most)",
            ),
            (format!("{one}form = \"tape\"\n"), "discovery.logs.form"),
            (
                format!("{one}every = 0\n"),
                "discovery.logs.every (1–86400)",
            ),
            (
                "[[logs]]\nsource = \" \"\npaths = [\"a\"]\n".to_owned(),
                "discovery.logs.source (1–64)",
            ),
            (
                "[[logs]]\nsource = \"a\"\npaths = []\n".to_owned(),
                "discovery.logs.paths (1–)",
            ),
            (
                "people_days = 93\n".to_owned(),
                "discovery.people_days (1–92)",
            ),
        ] {
            assert_eq!(wrong(&text), Some(said), "{text}");
        }
        let unknown = format!("{one}files = 3\n");
        assert!(toml::from_str::<Discovery>(&unknown).is_err());
    }
}
