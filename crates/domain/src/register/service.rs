//! External services (外部サービス), with those used on their provider's own terms (約款による外部
//! サービス, 4.1.2).

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::grade::Grade;
use crate::id::{PostId, TaskId};
use crate::name::Line;

crate::choice! {
    /// On what ground a service is used.
    pub enum ServiceKind {
        /// 約款による外部サービス: on the provider's terms, without a contract of its own.
        Terms = "terms",
        /// A cloud service under contract.
        Cloud = "cloud",
        /// Another contracted service.
        Contract = "contract",
    }
}

crate::choice! {
    /// Whether a service stands on the government's list of assessed services.
    pub enum Ismap {
        /// Registered with ISMAP.
        Ismap = "ismap",
        /// Registered with ISMAP-LIU.
        Liu = "ismap_liu",
        /// Not registered.
        None = "none",
    }
}

crate::noun! {
    /// An external service.
    pub struct Service {
        /// Its name.
        pub name: Line,
        /// Who provides it.
        pub provider: Line,
        /// On what ground it is used.
        pub kind: ServiceKind,
        /// The post of its responsible person (サービスごとの責任者, 4.1.2(1)(b)).
        pub owner: Option<PostId>,
        /// The work that may use it (4.1.2(1)(a)(ア)).
        pub tasks: Vec<TaskId>,
        /// The highest grade of information that may be put there.
        pub highest: Grade,
        /// Whether it stands on the government's list.
        pub ismap: Option<Ismap>,
        /// The version or date of the terms that were looked at.
        pub terms_version: Option<Line>,
        /// When they were looked at.
        pub terms_seen: Option<Date>,
        /// Where they stand.
        pub terms_address: Option<Line>,
        /// Where what is put there is kept.
        pub data_place: Option<Line>,
        /// The domains by which its use is seen.
        pub domains: Vec<Line>,
        /// The document that says how it is operated (4.1.2(1)(a)(ウ)).
        pub procedure: Option<Line>,
    }
}

impl RegisterNoun for Service {
    const KEYS: &'static [&'static str] = &["name"];

    fn fault(&self) -> Option<Fault> {
        (self.kind == ServiceKind::Terms && self.highest.is_confidential())
            .then(|| Fault::new("service.terms-confidential", "highest"))
    }
}
