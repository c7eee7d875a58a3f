//! What would be with one permit more or less: for whoever decides on it, before anything is decided.
//! Nothing of it is recorded, and nothing else in the World is touched.

use sekisho_domain::id::{DeviceId, PermitId, PersonId};
use sekisho_domain::permit::Permit;

use super::facts::Ground;

/// What is supposed of a permit.
#[derive(Clone, Copy, Debug)]
pub enum Supposed<'a> {
    /// It stands so, in place of the one that has its id.
    Stands(&'a Permit),
    /// It is not there.
    Gone(PermitId),
}

impl<'a> Supposed<'a> {
    const fn id(self) -> PermitId {
        match self {
            Self::Stands(permit) => permit.id,
            Self::Gone(id) => id,
        }
    }

    fn permit(self) -> Option<&'a Permit> {
        match self {
            Self::Stands(permit) => Some(permit),
            Self::Gone(_) => None,
        }
    }
}

impl<'a> Ground<'a> {
    /// A permit, as it is supposed to stand.
    pub(super) fn permit(&self, id: PermitId) -> Option<&'a Permit> {
        match self.supposed {
            Some(supposed) if supposed.id() == id => supposed.permit(),
            _ => self.world.permits.get(id),
        }
    }

    /// The permits of a person.
    pub(super) fn permits_of_person(&self, person: PersonId) -> impl Iterator<Item = &'a Permit> {
        let supposed = self.supposed;
        let known = self.world.permits.of_person(person);
        known
            .filter(move |it| supposed.is_none_or(|supposed| supposed.id() != it.id))
            .chain(
                supposed
                    .and_then(Supposed::permit)
                    .filter(move |it| it.applicant == person),
            )
    }

    /// The permits that speak of a device.
    pub(super) fn permits_of_device(&self, device: DeviceId) -> impl Iterator<Item = &'a Permit> {
        let supposed = self.supposed;
        let known = self.world.permits.of_device(device);
        known
            .filter(move |it| supposed.is_none_or(|supposed| supposed.id() != it.id))
            .chain(
                supposed
                    .and_then(Supposed::permit)
                    .filter(move |it| it.particulars.devices().contains(&device)),
            )
    }
}
