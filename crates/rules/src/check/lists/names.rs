//! Names by which devices report software, as a register writes them.
//!
//! Width, case and white space do not count. A name that ends in `*` stands for everything that begins
//! so, since one product comes as many packages.

use std::borrow::Cow;
use std::collections::HashMap;

use sekisho_domain::name::folded;
use serde::Serialize;

/// Names of processes are cut after so many bytes by Linux (`TASK_COMM_LEN`, proc(5)).
const PROCESS_MAX: usize = 15;

/// A text in the form in which names are compared.
pub(super) fn key(text: &str) -> Cow<'_, str> {
    // Most packages have plain names already, and a device has thousands.
    let plain = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase();
    if text.bytes().all(plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(folded(text))
    }
}

/// A name as it is looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pattern {
    /// The whole name.
    Is(String),
    /// How it begins.
    Begins(String),
}

impl Pattern {
    pub(super) fn of(text: &str) -> Self {
        let key = folded(text);
        match key.strip_suffix('*') {
            Some(start) if !start.is_empty() => Self::Begins(start.to_owned()),
            // A star alone would be every name there is, which no list can mean.
            _ => Self::Is(key),
        }
    }

    fn matches(&self, key: &str) -> bool {
        match self {
            Self::Is(name) => name == key,
            Self::Begins(start) => key.starts_with(start.as_str()),
        }
    }

    /// Whether a process may be meant whose name was cut.
    fn matches_cut(&self, key: &str) -> bool {
        match self {
            Self::Is(name) => key.len() >= PROCESS_MAX && name.starts_with(key),
            Self::Begins(start) => key.starts_with(start.as_str()),
        }
    }
}

/// Whether one of a few patterns means one of these names.
pub(super) fn any(patterns: &[Pattern], names: &[&str]) -> bool {
    names.iter().any(|name| {
        let key = key(name);
        patterns.iter().any(|pattern| pattern.matches(&key))
    })
}

/// An entry of a list of software.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::check) struct Listed {
    /// Its name in the register.
    pub(in crate::check) name: String,
    /// To which versions it is limited, in words that no program can compare.
    pub(in crate::check) versions: Option<String>,
    /// Whether it names what devices report, beside its own name.
    pub(in crate::check) names_packages: bool,
    pub(super) patterns: Vec<Pattern>,
}

/// A list of software, ready to be asked for names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct List {
    /// Those of every version first, then by name: of several entries that mean a name the first counts.
    entries: Vec<Listed>,
    whole: HashMap<String, usize>,
    starts: Vec<(String, usize)>,
}

impl List {
    pub(super) fn new(mut entries: Vec<Listed>) -> Self {
        entries.sort_by(|a, b| {
            let of = |it: &Listed| (it.versions.clone(), it.name.clone());
            of(a).cmp(&of(b))
        });
        let (mut whole, mut starts) = (HashMap::new(), Vec::new());
        for (place, entry) in entries.iter().enumerate() {
            for pattern in &entry.patterns {
                match pattern {
                    Pattern::Is(name) => {
                        whole.entry(name.clone()).or_insert(place);
                    }
                    Pattern::Begins(start) => starts.push((start.clone(), place)),
                }
            }
        }
        Self {
            entries,
            whole,
            starts,
        }
    }

    pub(in crate::check) fn entries(&self) -> &[Listed] {
        &self.entries
    }

    /// The entry that means one of the names of a package.
    pub(in crate::check) fn find(&self, names: &[&str]) -> Option<&Listed> {
        let found = names.iter().filter_map(|name| {
            let key = key(name);
            let begins = |(start, _): &&(String, usize)| key.starts_with(start.as_str());
            let by_start = self.starts.iter().filter(begins).map(|(_, place)| *place);
            let whole = self.whole.get(key.as_ref()).copied();
            whole.into_iter().chain(by_start).min()
        });
        found.min().map(|place| &self.entries[place])
    }

    /// The entry that means a process, whose name may have been cut.
    pub(in crate::check) fn find_process(&self, process: &str) -> Option<&Listed> {
        self.find(&[process]).or_else(|| {
            let key = key(process);
            let cut = |it: &&Listed| it.patterns.iter().any(|it| it.matches_cut(&key));
            self.entries.iter().find(cut)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, versions: Option<&str>, packages: &[&str]) -> Listed {
        Listed {
            name: name.to_owned(),
            versions: versions.map(str::to_owned),
            names_packages: !packages.is_empty(),
            patterns: packages.iter().map(|it| Pattern::of(it)).collect(),
        }
    }

    #[test]
    fn the_short_way_to_a_key_is_the_long_one() {
        let graphic: String = (b'!'..=b'~').map(char::from).collect();
        let small: String = graphic.chars().filter(|c| !c.is_uppercase()).collect();
        for text in [small.as_str(), "ＡｎｙＤｅｓｋ", "Any Desk", "firefox-esr"] {
            assert_eq!(key(text), folded(text));
        }
    }

    #[test]
    fn an_entry_of_every_version_comes_before_one_of_some() {
        let list = List::new(vec![
            entry("Abc 7", Some("7系まで"), &["abc"]),
            entry("Xyz", None, &["xyz", "ＡＢＣ"]),
        ]);
        assert_eq!(list.find(&["abc"]).unwrap().name, "Xyz");
        assert_eq!(list.find(&["other", "Abc"]).unwrap().name, "Xyz");
        assert_eq!(list.find(&["abcd"]), None);
    }

    #[test]
    fn a_star_stands_for_what_begins_so_and_alone_for_nothing() {
        let list = List::new(vec![
            entry("Tor", None, &["tor-*"]),
            entry("All", None, &["*"]),
        ]);
        assert_eq!(list.find(&["tor-geoipdb"]).unwrap().name, "Tor");
        assert_eq!(list.find(&["tor"]), None);
        assert_eq!(list.find(&["adduser"]), None);
    }

    #[test]
    fn a_process_is_known_by_a_name_that_was_cut() {
        let list = List::new(vec![entry("T", None, &["transmission-daemon"])]);
        assert!(list.find_process("transmission-da").is_some());
        assert!(list.find_process("transmission").is_none());
        assert!(list.find(&["transmission-da"]).is_none());
    }
}
