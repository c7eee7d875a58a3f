//! What registers declare about the things that applications refer to.

use super::World;
use crate::command::Refusal;
use crate::grade::Grade;
use crate::id::{ConferenceToolId, PermitId, PostId, ServiceId};
use crate::name::Line;
use crate::permit::particulars::RemoteAccess;
use crate::permit::{Particulars, PermitKind, RouteFault, Status};
use crate::register::conference_tool::Ceiling;
use crate::register::service::ServiceKind;
use crate::register::{ConferenceTool, Service, System, Task};
use crate::role::Role;
use crate::sighting::is_within;
use crate::time::Timestamp;

/// Whether one of the domains is, or lies below, one of the others.
fn share(one: &[Line], other: &[Line]) -> bool {
    one.iter().map(Line::as_str).any(|one| {
        let mut all = other.iter().map(Line::as_str);
        all.any(|other| is_within(one, other) || is_within(other, one))
    })
}

impl World {
    /// The grade that counts for an application (requirements.md 2.3): the declared grade of its
    /// tasks or of the named part of the system, the system's highest only where none is declared;
    /// raised, and never lowered, by what the applicant states. None where nobody says any.
    #[must_use]
    pub fn grade_of(&self, particulars: &Particulars) -> Option<Grade> {
        let tasks = particulars.tasks();
        let tasks = tasks
            .iter()
            .filter_map(|id| Some(self.registers.get::<Task>(*id)?.1.grade));
        let part = match particulars {
            Particulars::RemoteAccess(it) => self.part_of(it),
            _ => None,
        };
        let declared = tasks.chain(part).reduce(Grade::join);
        let declared = declared.or_else(|| self.highest_of(particulars));
        let stated = particulars.stated_grade();
        declared.into_iter().chain(stated).reduce(Grade::join)
    }

    fn part_of(&self, access: &RemoteAccess) -> Option<Grade> {
        let (_, system) = self.registers.get::<System>(access.system)?;
        system.part(access.part.as_ref()?.as_str())
    }

    fn highest_of(&self, particulars: &Particulars) -> Option<Grade> {
        let systems = particulars.systems();
        let highest = systems
            .iter()
            .filter_map(|id| Some(self.registers.get::<System>(*id)?.1.highest));
        highest.reduce(Grade::join)
    }

    /// The part of a system that an application names and the register does not.
    #[must_use]
    pub fn unknown_part(&self, particulars: &Particulars) -> bool {
        match particulars {
            Particulars::RemoteAccess(it) => it.part.is_some() && self.part_of(it).is_none(),
            _ => false,
        }
    }

    /// Whether the conference matrix lets a tool carry a grade in meetings of such a host
    /// (GOV-4-f).
    ///
    /// # Errors
    /// [`Refusal`] where it does not, or was not decided.
    pub fn conference_ceiling(
        &self,
        particulars: &Particulars,
        grade: Grade,
    ) -> Result<(), Refusal> {
        let Particulars::Conference(conference) = particulars else {
            return Ok(());
        };
        let known = self.registers.get::<ConferenceTool>(conference.tool);
        if let Some((_, tool)) = known.filter(|_| grade.is_confidential()) {
            if self.is_under_terms(tool) {
                return Err(Refusal::new("permit.conference-on-terms").at("grade"));
            }
            if !tool.states_ground() {
                return Err(Refusal::new("permit.conference-no-ground").at("tool"));
            }
        }
        let ceiling = known.and_then(|(_, tool)| tool.ceiling(conference.host));
        match ceiling {
            None => Err(Refusal::new("permit.matrix-undecided").at("tool")),
            Some(ceiling) if ceiling.admits(grade.confidentiality) => Ok(()),
            Some(Ceiling::Forbidden) => Err(Refusal::new("permit.matrix-forbidden").at("tool")),
            Some(ceiling) => {
                let mut refusal = Refusal::new("permit.beyond-matrix").at("grade");
                refusal.reason = refusal
                    .reason
                    .with("ceiling", ceiling.code().to_ascii_uppercase())
                    .with("grade", grade.to_string());
                Err(refusal)
            }
        }
    }

    /// Whether a conference tool is a service on its provider's terms, so that nothing of C2 or C3 may be
    /// handled with it whatever its matrix says (4.1.2(1)(a)). Where its entry names neither a service nor a
    /// contract, the domains tell.
    #[must_use]
    pub fn is_under_terms(&self, tool: &ConferenceTool) -> bool {
        if let Some(id) = tool.service {
            let service = self.registers.get::<Service>(id);
            return service.is_some_and(|(_, service)| service.kind == ServiceKind::Terms);
        }
        let mut services = self.registers.nouns::<Service>();
        tool.contract.is_none()
            && services.any(|(_, service)| {
                service.kind == ServiceKind::Terms && share(&tool.domains, &service.domains)
            })
    }

    /// What of C2 or C3 hangs on a service, so that it cannot be one on its provider's terms: a tool whose
    /// matrix is for it, or a permit that was given.
    #[must_use]
    pub fn secret_of(&self, id: ServiceId, service: &Service, now: Timestamp) -> Option<String> {
        let of_it = |tool: &ConferenceTool| match tool.service {
            Some(of) => of == id,
            None => tool.contract.is_none() && share(&tool.domains, &service.domains),
        };
        let mut tools = self.registers.nouns::<ConferenceTool>();
        if let Some((entry, _)) = tools.find(|(_, tool)| tool.is_for_secrets() && of_it(tool)) {
            return Some(entry.id.to_string());
        }
        let live = [Status::Approved, Status::Active, Status::Suspended];
        let kinds = [PermitKind::Service, PermitKind::Conference];
        let mut given = kinds.into_iter().flat_map(|kind| {
            let all = self.permits.of_kind(kind);
            all.filter(move |it| live.contains(&it.status(now)))
        });
        let secret = given.find(|permit| {
            let names = match permit.particulars.as_ref() {
                Particulars::Service(it) => it.service == id,
                Particulars::Conference(it) => {
                    let tool = self.registers.get::<ConferenceTool>(it.tool);
                    tool.is_some_and(|(_, tool)| of_it(tool))
                }
                _ => false,
            };
            names && permit.grade.is_none_or(Grade::is_confidential)
        });
        secret.map(|permit| permit.id.to_string())
    }

    /// A permit of C2 or C3 for a conference tool that was given and has not ended; none where there is none.
    #[must_use]
    pub fn secret_permit_for(&self, tool: ConferenceToolId, now: Timestamp) -> Option<PermitId> {
        let live = [Status::Approved, Status::Active, Status::Suspended];
        let mut all = self.permits.of_kind(PermitKind::Conference);
        let secret = all.find(|permit| {
            let is_of_it = match permit.particulars.as_ref() {
                Particulars::Conference(it) => it.tool == tool,
                _ => false,
            };
            is_of_it
                && live.contains(&permit.status(now))
                && permit.grade.is_none_or(Grade::is_confidential)
        });
        secret.map(|permit| permit.id)
    }

    /// The officer whom a register names for the system or service of an application, where that
    /// officer's role decides; none where the application names none.
    ///
    /// # Errors
    /// [`RouteFault`] where the register names nobody.
    pub fn named_officer(
        &self,
        particulars: &Particulars,
        role: Role,
    ) -> Result<Option<PostId>, RouteFault> {
        match (role, particulars) {
            (Role::Isso, _) => {
                let system = particulars.systems().first().copied();
                let known = system.and_then(|id| self.registers.get::<System>(id));
                Ok(known.map(|(_, system)| system.officer))
            }
            (Role::ServiceOwner, Particulars::Service(it)) => {
                let known = self.registers.get::<Service>(it.service);
                let owner = known.and_then(|(_, service)| service.owner);
                owner.map(Some).ok_or(RouteFault::NoOfficer("service"))
            }
            _ => Ok(None),
        }
    }
}
