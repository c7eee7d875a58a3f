//! What is owed when a permit ends.

use serde::{Deserialize, Serialize};

use super::kind::PermitKind;
use crate::grade::Grade;
use crate::time::Span;

crate::choice! {
    /// One thing owed.
    pub enum Obligation {
        /// The device is given back.
        DeviceReturned = "device_returned",
        /// The returned device is inspected.
        DeviceInspected = "device_inspected",
        /// The information is erased for good: by receipt or signed statement.
        InformationErased = "information_erased",
        /// The medium is given back.
        MediumReturned = "medium_returned",
        /// The safeguards at the reconnection are done.
        ReconnectionDone = "reconnection_done",
    }
}

impl Obligation {
    /// How many working days after the end it may take. Our own choice: the notices say promptly
    /// (速やかに) of erasure, and nothing of the others.
    #[must_use]
    pub const fn working_days(self) -> u32 {
        match self {
            Self::InformationErased | Self::ReconnectionDone => 3,
            Self::DeviceReturned | Self::MediumReturned => 5,
            Self::DeviceInspected => 10,
        }
    }

    /// How long it may take by the calendar, where records fix no deadline.
    pub(super) fn calendar_days(self) -> Span {
        Span::days(self.working_days())
    }

    /// Whether the applicant meets it by their own word; what is handed over, someone else receives.
    #[must_use]
    pub const fn is_stated_by_the_applicant(self) -> bool {
        matches!(self, Self::InformationErased)
    }

    /// Whether it can be met at a permit that stands so. What ends a permit's use (giving back,
    /// inspecting, erasing) follows its end: met before, nothing would be owed of the use that
    /// goes on. The safeguards of a reconnection belong to the use itself.
    #[must_use]
    pub fn can_be_met(self, status: super::Status) -> bool {
        let ended = status == super::Status::Ended;
        status.allows(super::ActKind::Meet) && (ended || self == Self::ReconnectionDone)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of obligations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Obligation>", into = "Vec<Obligation>")]
pub struct Obligations(u8);

impl Obligations {
    /// What a permit of a kind leaves to be done at its end. Erasure is asked for C2 and C3
    /// (GOV-3-2-m); the rest is our own care.
    #[must_use]
    pub fn of(kind: PermitKind, grade: Option<Grade>) -> Self {
        use Obligation as O;
        let secret = grade.is_some_and(Grade::is_confidential);
        let all: &[Obligation] = match kind {
            PermitKind::TakeOut => &[O::DeviceReturned, O::DeviceInspected],
            PermitKind::OffSite | PermitKind::Byod if secret => &[O::InformationErased],
            PermitKind::Media if secret => &[O::MediumReturned, O::InformationErased],
            PermitKind::Media => &[O::MediumReturned],
            PermitKind::Reconnection => &[O::ReconnectionDone],
            _ => &[],
        };
        Self::from(all.to_vec())
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one is among them.
    #[must_use]
    pub const fn contains(self, one: Obligation) -> bool {
        self.0 & one.bit() != 0
    }

    /// These without one.
    #[must_use]
    pub const fn without(self, one: Obligation) -> Self {
        Self(self.0 & !one.bit())
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Obligation> {
        let all = Obligation::ALL.iter().copied();
        all.filter(move |one| self.contains(*one))
    }
}

impl From<Vec<Obligation>> for Obligations {
    fn from(all: Vec<Obligation>) -> Self {
        Self(all.into_iter().fold(0, |bits, one| bits | one.bit()))
    }
}

impl From<Obligations> for Vec<Obligation> {
    fn from(all: Obligations) -> Self {
        all.iter().collect()
    }
}

/// On what it rests that an obligation is met.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Proof {
    /// A receipt of the device or vault: its digest.
    Receipt {
        /// SHA-256 in hex.
        digest: String,
    },
    /// The applicant's signed statement; its text stands sealed beside it.
    Statement,
    /// Someone else received or inspected the thing.
    Received,
}

impl Proof {
    /// Whether the digest of a receipt is of its form; true where there is none.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Receipt { digest } => {
                digest.len() == 64
                    && digest
                        .bytes()
                        .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
            }
            Self::Statement | Self::Received => true,
        }
    }
}
