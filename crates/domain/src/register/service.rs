//! External services (外部サービス), with those used on their provider's own terms (約款による外部
//! サービス, 4.1.2).

use jiff::civil::Date;

use super::sha256::Sha256;
use super::{Fault, RegisterNoun};
use crate::grade::Grade;
use crate::id::{PostId, TaskId};
use crate::name::Line;
use crate::sighting::belongs_to_one;

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

crate::choice! {
    /// What came of judging a service's terms and the other conditions of its use (4.1.2(2)(a)).
    pub enum Judgement {
        /// The risks are acceptable.
        Acceptable = "acceptable",
        /// They are under the conditions that are stated.
        Conditional = "conditional",
        /// They are not.
        Unacceptable = "unacceptable",
    }
}

/// Where the judgement of a service's terms stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermsState {
    /// Nobody noted which edition of the terms there is.
    Unread,
    /// The terms were noted and never judged.
    Unjudged,
    /// Another edition was judged than the one that is noted now.
    Changed,
    /// They were judged as they are, with this conclusion.
    Judged(Judgement),
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
        /// SHA-256 of the terms as they were looked at, in hex.
        pub terms_sha256: Option<Sha256>,
        /// The version or date of the terms that were judged.
        pub judged_terms: Option<Line>,
        /// SHA-256 of the terms that were judged.
        pub judged_sha256: Option<Sha256>,
        /// When they were judged.
        pub judged_on: Option<Date>,
        /// The post that judged them.
        pub judged_by: Option<PostId>,
        /// What came of it.
        pub judgement: Option<Judgement>,
        /// Under which conditions, where there are.
        pub conditions: Option<Line>,
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
        if self.kind == ServiceKind::Terms && self.highest.is_confidential() {
            return Some(Fault::new("service.terms-confidential", "highest"));
        }
        // One for a whole ending would carry every service below it.
        if !self.domains.iter().all(|it| belongs_to_one(it.as_str())) {
            return Some(Fault::new("entry.domain-too-wide", "domains"));
        }
        let judgement = self.judgement?;
        // A judgement is somebody's, of a day, about certain terms.
        if self.judged_terms.is_none() {
            return Some(Fault::new("service.judged-what", "judged_terms"));
        }
        if self.judged_on.is_none() {
            return Some(Fault::new("service.judged-when", "judged_on"));
        }
        if self.judged_by.is_none() {
            return Some(Fault::new("service.judged-by-whom", "judged_by"));
        }
        (judgement == Judgement::Conditional && self.conditions.is_none())
            .then(|| Fault::new("service.no-conditions", "conditions"))
    }
}

impl Service {
    /// Where the judgement of its terms stands. Terms that changed are judged again: another version,
    /// other bytes of the same version, or another look at them after the judgement.
    #[must_use]
    pub fn terms_state(&self) -> TermsState {
        let Some(version) = &self.terms_version else {
            return TermsState::Unread;
        };
        let Some(judgement) = self.judgement else {
            return TermsState::Unjudged;
        };
        let same_bytes = match (&self.terms_sha256, &self.judged_sha256) {
            (Some(now), Some(judged)) => now == judged,
            (None, _) => true,
            // Their bytes were not known when they were judged.
            (Some(_), None) => false,
        };
        if self.judged_terms.as_ref() == Some(version) && same_bytes {
            TermsState::Judged(judgement)
        } else {
            TermsState::Changed
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::id::Fresh;

    fn line(text: &str) -> Option<Line> {
        Line::parse(text).ok()
    }

    fn judged() -> Service {
        Service {
            name: Line::parse("翻訳").unwrap(),
            provider: Line::parse("社").unwrap(),
            kind: ServiceKind::Terms,
            owner: None,
            tasks: Vec::new(),
            highest: "C1I1A1".parse().unwrap(),
            ismap: None,
            terms_version: line("2026-04"),
            terms_seen: Some(date(2026, 4, 1)),
            terms_address: None,
            terms_sha256: Sha256::parse(&"a".repeat(64)),
            judged_terms: line("2026-04"),
            judged_sha256: Sha256::parse(&"A".repeat(64)),
            judged_on: Some(date(2026, 4, 2)),
            judged_by: Some(PostId::new(Fresh([1; 16]))),
            judgement: Some(Judgement::Acceptable),
            conditions: None,
            data_place: None,
            domains: Vec::new(),
            procedure: None,
        }
    }

    #[test]
    fn terms_that_changed_are_judged_again() {
        let state = |change: fn(&mut Service)| {
            let mut service = judged();
            change(&mut service);
            service.terms_state()
        };
        let well = TermsState::Judged(Judgement::Acceptable);
        assert_eq!(state(|_| ()), well);
        assert_eq!(
            state(|it| it.terms_version = line("2026-10")),
            TermsState::Changed
        );
        assert_eq!(
            state(|it| it.terms_sha256 = Sha256::parse(&"b".repeat(64))),
            TermsState::Changed
        );
        assert_eq!(state(|it| it.judged_sha256 = None), TermsState::Changed);
        assert_eq!(state(|it| it.terms_sha256 = None), well);
        assert_eq!(state(|it| it.judgement = None), TermsState::Unjudged);
        assert_eq!(state(|it| it.terms_version = None), TermsState::Unread);
    }

    #[test]
    fn a_judgement_is_somebodys_of_a_day_about_certain_terms() {
        let fault = |change: fn(&mut Service)| {
            let mut service = judged();
            change(&mut service);
            service.fault().map(|fault| fault.field)
        };
        assert_eq!(fault(|_| ()), None);
        assert_eq!(fault(|it| it.judged_terms = None), Some("judged_terms"));
        assert_eq!(fault(|it| it.judged_on = None), Some("judged_on"));
        assert_eq!(fault(|it| it.judged_by = None), Some("judged_by"));
        assert_eq!(
            fault(|it| it.judgement = Some(Judgement::Conditional)),
            Some("conditions")
        );
        for wide in ["us", "co.jp", "https://翻訳.example"] {
            let mut service = judged();
            service.domains = vec![Line::parse("translate.example").unwrap()];
            assert_eq!(service.fault(), None);
            service.domains.push(Line::parse(wide).unwrap());
            assert_eq!(
                service.fault().map(|it| it.field),
                Some("domains"),
                "{wide}"
            );
        }
        for secret in ["C2I1A1", "C3I1A1"] {
            let mut service = judged();
            service.highest = secret.parse().unwrap();
            assert_eq!(service.fault().map(|it| it.field), Some("highest"));
        }
    }
}
