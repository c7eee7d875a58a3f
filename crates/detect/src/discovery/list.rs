//! A list of services as it is written: read, laid over another, compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::catalogue::{CatalogueError, ServiceKind, Words};
use super::name::canonical;

/// Largest list, in bytes.
pub const BYTES_MAX: usize = 8 << 20;

/// A service as a list has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedService {
    /// Its id: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its name.
    pub name: Words,
    /// What it is for.
    pub kind: ServiceKind,
    /// The domains by which it is known. Where there are none, a list laid over another says that the service
    /// is not looked for; see [`ServiceList::hidden_in`].
    pub domains: Vec<String>,
    /// Names of its programs on devices, as processes that hold connections are called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
}

/// A list of services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceList {
    /// The day it is of (`2026-11-29`), where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The services.
    pub service: Vec<ListedService>,
}

/// Services by which one list differs from another, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChanges {
    /// Those that are new.
    pub added: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
    /// Those that are described otherwise.
    pub changed: Vec<String>,
}

impl ServiceList {
    /// The list that comes with Sekisho (`catalog/services.toml`).
    ///
    /// # Errors
    /// [`CatalogueError`], which the tests exclude.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::parse(include_str!("../../../../catalog/services.toml"))
    }

    /// Reads a list. What it lists is looked at when a [`super::Catalogue`] is made of it.
    ///
    /// # Errors
    /// [`CatalogueError::Form`] and [`CatalogueError::Large`].
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        if text.len() > BYTES_MAX {
            return Err(CatalogueError::Large);
        }
        toml::from_str(text).map_err(|error| CatalogueError::Form(error.to_string()))
    }

    /// Whether a document is such a list and no other: a table of services begins on a line of it.
    #[must_use]
    pub fn is_in(document: &[u8]) -> bool {
        let mut lines = document.split(|byte| *byte == b'\n');
        lines.any(|line| line.trim_ascii() == b"[[service]]")
    }

    /// This list with another laid over it: services of the other take the place of those with the same id,
    /// and what they are known by is nobody else's any more.
    #[must_use]
    pub fn under(self, over: &Self) -> Self {
        let ids: BTreeSet<&str> = over.service.iter().map(|it| it.id.as_str()).collect();
        let domains: BTreeSet<Vec<u8>> = over
            .service
            .iter()
            .flat_map(|it| it.domains.iter().map(|domain| one_form(domain)))
            .collect();
        let programs: BTreeSet<String> = over
            .service
            .iter()
            .flat_map(|it| it.programs.iter().map(|it| it.to_ascii_lowercase()))
            .collect();
        let mut service = Vec::with_capacity(self.service.len() + over.service.len());
        for mut it in self.service {
            if ids.contains(it.id.as_str()) {
                continue;
            }
            it.domains
                .retain(|domain| !domains.contains(&one_form(domain)));
            it.programs
                .retain(|program| !programs.contains(&program.to_ascii_lowercase()));
            service.push(it);
        }
        service.extend(over.service.iter().cloned());
        Self {
            as_of: self.as_of,
            service,
        }
    }

    /// By which services this list differs from the one before.
    #[must_use]
    pub fn since(&self, before: &Self) -> ListChanges {
        let by_id = |list: &Self| -> BTreeMap<String, ListedService> {
            let all = list.service.iter();
            all.map(|it| (it.id.clone(), it.clone())).collect()
        };
        let (old, new) = (by_id(before), by_id(self));
        let of = |what: &dyn Fn(&str, &ListedService) -> bool,
                  list: &BTreeMap<String, ListedService>|
         -> Vec<String> {
            let found = list.iter().filter(|(id, it)| what(id.as_str(), it));
            found.map(|(id, _)| id.clone()).collect()
        };
        ListChanges {
            added: of(&|id, _| !old.contains_key(id), &new),
            removed: of(&|id, _| !new.contains_key(id), &old),
            changed: of(
                &|id, it| old.get(id).is_some_and(|before| before != it),
                &new,
            ),
        }
    }
}

/// A domain in its one form; as it is written where it has none, which is refused later.
fn one_form(domain: &str) -> Vec<u8> {
    let mut name = Vec::new();
    match canonical(domain.as_bytes(), &mut name) {
        Ok(()) => name,
        Err(_) => domain.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use super::*;

    fn service(id: &str, domains: &[&str]) -> ListedService {
        ListedService {
            id: id.to_owned(),
            name: Words {
                ja: id.to_owned(),
                en: id.to_owned(),
            },
            kind: ServiceKind::Chat,
            domains: domains.iter().map(|it| (*it).to_owned()).collect(),
            programs: Vec::new(),
        }
    }

    fn list(service: Vec<ListedService>) -> ServiceList {
        ServiceList {
            as_of: None,
            service,
        }
    }

    #[test]
    fn what_is_laid_over_counts_and_takes_domains_with_it() {
        let base = list(vec![
            service("talk", &["talk.example", "old.example"]),
            service("post", &["post.example"]),
            service("gone", &["gone.example"]),
        ]);
        let over = list(vec![
            service("talk", &["new.example"]),
            service("own", &["POST.example.", "own.example"]),
            service("gone", &[]),
        ]);
        let both = Catalogue::of(base.under(&over)).unwrap();
        let found = |name: &str| {
            let number = both.find(name.as_bytes())?;
            Some(both.service(number)?.id.as_str())
        };
        assert_eq!(found("new.example"), Some("talk"));
        assert_eq!(found("talk.example"), None, "the other list says otherwise");
        assert_eq!(found("x.post.example"), Some("own"));
        assert_eq!(found("own.example"), Some("own"));
        assert_eq!(found("gone.example"), None);
        assert_eq!(both.services().len(), 4);
    }

    #[test]
    fn changes_are_told_by_id() {
        let before = list(vec![
            service("a", &["a.example"]),
            service("b", &["b.example"]),
            service("c", &["c.example"]),
        ]);
        let after = list(vec![
            service("d", &["d.example"]),
            service("c", &["c.example"]),
            service("b", &["b.example", "bb.example"]),
        ]);
        let changes = after.since(&before);
        let ids = |ids: &[&str]| -> Vec<String> { ids.iter().map(|it| (*it).to_owned()).collect() };
        assert_eq!(changes.added, ids(&["d"]));
        assert_eq!(changes.removed, ids(&["a"]));
        assert_eq!(changes.changed, ids(&["b"]));
        assert_eq!(after.since(&after), ListChanges::default());
    }

    #[test]
    fn a_list_is_told_from_other_documents_and_says_of_when_it_is() {
        let text = "as_of = \"2026-11-29\"\r\n\r\n[[service]]\r\nid = \"a\"\r\n\
            name = { ja = \"a\", en = \"a\" }\r\nkind = \"chat\"\r\ndomains = [\"a.example\"]\r\n";
        assert!(ServiceList::is_in(text.as_bytes()));
        let read = ServiceList::parse(text).unwrap();
        assert_eq!(read.as_of.as_deref(), Some("2026-11-29"));
        for other in ["", "{\"service\": []}", "# [[service]] of old\n"] {
            assert!(!ServiceList::is_in(other.as_bytes()), "{other}");
        }
        assert!(ServiceList::built_in().unwrap().as_of.is_some());
        let large = "#".repeat(BYTES_MAX + 1);
        assert_eq!(ServiceList::parse(&large), Err(CatalogueError::Large));
    }
}
