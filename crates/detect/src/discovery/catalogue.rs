//! The catalogue of outside services: which names belong to which service. Data, not code.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::list::{ListedService, ServiceList};
use super::name::{belongs_to_one, canonical};

/// Most services of one catalogue.
const SERVICES_MAX: usize = 10_000;
/// Most names of one catalogue.
const DOMAINS_MAX: usize = 100_000;
/// Longest name of a service, in characters.
const NAME_MAX: usize = 120;

/// Whether a text can be what a service is called.
fn is_a_name(text: &str) -> bool {
    let length = text.chars().count();
    !text.trim().is_empty() && length <= NAME_MAX && !text.chars().any(char::is_control)
}

/// The id of a service in the catalogue: lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ServiceId(String);

impl ServiceId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: String) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = !text.is_empty() && text.len() <= 64 && text.bytes().all(fits);
        good.then_some(Self(text))
    }
}

/// What a service is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// Meetings by picture and sound (section 4 of the notices).
    Conference,
    /// Messages in groups.
    Chat,
    /// Storing and handing over files.
    Storage,
    /// Mail in a browser.
    Mail,
    /// Writing and planning together.
    Collaboration,
    /// Translation.
    Translation,
    /// Assistants that answer in text.
    Assistant,
    /// Control of another machine.
    RemoteControl,
    /// Publishing to everybody.
    Social,
    /// Something else: what an organisation has registered itself.
    Other,
}

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: Words,
    /// What it is for.
    pub kind: ServiceKind,
    /// The domains by which it is known, as they were written.
    pub domains: Vec<String>,
}

/// Why a catalogue cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogueError {
    /// Not of the form; what the parser says, with line and column.
    Form(String),
    /// An id is not of the form, or stands twice.
    Id(String),
    /// A name is empty, too long or holds what no name holds; of the service with this id.
    Name(String),
    /// A domain is no name, looks like another, is a whole top-level domain or what registries give names
    /// below, or belongs to another service already.
    Domain {
        /// The service.
        service: String,
        /// The domain as it was written.
        domain: String,
    },
    /// A program stands twice.
    Program(String),
    /// More services or domains than a catalogue may have.
    Large,
}

/// The catalogue, made for looking up.
#[derive(Clone, Debug)]
pub struct Catalogue {
    services: Vec<Service>,
    domains: HashMap<Box<[u8]>, u16>,
    programs: HashMap<Box<[u8]>, u16>,
    /// Fewest and most dots of a domain: shorter and longer ends of a name are not looked up.
    dots: (usize, usize),
}

impl ServiceKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Conference,
        Self::Chat,
        Self::Storage,
        Self::Mail,
        Self::Collaboration,
        Self::Translation,
        Self::Assistant,
        Self::RemoteControl,
        Self::Social,
        Self::Other,
    ];

    /// The stable code, as in catalogues.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Conference => "conference",
            Self::Chat => "chat",
            Self::Storage => "storage",
            Self::Mail => "mail",
            Self::Collaboration => "collaboration",
            Self::Translation => "translation",
            Self::Assistant => "assistant",
            Self::RemoteControl => "remote-control",
            Self::Social => "social",
            Self::Other => "other",
        }
    }
}

impl Catalogue {
    /// The catalogue that comes with Sekisho (`catalog/services.toml`).
    ///
    /// # Errors
    /// [`CatalogueError`], which the tests exclude.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::of(ServiceList::built_in()?)
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// [`CatalogueError`] names what is wrong.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        Self::of(ServiceList::parse(text)?)
    }

    /// Makes a catalogue of a list.
    ///
    /// # Errors
    /// [`CatalogueError`] names what is wrong.
    pub fn of(list: ServiceList) -> Result<Self, CatalogueError> {
        if list.service.len() > SERVICES_MAX {
            return Err(CatalogueError::Large);
        }
        let mut made = Self {
            services: Vec::with_capacity(list.service.len()),
            domains: HashMap::new(),
            programs: HashMap::new(),
            dots: (usize::MAX, 0),
        };
        let mut ids = HashSet::with_capacity(list.service.len());
        for service in list.service {
            if !ids.insert(service.id.clone()) {
                return Err(CatalogueError::Id(service.id));
            }
            made.add(service)?;
        }
        Ok(made)
    }

    fn add(&mut self, stored: ListedService) -> Result<(), CatalogueError> {
        let number = u16::try_from(self.services.len()).map_err(|_| CatalogueError::Large)?;
        let id = ServiceId::parse(stored.id.clone()).ok_or(CatalogueError::Id(stored.id))?;
        if ![&stored.name.ja, &stored.name.en]
            .into_iter()
            .all(|it| is_a_name(it))
        {
            return Err(CatalogueError::Name(id.0));
        }
        for written in &stored.domains {
            self.add_domain(written, number)
                .ok_or_else(|| CatalogueError::Domain {
                    service: id.as_str().to_owned(),
                    domain: written.clone(),
                })?;
            if self.domains.len() > DOMAINS_MAX {
                return Err(CatalogueError::Large);
            }
        }
        for program in stored.programs {
            let key = program.to_ascii_lowercase().into_bytes().into_boxed_slice();
            if key.is_empty() || self.programs.insert(key, number).is_some() {
                return Err(CatalogueError::Program(program));
            }
        }
        self.services.push(Service {
            id,
            name: stored.name,
            kind: stored.kind,
            domains: stored.domains,
        });
        Ok(())
    }

    /// Adds a service that the organisation itself has registered, by those of its domains that belong to no
    /// service yet and are names of hosts. Whether any did.
    pub fn add_own(
        &mut self,
        id: &str,
        name: Words,
        kind: ServiceKind,
        domains: &[String],
    ) -> bool {
        let Some(id) = ServiceId::parse(id.to_owned()) else {
            return false;
        };
        let taken = self.services.iter().any(|it| it.id == id);
        let Ok(number) = u16::try_from(self.services.len()) else {
            return false;
        };
        if taken || self.services.len() >= SERVICES_MAX {
            return false;
        }
        let mut own = Vec::new();
        for written in domains {
            let mut name = Vec::new();
            let is_free =
                canonical(written.as_bytes(), &mut name).is_ok() && self.find(&name).is_none();
            let fits = self.domains.len() < DOMAINS_MAX;
            if is_free && fits && self.add_domain(written, number).is_some() {
                own.push(written.clone());
            }
        }
        if own.is_empty() {
            return false;
        }
        self.services.push(Service {
            id,
            name,
            kind,
            domains: own,
        });
        true
    }

    fn add_domain(&mut self, written: &str, number: u16) -> Option<()> {
        let mut name = Vec::new();
        canonical(written.as_bytes(), &mut name).ok()?;
        let dots = name.iter().filter(|byte| **byte == b'.').count();
        if !belongs_to_one(&name) {
            return None;
        }
        self.dots = (self.dots.0.min(dots), self.dots.1.max(dots));
        let before = self.domains.insert(name.into_boxed_slice(), number);
        before.is_none().then_some(())
    }

    /// The services, in the order of the catalogue.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// A service by its number.
    #[must_use]
    pub fn service(&self, number: u16) -> Option<&Service> {
        self.services.get(usize::from(number))
    }

    /// The number of the service to which a name belongs: the one whose domain is the longest end
    /// of the name, at a border between labels. The name has to be in its one form ([`canonical`]).
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<u16> {
        let (fewest, most) = self.dots;
        let dots = memchr::memchr_iter(b'.', name).count();
        let mut from = 0;
        let mut left = dots;
        while left > most {
            from += memchr::memchr(b'.', &name[from..])? + 1;
            left -= 1;
        }
        while left >= fewest {
            if let Some(found) = self.domains.get(&name[from..]) {
                return Some(*found);
            }
            from += memchr::memchr(b'.', &name[from..])? + 1;
            left -= 1;
        }
        None
    }

    /// The number of the service to which a program belongs, by its file name.
    #[must_use]
    pub fn find_program(&self, program: &[u8]) -> Option<u16> {
        self.programs.get(&*program.to_ascii_lowercase()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(services: &str) -> Result<Catalogue, CatalogueError> {
        Catalogue::parse(services)
    }

    const TWO: &str = r#"
        [[service]]
        id = "meeting"
        name = { ja = "会議", en = "Meeting" }
        kind = "conference"
        domains = ["zoom.us", "Meet.Example.COM."]
        programs = ["Zoom.exe"]
        [[service]]
        id = "office"
        name = { ja = "事務", en = "Office" }
        kind = "storage"
        domains = ["example.com"]
    "#;

    #[test]
    fn a_name_belongs_to_the_longest_domain_at_a_border() {
        let catalogue = catalogue(TWO).unwrap();
        let found = |name: &str| {
            let number = catalogue.find(name.as_bytes())?;
            Some(catalogue.service(number)?.id.as_str())
        };
        for (name, service) in [
            ("zoom.us", Some("meeting")),
            ("us02web.zoom.us", Some("meeting")),
            ("a.b.c.d.e.f.zoom.us", Some("meeting")),
            ("notzoom.us", None),
            ("zoom.us.evil.example", None),
            ("zoom.us.example.com", Some("office")),
            ("us", None),
            ("zoom", None),
            ("meet.example.com", Some("meeting")),
            ("x.meet.example.com", Some("meeting")),
            ("xmeet.example.com", Some("office")),
            ("com", None),
        ] {
            assert_eq!(found(name), service, "{name}");
        }
        assert_eq!(catalogue.find_program(b"ZOOM.EXE"), Some(0));
        assert_eq!(catalogue.find_program(b"zoom"), None);
    }

    #[test]
    fn what_an_organisation_registered_itself_is_known_by_what_is_nobodys() {
        let mut catalogue = catalogue(TWO).unwrap();
        let words = || Words {
            ja: "自".to_owned(),
            en: "own".to_owned(),
        };
        let mut add = |id: &str, domains: &[&str]| {
            let domains: Vec<String> = domains.iter().map(|it| (*it).to_owned()).collect();
            catalogue.add_own(id, words(), ServiceKind::Other, &domains)
        };
        // One's own address at a service is that service's; no name is nothing.
        assert!(!add("cnf-1", &["ministry.zoom.us", "jp", "a b.jp"]));
        assert!(add("cnf-2", &["zoom.us", "kaigi.go.jp"]));
        assert!(!add("cnf-2", &["other.go.jp"]), "the id is taken");
        assert!(!add("CNF_3", &["more.go.jp"]), "no id of a catalogue");
        let found = |name: &str| {
            catalogue
                .find(name.as_bytes())
                .and_then(|it| catalogue.service(it))
        };
        assert_eq!(found("x.kaigi.go.jp").unwrap().id.as_str(), "cnf-2");
        assert_eq!(found("ministry.zoom.us").unwrap().id.as_str(), "meeting");
        assert_eq!(found("notkaigi.go.jp"), None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let service = |id: &str, domains: &str| {
            format!(
                "[[service]]\nid = \"{id}\"\nname = {{ ja = \"a\", en = \"a\" }}\nkind = \"mail\"\ndomains = [{domains}]\n"
            )
        };
        let fails = |text: &str| catalogue(text).expect_err(text);
        assert!(matches!(fails("service = 3"), CatalogueError::Form(_)));
        assert!(matches!(fails(&service("A b", "")), CatalogueError::Id(_)));
        let twice = service("a", "\"a.jp\"") + &service("a", "\"b.jp\"");
        assert!(matches!(fails(&twice), CatalogueError::Id(_)));
        let taken = service("a", "\"a.jp\"") + &service("b", "\"A.jp\"");
        assert!(matches!(fails(&taken), CatalogueError::Domain { .. }));
        for domain in [
            "\"jp\"",
            "\"\"",
            "\"*.a.jp\"",
            "\"a b.jp\"",
            // What registries give names below, an address, and what only looks like a name.
            "\"co.jp\"",
            "\"com.au\"",
            "\"192.0.2.1\"",
            "\"xn--a.jp\"",
            "\"z\u{43e}om.us\"",
        ] {
            let text = service("a", domain);
            assert!(
                matches!(fails(&text), CatalogueError::Domain { .. }),
                "{domain}"
            );
        }
    }

    #[test]
    fn the_catalogue_that_comes_along_can_be_read() {
        let catalogue = Catalogue::built_in().unwrap();
        assert!(catalogue.find(b"us02web.zoom.us").is_some());
        for kind in [
            ServiceKind::Conference,
            ServiceKind::Storage,
            ServiceKind::Mail,
        ] {
            assert!(catalogue.services().iter().any(|it| it.kind == kind));
        }
        for service in catalogue.services() {
            assert!(!service.name.ja.trim().is_empty() && !service.name.en.trim().is_empty());
        }
    }
}
