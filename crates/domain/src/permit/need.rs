//! Which permission an act needs in a setting, on what ground, and of which role
//! (requirements.md 1.7 and 2.2).
//!
//! The clauses bind what the organisation has procured or built (情報システム, 端末); where they are to
//! bind a person's own device they say so. `catalog/permit-matrix.csv` states the same by hand, and
//! the tests hold both together.

use super::clause::Clause;
use super::kind::PermitKind;
use super::setting::Setting;
use crate::device::DeviceClass;
use crate::grade::{Confidentiality, Grade};
use crate::role::Role;

/// Whether a permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing asks for it.
    None,
    /// It is needed.
    Permit,
    /// It cannot be permitted.
    Forbidden,
}

/// C3, I2 or A2: what (h)(ア) and (k) name.
#[must_use]
pub fn is_weighty(grade: Grade) -> bool {
    grade.confidentiality == Confidentiality::C3
        || grade.needs_integrity()
        || grade.needs_availability()
}

impl PermitKind {
    /// Whether the act that this kind names needs its permission in a setting, and on what ground.
    /// The ground of no need is the clause whose condition is not there.
    #[must_use]
    pub fn need(self, setting: Setting) -> (Need, Clause) {
        let Setting {
            grade,
            place,
            device,
        } = setting;
        let issued = device == Some(DeviceClass::Issued);
        let own = device == Some(DeviceClass::Byod);
        let clause = self.clause();
        let needed = match self {
            Self::Telework => place.is_off_site(),
            Self::TakeOut => issued && place == super::Place::OutsideOrganisation,
            Self::OffSite => issued && place.is_off_site() && is_weighty(grade),
            Self::Byod => own && grade.is_protected(),
            // It joins the internal line inside the controlled area; elsewhere there is none to join.
            Self::Reconnection => device.is_some() && !place.is_off_site(),
            Self::Media => place.is_off_site() && is_weighty(grade),
            Self::Software | Self::Line | Self::Peripheral => !own,
            // The clause speaks of systems; that a person's own device joins no internal line
            // without permission is our own reading.
            Self::Connection if own => return (Need::Permit, Clause::Default),
            Self::Service if grade.is_confidential() => {
                return (Need::Forbidden, Clause::ServiceNoSecrets);
            }
            Self::Connection | Self::Service | Self::Conference | Self::Exception => true,
            Self::RemoteAccess => device.is_some() && place.is_off_site(),
        };
        let need = if needed { Need::Permit } else { Need::None };
        (need, clause)
    }

    /// The clause on which permits of this kind rest.
    #[must_use]
    pub const fn clause(self) -> Clause {
        match self {
            Self::Telework | Self::Conference | Self::RemoteAccess | Self::Exception => {
                Clause::Default
            }
            Self::TakeOut => Clause::TakeOut,
            Self::OffSite => Clause::OffSiteIssued,
            Self::Byod => Clause::NotIssued,
            Self::Reconnection => Clause::Reconnection,
            Self::Media => Clause::Media,
            Self::Software => Clause::Software,
            Self::Line => Clause::Lines,
            Self::Connection => Clause::Systems,
            Self::Peripheral => Clause::Equipment,
            Self::Service => Clause::ServiceUse,
        }
    }

    /// The role that decides, and the clause that names it: [`Clause::Default`] where no clause
    /// does.
    #[must_use]
    pub const fn approver(self) -> (Role, Clause) {
        match self {
            Self::OffSite | Self::Byod | Self::Reconnection | Self::Media => {
                (Role::Diso, self.clause())
            }
            Self::Software | Self::Line | Self::Connection => (Role::Isso, self.clause()),
            Self::TakeOut | Self::Peripheral | Self::RemoteAccess => (Role::Isso, Clause::Default),
            Self::Telework | Self::Service | Self::Conference => (Role::Diso, Clause::Default),
            Self::Exception => (Role::ExceptionAuthority, Clause::Default),
        }
    }

    /// The roles among which the rules may choose who decides; empty where it is settled.
    ///
    /// The notices name no one for equipment (e), for the take-out of a device as such, and for the
    /// approval of an application for a service under its terms (requirements.md 2.2).
    #[must_use]
    pub const fn choosable(self) -> &'static [Role] {
        match self {
            Self::TakeOut | Self::Peripheral => &[Role::Isso, Role::Diso, Role::Iso],
            Self::Service => &[Role::Diso, Role::Iso, Role::Hiso, Role::ServiceOwner],
            _ => &[],
        }
    }
}
