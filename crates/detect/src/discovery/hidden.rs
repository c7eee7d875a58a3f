//! Services of a list that lists laid over it keep from being found.

use std::collections::BTreeMap;

use super::catalogue::{Catalogue, CatalogueError, ServiceKind, Words};
use super::list::ServiceList;
use super::name::canonical;

/// A service of a list that is not found as what it is, by some of its domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenService {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Words,
    /// What it is for, by its own list.
    pub kind: ServiceKind,
    /// The domains and programs by which nothing is found, or something else than the list says.
    pub domains: Vec<String>,
}

impl ServiceList {
    /// The services of this list that are not found as what they are where logs are looked through with
    /// `together`, which is this list under others: by a domain or a program nothing is found any more, or a
    /// service for meetings as one that is none, or the other way round; each has a register of its own. What
    /// is found under another name is found.
    ///
    /// # Errors
    /// [`CatalogueError`] where either is no list.
    pub fn hidden_in(&self, together: &Self) -> Result<Vec<HiddenService>, CatalogueError> {
        let below = Catalogue::of(self.clone())?;
        let above = Catalogue::of(together.clone())?;
        let mut hidden: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        let mut hide = |number: u16, name: &String| {
            let names = hidden.entry(number).or_default();
            if !names.contains(name) {
                names.push(name.clone());
            }
        };
        let gone = |number: u16, found: Option<u16>| {
            let listed = below.service(number).map(|it| it.kind);
            let found = found.and_then(|it| above.service(it)).map(|it| it.kind);
            found.map(meets) != listed.map(meets)
        };
        for (number, service) in (0_u16..).zip(below.services()) {
            for domain in &service.domains {
                if gone(number, found(&above, domain)) {
                    hide(number, domain);
                }
            }
        }
        for program in self.service.iter().flat_map(|it| &it.programs) {
            let found = above.find_program(program.as_bytes());
            if let Some(number) = below.find_program(program.as_bytes())
                && gone(number, found)
            {
                hide(number, program);
            }
        }
        // A name below one of the list's may have been taken out of it.
        for service in above.services() {
            for domain in &service.domains {
                let Some(number) = found(&below, domain) else {
                    continue;
                };
                let listed = below.service(number);
                if listed.is_some_and(|it| meets(it.kind) != meets(service.kind)) {
                    hide(number, domain);
                }
            }
        }
        let of = |(number, domains): (u16, Vec<String>)| {
            let service = below.service(number)?;
            Some(HiddenService {
                id: service.id.as_str().to_owned(),
                name: service.name.clone(),
                kind: service.kind,
                domains,
            })
        };
        Ok(hidden.into_iter().filter_map(of).collect())
    }
}

fn meets(kind: ServiceKind) -> bool {
    kind == ServiceKind::Conference
}

/// The service to which a domain belongs as it is written.
fn found(catalogue: &Catalogue, written: &str) -> Option<u16> {
    let mut name = Vec::new();
    canonical(written.as_bytes(), &mut name).ok()?;
    catalogue.find(&name)
}

#[cfg(test)]
mod tests {
    use super::super::ListedService;
    use super::*;

    fn service(id: &str, kind: ServiceKind, domains: &[&str]) -> ListedService {
        ListedService {
            id: id.to_owned(),
            name: Words {
                ja: id.to_owned(),
                en: id.to_owned(),
            },
            kind,
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

    fn hidden(over: ListedService) -> Vec<(String, Vec<String>)> {
        let base = list(vec![
            service(
                "meet",
                ServiceKind::Conference,
                &["Meet.example", "call.example"],
            ),
            service("files", ServiceKind::Storage, &["files.example"]),
        ]);
        let together = base.clone().under(&list(vec![over]));
        let hidden = base.hidden_in(&together).unwrap().into_iter();
        hidden.map(|it| (it.id, it.domains)).collect()
    }

    #[test]
    fn what_an_own_entry_takes_away_or_makes_something_else_is_hidden() {
        use ServiceKind::{Chat, Conference, Storage};
        let of = |id: &str, domains: &[&str]| {
            let domains = domains.iter().map(|it| (*it).to_owned()).collect();
            vec![(id.to_owned(), domains)]
        };
        for (over, expected) in [
            (
                service("meet", Conference, &[]),
                of("meet", &["Meet.example", "call.example"]),
            ),
            (
                service("meet", Conference, &["a.meet.example", "call.example"]),
                of("meet", &["Meet.example"]),
            ),
            (
                service("meet", Chat, &["meet.example", "call.example"]),
                of("meet", &["Meet.example", "call.example", "meet.example"]),
            ),
            (
                service("own", Storage, &["call.example"]),
                of("meet", &["call.example"]),
            ),
            (
                service("own", Storage, &["eu.call.example"]),
                of("meet", &["eu.call.example"]),
            ),
            (
                service("own", Conference, &["x.files.example"]),
                of("files", &["x.files.example"]),
            ),
        ] {
            assert_eq!(hidden(over.clone()), expected, "{over:?}");
        }
    }

    /// Sockets of devices are told apart by programs alone.
    #[test]
    fn a_program_that_an_own_entry_takes_away_or_forgets_is_hidden() {
        use ServiceKind::{Chat, Conference};
        let with = |id: &str, kind, domains: &[&str], programs: &[&str]| ListedService {
            programs: programs.iter().map(|it| (*it).to_owned()).collect(),
            ..service(id, kind, domains)
        };
        let base = list(vec![with("meet", Conference, &["meet.example"], &["Meet"])]);
        let hidden = |over: ListedService| {
            let together = base.clone().under(&list(vec![over]));
            base.hidden_in(&together).unwrap()
        };
        let of_meet = |kind, programs: &[&str]| with("meet", kind, &["meet.example"], programs);
        assert_eq!(hidden(of_meet(Conference, &[]))[0].domains, ["Meet"]);
        assert_eq!(hidden(of_meet(Conference, &["meet"])), []);
        let own = |kind| with("own", kind, &["own.example"], &["meet"]);
        assert_eq!(hidden(own(Chat))[0].domains, ["Meet"]);
        assert_eq!(hidden(own(Conference)), []);
    }

    #[test]
    fn what_is_found_under_another_name_of_its_kind_is_not_hidden() {
        use ServiceKind::{Chat, Conference};
        for over in [
            service("own", Conference, &["call.example"]),
            service("own", Chat, &["files.example", "new.example"]),
            service("meet", Conference, &["meet.example", "call.example"]),
        ] {
            assert!(hidden(over.clone()).is_empty(), "{over:?}");
        }
    }
}
