//! Whether an entry is sound: its id and register, its unit, what the noun says of itself, what it
//! refers to, and its keys.

use super::apart::apart;
use super::inside::is_none_of_a_line;
use super::known;
use crate::command::Refusal;
use crate::device::{DeviceClass, DeviceState};
use crate::field::{FieldKind, Value};
use crate::id::{ConferenceToolId, UnitId};
use crate::register::concern::ConcernState;
use crate::register::service::ServiceKind;
use crate::register::{ConferenceTool, Entry, EntryId, EntryKeys, Particulars, is_in_force};
use crate::time::Timestamp;
use crate::world::World;

/// An entry as it would stand.
pub(super) struct Candidate<'a> {
    pub(super) id: EntryId,
    pub(super) unit: Option<UnitId>,
    pub(super) particulars: &'a Particulars,
    pub(super) keys: &'a EntryKeys,
}

/// Whether an entry can be entered: what a dry run asks of each row.
///
/// # Errors
/// [`Refusal`] names the field at fault.
pub fn may_enter(
    world: &World,
    id: EntryId,
    unit: Option<UnitId>,
    particulars: &Particulars,
    now: Timestamp,
) -> Result<(), Refusal> {
    let keys = &EntryKeys::of(particulars);
    let candidate = Candidate {
        id,
        unit,
        particulars,
        keys,
    };
    enters(world, &candidate, now)
}

/// As [`may_enter`], with keys that are folded already.
pub(super) fn enters(
    world: &World,
    candidate: &Candidate<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Candidate {
        id, particulars, ..
    } = *candidate;
    let register = particulars.register();
    if id.prefix() != register.prefix() {
        return Err(Refusal::new("entry.other-register").at("id"));
    }
    if world.registers.entry(id).is_some() {
        return Err(Refusal::new("entry.exists").at("id"));
    }
    if let EntryId::Device(device) = id
        && let Some(enrolled) = world.device(device)
    {
        let class = match particulars {
            Particulars::ByodDevice(_) => DeviceClass::Byod,
            _ => DeviceClass::Issued,
        };
        if enrolled.class != class {
            return Err(Refusal::new("device.other-class").at("id"));
        }
        if enrolled.state == DeviceState::Retired {
            return Err(Refusal::new("device.retired").at("id"));
        }
    }
    if let Particulars::Concern(concern) = particulars
        && concern.state != ConcernState::Open
    {
        return Err(Refusal::new("concern.not-open").at("state"));
    }
    sound(world, candidate, None, now)
}

/// Whether an entry can be changed so: what a dry run asks of each row.
///
/// # Errors
/// [`Refusal`] names the field at fault.
pub fn may_change<'a>(
    world: &'a World,
    id: EntryId,
    unit: Option<UnitId>,
    particulars: &Particulars,
    now: Timestamp,
) -> Result<&'a Entry, Refusal> {
    let keys = &EntryKeys::of(particulars);
    let candidate = Candidate {
        id,
        unit,
        particulars,
        keys,
    };
    changes(world, &candidate, now)
}

/// As [`may_change`], with keys that are folded already.
pub(super) fn changes<'a>(
    world: &'a World,
    candidate: &Candidate<'_>,
    now: Timestamp,
) -> Result<&'a Entry, Refusal> {
    let Candidate {
        id, particulars, ..
    } = *candidate;
    let known = known(world, id, particulars.register())?;
    if !known.is_active() {
        return Err(Refusal::new("entry.retired").at("id"));
    }
    if let (Particulars::Concern(before), Particulars::Concern(after)) =
        (known.particulars.as_ref(), particulars)
    {
        // Whoever answers does not rewrite what was told, nor show who told it.
        if (before.kind, before.task, before.anonymous) != (after.kind, after.task, after.anonymous)
        {
            return Err(Refusal::new("concern.rewritten").at("kind"));
        }
        // An answer has words, and is nobody's own: it has a command of its own.
        if before.state != after.state {
            return Err(Refusal::new("concern.unanswered").at("state"));
        }
    }
    sound(world, candidate, Some(&known.particulars), now)?;
    Ok(known)
}

/// The unit, what the noun says of itself, its references and its keys.
fn sound(
    world: &World,
    candidate: &Candidate<'_>,
    before: Option<&Particulars>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Candidate {
        id,
        unit,
        particulars,
        keys,
    } = *candidate;
    match unit {
        None if particulars.register().needs_unit() => {
            return Err(Refusal::new("entry.unit-required").at("unit"));
        }
        Some(unit) if !world.unit_in_force(unit, now) => {
            // An entry may keep the abolished unit that it followed from.
            let keeps = world
                .registers
                .entry(id)
                .is_some_and(|it| it.unit == Some(unit));
            if !keeps {
                return Err(Refusal::new("unit.unknown").at("unit"));
            }
        }
        _ => {}
    }
    if let Some(fault) = particulars.fault() {
        return Err(Refusal::new(fault.code).at(fault.field));
    }
    if let (EntryId::ConferenceTool(id), Particulars::ConferenceTool(tool)) = (id, particulars) {
        without_secrets(world, (id, tool), before, now)?;
    }
    if let (EntryId::Service(service), Particulars::Service(noun)) = (id, particulars)
        && noun.kind == ServiceKind::Terms
        && let Some(secret) = world.secret_of(service, noun, now)
    {
        let mut refusal = Refusal::new("service.terms-with-secrets").at("kind");
        refusal.reason = refusal.reason.with("id", secret);
        return Err(refusal);
    }
    references(world, particulars, before, now)?;
    apart(world, particulars, before)?;
    is_none_of_a_line(world, particulars, before)?;
    no_twin(world, id, keys)
}

/// Nothing of C2 or C3 is handled with a tool on its provider's terms (4.1.2(1)(a)): neither by its matrix nor by permits
/// that were given. One of which nobody says on what ground it is used may be such a one, so that a ground which was
/// stated is not taken from under permits; of a tool entered before it was asked anything else may still be noted.
fn without_secrets(
    world: &World,
    (id, tool): (ConferenceToolId, &ConferenceTool),
    before: Option<&Particulars>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let under_terms = world.is_under_terms(tool);
    if under_terms && tool.is_for_secrets() {
        return Err(Refusal::new("conference.terms-confidential").at("service"));
    }
    let stated =
        matches!(before, Some(Particulars::ConferenceTool(before)) if before.states_ground());
    if !under_terms && (tool.states_ground() || !stated) {
        return Ok(());
    }
    let Some(permit) = world.secret_permit_for(id, now) else {
        return Ok(());
    };
    let mut refusal = if under_terms {
        Refusal::new("conference.terms-with-permits").at("service")
    } else {
        Refusal::new("conference.ground-with-permits").at("contract")
    };
    refusal.reason = refusal.reason.with("id", permit.to_string());
    Err(refusal)
}

/// Everything that is newly referred to is there and in force.
fn references(
    world: &World,
    particulars: &Particulars,
    before: Option<&Particulars>,
    now: Timestamp,
) -> Result<(), Refusal> {
    for field in particulars.register().fields() {
        if !matches!(field.kind, FieldKind::Reference(_)) {
            continue;
        }
        let had = before.map(|it| it.value(field.code)).unwrap_or_default();
        let has = particulars.value(field.code);
        for id in texts(&has) {
            if !texts(&had).contains(id) && !is_in_force(world, id, now) {
                return Err(Refusal::new("entry.unknown-reference").at(field.code));
            }
        }
    }
    Ok(())
}

fn texts(value: &Value) -> &[String] {
    match value {
        Value::Text(text) => std::slice::from_ref(text),
        Value::Many(list) => list,
        _ => &[],
    }
}

pub(super) fn no_twin(world: &World, id: EntryId, keys: &EntryKeys) -> Result<(), Refusal> {
    match world.registers.twin(id, keys) {
        None => Ok(()),
        Some((field, other)) => {
            let mut refusal = Refusal::new("entry.duplicate").at(field);
            refusal.reason = refusal.reason.with("other", other.to_string());
            Err(refusal)
        }
    }
}
