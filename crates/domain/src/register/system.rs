//! Information systems (情報システム台帳): who answers for each, its highest grade, its named parts,
//! its handling restrictions.

use super::part::GradedPart;
use super::{Fault, RegisterNoun};
use crate::access::{Asker, ProxyDoor};
use crate::grade::Grade;
use crate::id::{ApiTokenId, LineId, PostId, ServiceId};
use crate::name::Line;
use crate::net::Port;
use crate::restriction::Restriction;

crate::choice! {
    /// Where a system runs.
    pub enum SystemHost {
        /// In rooms of the organisation.
        OwnPremises = "own_premises",
        /// In a data centre of a contractor.
        Contractor = "contractor",
        /// In a cloud service.
        Cloud = "cloud",
    }
}

crate::noun! {
    /// An information system.
    pub struct System {
        /// Its name.
        pub name: Line,
        /// What it is for.
        pub purpose: Option<Line>,
        /// The post of its officer (情報システムセキュリティ責任者).
        pub officer: PostId,
        /// The post of its administrator (情報システムセキュリティ管理者).
        pub administrator: Option<PostId>,
        /// The highest grade of information in it.
        pub highest: Grade,
        /// Parts with a grade of their own, each as `C2I1A1 name`.
        pub parts: Vec<GradedPart>,
        /// The handling restrictions (取扱制限) of what is in it: they go with every access to it.
        pub restrictions: Vec<Restriction>,
        /// Where it runs.
        pub host: SystemHost,
        /// The service that it runs on, where it does.
        pub service: Option<ServiceId>,
        /// Whether it may be reached from outside the organisation's lines.
        pub remote: bool,
        /// The lines it stands on.
        pub lines: Vec<LineId>,
        /// Its host name or address.
        pub address: Option<Line>,
        /// The ports at which it is reached; gateways open no others.
        pub ports: Vec<Port>,
        /// At which doors the proxies before it ask the decision point without a token.
        pub asking_proxies: Vec<ProxyDoor>,
        /// The API tokens with which what stands before it asks the decision point.
        pub asking_tokens: Vec<ApiTokenId>,
    }
}

impl System {
    /// The declared grade of a named part; none where there is no such part.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<Grade> {
        self.parts
            .iter()
            .find(|part| part.name.as_str() == name)
            .map(|part| part.grade)
    }

    /// Whether the entry names whoever asked as what stands before the system.
    #[must_use]
    pub fn names(&self, asker: Asker) -> bool {
        match asker {
            Asker::Token(id) => self.asking_tokens.contains(&id),
            Asker::Proxy(door) => self.asking_proxies.contains(&door),
            Asker::Gateway(_) | Asker::Line(_) => false,
        }
    }
}

impl RegisterNoun for System {
    const KEYS: &'static [&'static str] = &["name"];

    fn fault(&self) -> Option<Fault> {
        let above = |part: &GradedPart| part.grade.join(self.highest) != self.highest;
        let twice = |(place, part): (usize, &GradedPart)| {
            self.parts[..place].iter().any(|it| it.name == part.name)
        };
        if self.parts.iter().any(above) {
            Some(Fault::new("system.part-above-highest", "parts"))
        } else if self.parts.iter().enumerate().any(twice) {
            Some(Fault::new("system.part-twice", "parts"))
        } else {
            let fault = self.place().err();
            fault.map(|it| Fault::new(it.code(), "address"))
        }
    }
}
