//! Web-conference tools: where each was introduced, and what information may be handled with it by who
//! hosts the meeting (GOV-4).

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::grade::Confidentiality;
use crate::id::{PostId, ServiceId};
use crate::name::Line;
use crate::sighting::belongs_to_one;

crate::choice! {
    /// Who introduced a tool.
    pub enum ConferenceScope {
        /// 組織全体.
        Organisation = "organisation",
        /// A bureau or department.
        Unit = "unit",
        /// Nobody of ours: it is used in meetings that others host.
        Others = "others",
    }
}

crate::choice! {
    /// What may be handled in a meeting, by confidentiality.
    pub enum Ceiling {
        /// Such meetings are not attended with it.
        Forbidden = "forbidden",
        /// 機密性1.
        C1 = "c1",
        /// Up to 機密性2.
        C2 = "c2",
        /// Up to 機密性3.
        C3 = "c3",
    }
}

impl Ceiling {
    /// Whether information of this confidentiality may be handled.
    #[must_use]
    pub fn admits(self, confidentiality: Confidentiality) -> bool {
        match self {
            Self::Forbidden => false,
            Self::C1 => confidentiality <= Confidentiality::C1,
            Self::C2 => confidentiality <= Confidentiality::C2,
            Self::C3 => true,
        }
    }
}

crate::choice! {
    /// Who hosts a meeting.
    pub enum MeetingHost {
        /// 自組織.
        Own = "own",
        /// 委託先.
        Contractor = "contractor",
        /// Another organisation.
        External = "external",
        /// An individual.
        Individual = "individual",
    }
}

crate::choice! {
    /// A security setting of a tool (IPA's notes of July 2020).
    pub enum ConferenceMeasure {
        /// A waiting room or lobby.
        WaitingRoom = "waiting_room",
        /// A passcode for every meeting.
        Passcode = "passcode",
        /// Participants are checked by face and name.
        ParticipantsChecked = "participants_checked",
        /// Encryption from end to end.
        EndToEnd = "end_to_end",
        /// Recording is limited.
        RecordingLimited = "recording_limited",
        /// Where the data is kept is known.
        DataPlaceKnown = "data_place_known",
        /// Clients are kept up to date.
        ClientsUpdated = "clients_updated",
    }
}

crate::noun! {
    /// A web-conference tool.
    pub struct ConferenceTool {
        /// Its name.
        pub name: Line,
        /// Who provides it.
        pub provider: Option<Line>,
        /// Who introduced it.
        pub scope: ConferenceScope,
        /// The post that answers for it.
        pub owner: Option<PostId>,
        /// The external service that it is, where it stands in that register.
        pub service: Option<ServiceId>,
        /// The contract under which it is used, where it stands in no register of services.
        pub contract: Option<Line>,
        /// What may be handled in meetings that we host.
        pub own: Option<Ceiling>,
        /// What may be handled in meetings that a contractor hosts.
        pub contractor: Option<Ceiling>,
        /// What may be handled in meetings that another organisation hosts.
        pub external: Option<Ceiling>,
        /// What may be handled in meetings that an individual hosts.
        pub individual: Option<Ceiling>,
        /// 取扱制限 in meetings, in words, where it is not said by host.
        pub restriction: Option<Line>,
        /// 取扱制限 in meetings that we host.
        pub own_restriction: Option<Line>,
        /// 取扱制限 in meetings that a contractor hosts.
        pub contractor_restriction: Option<Line>,
        /// 取扱制限 in meetings that another organisation hosts.
        pub external_restriction: Option<Line>,
        /// 取扱制限 in meetings that an individual hosts.
        pub individual_restriction: Option<Line>,
        /// The settings in force.
        pub measures: Vec<ConferenceMeasure>,
        /// The settings that were looked at and are not in force.
        pub measures_off: Vec<ConferenceMeasure>,
        /// What is done instead of those.
        pub measures_instead: Option<Line>,
        /// The version in use, where no device tells of it.
        pub version: Option<Line>,
        /// Names of the packages or programs by which devices report its client; of one that is used in the
        /// browser those of the browsers.
        pub packages: Vec<Line>,
        /// The oldest version without known vulnerabilities, by what its provider says.
        pub safe_from: Option<Line>,
        /// When its settings were last looked at.
        pub settings_reviewed: Option<Date>,
        /// The domains by which its use is seen.
        pub domains: Vec<Line>,
    }
}

impl ConferenceTool {
    /// What may be handled in meetings of a host; none where it was not decided yet.
    #[must_use]
    pub const fn ceiling(&self, host: MeetingHost) -> Option<Ceiling> {
        match host {
            MeetingHost::Own => self.own,
            MeetingHost::Contractor => self.contractor,
            MeetingHost::External => self.external,
            MeetingHost::Individual => self.individual,
        }
    }

    /// What must be minded in meetings of a host; none where nothing was said.
    #[must_use]
    pub fn restriction(&self, host: MeetingHost) -> Option<&Line> {
        let of_host = match host {
            MeetingHost::Own => &self.own_restriction,
            MeetingHost::Contractor => &self.contractor_restriction,
            MeetingHost::External => &self.external_restriction,
            MeetingHost::Individual => &self.individual_restriction,
        };
        of_host.as_ref().or(self.restriction.as_ref())
    }

    /// Whether a cell of the matrix is blank: the ceiling is not decided, or not what must be minded
    /// where such meetings are attended. That nothing must be minded has to be said as well.
    #[must_use]
    pub fn is_blank(&self, host: MeetingHost) -> bool {
        match self.ceiling(host) {
            None => true,
            Some(Ceiling::Forbidden) => false,
            Some(_) => self.restriction(host).is_none(),
        }
    }

    /// Whether the matrix has no blank cell (GOV-4-f).
    #[must_use]
    pub fn is_decided(&self) -> bool {
        !MeetingHost::ALL.iter().any(|host| self.is_blank(*host))
    }

    /// Whether meetings of any host may handle confidential information (C2, C3).
    #[must_use]
    pub fn is_for_secrets(&self) -> bool {
        let all = MeetingHost::ALL.iter();
        let mut ceilings = all.filter_map(|host| self.ceiling(*host));
        ceilings.any(|ceiling| ceiling.admits(Confidentiality::C2))
    }

    /// Whether it is said on what ground the tool is used: as a service of the register, or under a contract.
    /// One of which nobody says so may be used on its provider's terms.
    #[must_use]
    pub const fn states_ground(&self) -> bool {
        self.service.is_some() || self.contract.is_some()
    }

    /// What the checklist says of a setting: in force or not; none where nobody looked.
    #[must_use]
    pub fn setting(&self, measure: ConferenceMeasure) -> Option<bool> {
        if self.measures_off.contains(&measure) {
            return Some(false);
        }
        self.measures.contains(&measure).then_some(true)
    }

    /// Whether every setting was looked at, and something is done instead of those not in force.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        let all = ConferenceMeasure::ALL;
        all.iter().all(|it| self.setting(*it).is_some())
            && (self.measures_off.is_empty() || self.measures_instead.is_some())
    }
}

impl RegisterNoun for ConferenceTool {
    const KEYS: &'static [&'static str] = &["name"];

    fn fault(&self) -> Option<Fault> {
        let ours = self.scope != ConferenceScope::Others;
        if ours && self.owner.is_none() {
            return Some(Fault::new("conference.no-owner", "owner"));
        }
        // Nothing of C2 or C3 is for a service on its provider's terms (4.1.2(1)(a)).
        if self.is_for_secrets() && !self.states_ground() {
            return Some(Fault::new("conference.no-ground", "contract"));
        }
        if !self.domains.iter().all(|it| belongs_to_one(it.as_str())) {
            return Some(Fault::new("entry.domain-too-wide", "domains"));
        }
        let mut both = self.measures.iter();
        both.any(|it| self.measures_off.contains(it))
            .then(|| Fault::new("conference.measure-twice", "measures_off"))
    }
}
