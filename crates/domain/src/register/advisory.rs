//! Earlier advisories (注意喚起): those that the notices cite, and others that the organisation took up,
//! each with what was done about it. That a disposition is recorded is our own addition (PUB-4).

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::checklist::EvidenceLink;
use crate::name::Line;

crate::choice! {
    /// Which of the documents that the notices cite an advisory is.
    pub enum Cited {
        /// On conference tools, 3 April 2020 (資料1, 4).
        ConferenceApril3 = "conference_2020_04_03",
        /// On conference tools, 9 April 2020 (資料1, 4).
        ConferenceApril9 = "conference_2020_04_09",
        /// On telework, to operators of critical infrastructure, 7 April 2020 (資料2, preface).
        TeleworkApril7 = "telework_2020_04_07",
        /// On telework, 14 April 2020 (front page).
        TeleworkApril14 = "telework_2020_04_14",
        /// To the public, 21 May 2020 (front page).
        PublicMay21 = "public_2020_05_21",
        /// The newsletter No. 263 of 9 June 2020 that carried the checklist (資料2, end).
        Newsletter263 = "newsletter_263",
    }
}

crate::choice! {
    /// What was decided about an advisory.
    pub enum Disposition {
        /// Nothing yet.
        Open = "open",
        /// It was carried out.
        Done = "done",
        /// A part of it was.
        Partly = "partly",
        /// It does not concern the organisation.
        NotApplicable = "not_applicable",
        /// Another took its place.
        Superseded = "superseded",
    }
}

crate::noun! {
    /// An earlier advisory.
    pub struct Advisory {
        /// What it is called.
        pub name: Line,
        /// Its number, where it bears one.
        pub number: Option<Line>,
        /// Who issued it.
        pub issuer: Line,
        /// When.
        pub issued: Date,
        /// Which of the documents that the notices cite it is.
        pub cited: Option<Cited>,
        /// What was decided about it.
        pub disposition: Disposition,
        /// When that was decided.
        pub disposed: Option<Date>,
        /// What was done, or why nothing was. It names nobody.
        pub done: Option<Line>,
        /// What shows it.
        pub evidence: Vec<EvidenceLink>,
    }
}

impl RegisterNoun for Advisory {
    const KEYS: &'static [&'static str] = &["cited"];

    fn fault(&self) -> Option<Fault> {
        let decided = self.disposition != Disposition::Open;
        if decided && self.disposed.is_none() {
            Some(Fault::new("advisory.no-day", "disposed"))
        } else if decided && self.done.is_none() {
            Some(Fault::new("advisory.no-words", "done"))
        } else if self.disposed.is_some_and(|day| day < self.issued) {
            Some(Fault::new("advisory.disposed-before", "disposed"))
        } else {
            None
        }
    }
}
