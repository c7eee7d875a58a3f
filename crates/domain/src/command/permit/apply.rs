//! Applying, and handing in again.

use super::listed::{self, Step};
use super::{Application, Refusal, routed};
use crate::code::Reason;
use crate::device::DeviceState;
use crate::event::Event;
use crate::exception::MEASURES_MAX;
use crate::grade::Grade;
use crate::id::{DeviceId, PermitId, PersonId};
use crate::permit::event::{Applied, Request};
use crate::permit::particulars::Exception;
use crate::permit::{Need, Particulars, Term, hours_fault};
use crate::register::service::{Judgement, ServiceKind, TermsState};
use crate::register::{Service, is_in_force};
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn apply(
    world: &World,
    permit: PermitId,
    applicant: PersonId,
    application: &Application,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if world.permits.get(permit).is_some() {
        return Err(Refusal::new("permit.exists").at("permit"));
    }
    let kind = application.particulars.kind();
    // Who owes something of an earlier permit of this kind gets no new one before it is done.
    let owing = world
        .overdue_of(applicant, now)
        .find(|known| known.kind() == kind);
    if let Some(owing) = owing {
        let mut refusal = Refusal::new("permit.overdue");
        refusal.reason = refusal
            .reason
            .with("kind", kind.code())
            .with("permit", owing.id.to_string());
        return Err(refusal);
    }
    let request = request(world, applicant, application, now)?;
    let begins = request.wanted.check_beginning(now);
    begins.map_err(|fault| Refusal::new(fault.code()).at("from"))?;
    let applied = Box::new(Applied {
        permit,
        applicant,
        request,
    });
    Ok(vec![Event::PermitApplied { applied }])
}

/// What an application asks for, checked.
pub(super) fn request(
    world: &World,
    applicant: PersonId,
    application: &Application,
    now: Timestamp,
) -> Result<Request, Refusal> {
    let Application {
        particulars,
        wanted,
        purpose,
    } = application;
    wanted
        .check(now)
        .map_err(|fault| Refusal::new(fault.code()).at("wanted"))?;
    if purpose.person != applicant {
        return Err(Refusal::new("permit.text-of-another").at("purpose"));
    }
    sensible(particulars)?;
    if let Particulars::Exception(exception) = particulars {
        sensible_exception(world, exception, *wanted, now)?;
    }
    let asked = Asked {
        applicant,
        particulars,
        grade: None,
    };
    asked.permissible(world, Step::Asked, now)?;
    let grade = world.grade_of(particulars);
    let (unit, route) = routed(world, applicant, particulars, grade, now)?;
    Ok(Request {
        particulars: particulars.clone(),
        grade,
        wanted: *wanted,
        unit,
        route,
        purpose: purpose.clone(),
    })
}

/// Everything that is referred to is there and in use.
fn known(world: &World, particulars: &Particulars, now: Timestamp) -> Result<(), Refusal> {
    match particulars
        .references()
        .into_iter()
        .find(|it| !is_in_force(world, &it.id, now))
    {
        Some(missing) => Err(Refusal {
            reason: Reason::new("permit.reference-unknown").with("id", missing.id),
            field: Some(missing.field.to_owned()),
        }),
        None if world.unknown_part(particulars) => {
            Err(Refusal::new("permit.part-unknown").at("part"))
        }
        None => Ok(()),
    }
}

/// The devices are of the class that the kind speaks of, in use, and nobody else's.
fn devices(world: &World, applicant: PersonId, particulars: &Particulars) -> Result<(), Refusal> {
    let class = particulars.kind().device_class();
    // An exception may be for others as well, with what they use.
    let is_theirs = |user: PersonId| match particulars {
        Particulars::Exception(it) => user == applicant || it.people.contains(&user),
        _ => user == applicant,
    };
    let fault = |id: DeviceId| {
        let Some(device) = world.device(id) else {
            // It stands in the register and is not enrolled: nothing can be seen of it.
            return Some("permit.device-not-enrolled");
        };
        if class.is_some_and(|class| class != device.class) {
            Some("permit.device-class")
        } else if device.state == DeviceState::Retired {
            Some("device.retired")
        } else if device.user.is_some_and(|user| !is_theirs(user)) {
            Some("permit.device-of-another")
        } else {
            None
        }
    };
    match particulars.devices().into_iter().find_map(fault) {
        Some(code) => Err(Refusal::new(code).at("device")),
        None => Ok(()),
    }
}

/// What fields say makes sense together.
fn sensible(particulars: &Particulars) -> Result<(), Refusal> {
    let fault = match particulars {
        Particulars::Exception(it) if !it.names_a_requirement() => {
            return Err(Refusal::new("permit.no-requirement").at("requirement"));
        }
        Particulars::OffSite(it) if !it.place.is_off_site() => {
            return Err(Refusal::new("permit.place-inside").at("place"));
        }
        Particulars::RemoteAccess(it) => hours_fault(it.from_hour, it.until_hour),
        Particulars::Telework(it) => it
            .days_per_week
            .filter(|days| !(1..=7).contains(days))
            .map(|_| "days_per_week"),
        _ => None,
    };
    match fault {
        Some(field) => Err(Refusal::new("permit.out-of-range").at(field)),
        None => Ok(()),
    }
}

/// An exception says what is done instead within bounds, is looked at again within its term, and departs from a
/// clause that is there.
fn sensible_exception(
    world: &World,
    exception: &Exception,
    wanted: Term,
    now: Timestamp,
) -> Result<(), Refusal> {
    if exception.measures.len() > MEASURES_MAX {
        return Err(Refusal::new("permit.out-of-range").at("measures"));
    }
    let clause = exception.clause.map(|it| it.0);
    if clause.is_some_and(|clause| !world.clause_stands(clause, now)) {
        return Err(Refusal::new("exception.clause-unknown").at("clause"));
    }
    super::exception::review_within(exception.review_on, wanted, now)
}

/// What is applied for, by whom, and of what grade it was found to be before.
pub(super) struct Asked<'a> {
    pub(super) applicant: PersonId,
    pub(super) particulars: &'a Particulars,
    pub(super) grade: Option<Grade>,
}

impl Asked<'_> {
    /// What lets a thing be permitted at all, now: asked when it is applied for and again wherever it
    /// is given, taken up, made longer or let hold again, since registers, matrices and the rules
    /// themselves may have changed meanwhile. What was of a lower grade before is judged by the grade
    /// that it has now.
    pub(super) fn permissible(
        &self,
        world: &World,
        step: Step,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        known(world, self.particulars, now)?;
        devices(world, self.applicant, self.particulars)?;
        judged(self.particulars)?;
        terms(world, self.particulars)?;
        past(self.particulars, now)?;
        let grade = match (self.grade, world.grade_of(self.particulars)) {
            (Some(then), Some(now)) => Some(then.join(now)),
            (then, now) => then.or(now),
        };
        super::planned::eligible(world, self.applicant, self.particulars, now)?;
        if step == Step::Asked {
            super::planned::not_held(world, self.applicant, self.particulars, now)?;
        }
        super::risky::admitted(world, self.particulars, grade, now)?;
        forbidden(world, self.particulars, grade, step)
    }
}

/// The risks of a service were looked at one by one and found acceptable (7.1.1, 8.1.1(2)).
fn judged(particulars: &Particulars) -> Result<(), Refusal> {
    let Particulars::Service(it) = particulars else {
        return Ok(());
    };
    if let Some(field) = it.unjudged() {
        return Err(Refusal::new("permit.risk-not-judged").at(field));
    }
    if !it.acceptable {
        return Err(Refusal::new("permit.risk-not-acceptable").at("acceptable"));
    }
    Ok(())
}

/// The terms of a service used on them were judged acceptable as they are now (4.1.2(2)(a)(i)): what an
/// applicant found of them does not stand against the register.
fn terms(world: &World, particulars: &Particulars) -> Result<(), Refusal> {
    let Particulars::Service(asked) = particulars else {
        return Ok(());
    };
    let known = world.registers.get::<Service>(asked.service);
    let on_terms = known.filter(|(_, service)| service.kind == ServiceKind::Terms);
    let Some((_, service)) = on_terms else {
        return Ok(());
    };
    let code = match service.terms_state() {
        TermsState::Judged(Judgement::Acceptable | Judgement::Conditional) => return Ok(()),
        TermsState::Judged(Judgement::Unacceptable) => "permit.terms-unacceptable",
        TermsState::Changed => "permit.terms-judged-before",
        TermsState::Unjudged | TermsState::Unread => "permit.terms-unjudged",
    };
    Err(Refusal::new(code).at("service"))
}

/// What is told as having happened has not still to come.
fn past(particulars: &Particulars, now: Timestamp) -> Result<(), Refusal> {
    let told = match particulars {
        Particulars::Reconnection(it) => Some((it.outside_since, "outside_since")),
        Particulars::Service(it) => Some((it.terms_read_on, "terms_read_on")),
        _ => None,
    };
    match told {
        Some((day, field)) if day > now.jst_date() => {
            Err(Refusal::new("permit.day-in-future").at(field))
        }
        _ => Ok(()),
    }
}

/// What can never be permitted.
fn forbidden(
    world: &World,
    particulars: &Particulars,
    grade: Option<Grade>,
    step: Step,
) -> Result<(), Refusal> {
    listed::admitted(world, particulars, grade, step)?;
    super::planned::admitted(world, particulars, grade)?;
    let Some(grade) = grade else { return Ok(()) };
    let (need, clause) = particulars.kind().need(particulars.setting(world, grade));
    if need == Need::Forbidden {
        let mut refusal = Refusal::new("permit.forbidden").at("grade");
        refusal.reason = refusal
            .reason
            .with("clause", clause.code())
            .with("grade", grade.to_string());
        return Err(refusal);
    }
    world.conference_ceiling(particulars, grade)
}
