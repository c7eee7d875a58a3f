//! Facts in the words of Cedar.

use cedar_policy::{
    Context, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as E,
};
use sekisho_domain::permit::PermitKind;

use super::facts::Facts;
use super::lack::CheckSet;
use super::more::More;
use super::question::{Act, Question};
use super::rulebook::RulebookError;

/// The names that every request uses, parsed once.
#[derive(Clone, Debug)]
pub(super) struct Names {
    person: EntityTypeName,
    system: EntityTypeName,
    line: EntityTypeName,
    reach: EntityUid,
    join: EntityUid,
}

impl Names {
    pub(super) fn new() -> Result<Self, RulebookError> {
        let name = |text: &str| {
            text.parse()
                .map_err(|error| RulebookError::policy("schema", &error))
        };
        let action = |text: &str| {
            Ok::<_, RulebookError>(EntityUid::from_type_name_and_id(
                name("Sekisho::Action")?,
                EntityId::new(text),
            ))
        };
        Ok(Self {
            person: name("Sekisho::Person")?,
            system: name("Sekisho::System")?,
            line: name("Sekisho::Line")?,
            reach: action("reach")?,
            join: action("join")?,
        })
    }

    /// The request that a question makes.
    pub(super) fn request(
        &self,
        question: &Question,
        facts: &Facts,
        excused: &[&str],
        more: Option<&More>,
    ) -> Result<Request, String> {
        self.request_on(question, context(facts, excused, more)?)
    }

    /// The same on a context that is there already.
    pub(super) fn request_on(
        &self,
        question: &Question,
        context: Context,
    ) -> Result<Request, String> {
        let principal = uid(&self.person, &question.person.to_string());
        let (action, resource) = match &question.act {
            Act::Reach { system, .. } => (&self.reach, uid(&self.system, &system.to_string())),
            Act::Join { line, .. } => (&self.join, uid(&self.line, &line.to_string())),
        };
        // Shape and types are held by the tests, which put such requests to the schema: doing so for
        // every question would cost more than deciding it.
        Request::new(principal, action.clone(), resource, context, None)
            .map_err(|error| error.to_string())
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn record<const N: usize>(pairs: [(&str, E); N]) -> Result<E, String> {
    E::new_record(pairs.map(|(name, value)| (name.to_owned(), value)))
        .map_err(|error| error.to_string())
}

fn context(facts: &Facts, excused: &[&str], more: Option<&More>) -> Result<Context, String> {
    let bool = E::new_bool;
    let mut pairs = vec![
        ("clock_sure", bool(facts.clock_sure)),
        ("person", record([("active", bool(facts.person_active))])?),
        ("device", device(facts)?),
        (
            "place",
            record([
                ("off_site", bool(facts.off_site)),
                ("outside_organisation", bool(facts.outside_organisation)),
            ])?,
        ),
        ("grade", grade(facts)?),
        (
            "system",
            record([
                ("in_use", bool(facts.system_in_use)),
                ("remote", bool(facts.system_remote)),
            ])?,
        ),
        ("line", line(facts)?),
        ("task", task(facts)?),
        ("outside", record([("was", bool(facts.was_outside))])?),
        ("posture", posture(facts)?),
        ("permits", permits(facts)?),
        (
            "excused",
            E::new_set(excused.iter().map(|id| E::new_string((*id).to_owned()))),
        ),
    ];
    if let Some(more) = more {
        pairs.push(("more", more.record()?));
    }
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Context::from_pairs(pairs).map_err(|error| error.to_string())
}

fn device(facts: &Facts) -> Result<E, String> {
    let device = facts.device;
    record([
        ("stated", E::new_bool(device.stated)),
        ("enrolled", E::new_bool(device.is_enrolled())),
        ("suspended", E::new_bool(device.suspended)),
        ("retired", E::new_bool(device.retired)),
        ("issued", E::new_bool(device.issued)),
        ("theirs", E::new_bool(device.theirs)),
    ])
}

fn line(facts: &Facts) -> Result<E, String> {
    record([
        ("in_use", E::new_bool(facts.line.in_use)),
        ("internal", E::new_bool(facts.line.internal)),
        ("listed", E::new_bool(facts.line.listed)),
    ])
}

fn task(facts: &Facts) -> Result<E, String> {
    record([
        ("stated", E::new_bool(facts.task.stated)),
        ("in_use", E::new_bool(facts.task.in_use)),
        ("stopped", E::new_bool(facts.task.stopped)),
        ("covers", E::new_bool(facts.task.covers)),
    ])
}

fn posture(facts: &Facts) -> Result<E, String> {
    let passes = |set: CheckSet| E::new_bool(facts.passes[set as usize]);
    record([
        ("baseline", passes(CheckSet::Baseline)),
        ("safeguards", passes(CheckSet::Safeguards)),
        (
            "alarm",
            E::new_bool(!facts.passes[CheckSet::Alarm as usize]),
        ),
        ("inspection", passes(CheckSet::Inspection)),
    ])
}

fn permits(facts: &Facts) -> Result<E, String> {
    let held = |kind: PermitKind| E::new_bool(facts.holds(kind));
    record([
        ("telework", held(PermitKind::Telework)),
        ("take_out", held(PermitKind::TakeOut)),
        ("off_site", held(PermitKind::OffSite)),
        ("byod", held(PermitKind::Byod)),
        ("reconnection", held(PermitKind::Reconnection)),
        ("line", held(PermitKind::Line)),
        ("connection", held(PermitKind::Connection)),
        ("remote_access", held(PermitKind::RemoteAccess)),
    ])
}

fn grade(facts: &Facts) -> Result<E, String> {
    let grade = facts.grade;
    let two = |high: bool| E::new_long(if high { 2 } else { 1 });
    record([
        (
            "confidentiality",
            E::new_long(i64::from(grade.confidentiality.level())),
        ),
        ("integrity", two(grade.needs_integrity())),
        ("availability", two(grade.needs_availability())),
    ])
}
