//! What registers declare about the things that applications refer to.

use super::World;
use crate::command::Refusal;
use crate::grade::Grade;
use crate::id::PostId;
use crate::permit::particulars::RemoteAccess;
use crate::permit::{Particulars, RouteFault};
use crate::register::conference_tool::Ceiling;
use crate::register::service::ServiceKind;
use crate::register::{ConferenceTool, Service, System, Task};
use crate::role::Role;

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
        let on_terms = known.is_some_and(|(_, tool)| self.is_under_terms(tool));
        if on_terms && grade.is_confidential() {
            return Err(Refusal::new("permit.conference-on-terms").at("grade"));
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
    /// handled with it whatever its matrix says (4.1.2(1)(a)).
    #[must_use]
    pub fn is_under_terms(&self, tool: &ConferenceTool) -> bool {
        let service = tool
            .service
            .and_then(|id| self.registers.get::<Service>(id));
        service.is_some_and(|(_, service)| service.kind == ServiceKind::Terms)
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
