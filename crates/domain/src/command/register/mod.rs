//! Keeping the registers.

mod apart;
mod import;
mod inside;
mod sound;

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::actor::Actor;
use crate::attestation::ATTESTATION_DEFAULT;
use crate::authorise::{Action, Subject, authorise};
use crate::code::Reason;
use crate::device::{DeviceClass, DeviceState};
use crate::event::{BlobRef, Event, Sealed};
use crate::id::UnitId;
use crate::register::concern::{Concern, ConcernState};
use crate::register::{Entry, EntryId, EntryKeys, ImportRows, Particulars, Register};
use crate::time::{Interval, Timestamp};
use crate::world::World;

pub use sound::{may_change, may_enter};

/// Most rows of one import.
pub const IMPORT_MAX: usize = 200_000;

/// What can be asked of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum RegisterCommand {
    /// Enter something.
    Enter {
        /// The fresh id; for a device that is enrolled already, its id.
        id: EntryId,
        /// The unit that answers for it.
        unit: Option<UnitId>,
        /// What the register holds of it.
        particulars: Particulars,
        /// What is said beside, under the actor's key.
        remark: Option<Sealed>,
    },
    /// Change an entry as a whole.
    Change {
        /// Which.
        id: EntryId,
        /// The unit that answers for it from now on.
        unit: Option<UnitId>,
        /// What the register holds of it from now on.
        particulars: Particulars,
        /// What is said beside, under the actor's key.
        remark: Option<Sealed>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Take an entry out of use.
    Retire {
        /// Its register.
        register: Register,
        /// Which.
        id: EntryId,
        /// What is said beside, under the actor's key.
        remark: Option<Sealed>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Take a retired entry into use again.
    Restore {
        /// Its register.
        register: Register,
        /// Which.
        id: EntryId,
        /// What is said beside, under the actor's key.
        remark: Option<Sealed>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Say that there is nothing to enter: a machine-checked reason for rows that do not apply.
    DeclareEmpty {
        /// The register.
        register: Register,
    },
    /// Enter and change many entries at once, all or none.
    Import {
        /// The register.
        register: Register,
        /// The rows.
        rows: ImportRows,
        /// The document made of the rows by [`encode_rows`](crate::register::encode_rows); it is
        /// handed over with the command.
        document: BlobRef,
    },
}

impl RegisterCommand {
    pub(super) fn action(&self) -> (Action, Subject) {
        match self {
            Self::Enter {
                unit, particulars, ..
            } => {
                let subject = unit.map_or(Subject::Body, Subject::Unit);
                (particulars.register().enter(), subject)
            }
            Self::Change {
                id, particulars, ..
            } => (particulars.register().keep(), Subject::Entry(*id)),
            Self::Retire { register, id, .. } | Self::Restore { register, id, .. } => {
                (register.keep(), Subject::Entry(*id))
            }
            Self::DeclareEmpty { register } => (register.keep(), Subject::Body),
            // The first row's unit; deciding asks for all of them.
            Self::Import { register, rows, .. } => {
                let unit = rows.iter().next().and_then(|row| row.unit);
                (register.keep(), unit.map_or(Subject::Body, Subject::Unit))
            }
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &RegisterCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        RegisterCommand::Enter { remark, .. }
        | RegisterCommand::Change { remark, .. }
        | RegisterCommand::Retire { remark, .. }
        | RegisterCommand::Restore { remark, .. } => own_words(actor, remark.as_ref())?,
        RegisterCommand::DeclareEmpty { register } => return declare_empty(world, *register, now),
        RegisterCommand::Import {
            register,
            rows,
            document,
        } => return import::decide(world, actor, *register, (rows, document), now),
    }
    match command {
        RegisterCommand::Retire {
            register,
            id,
            remark,
            expected,
        } => retire(world, (*register, *id), remark.as_ref(), *expected),
        RegisterCommand::Restore {
            register,
            id,
            remark,
            expected,
        } => restore(world, (*register, *id), remark.as_ref(), *expected),
        _ => write(world, actor, command, now),
    }
}

/// Enters or changes an entry.
fn write(
    world: &World,
    actor: &Actor,
    command: &RegisterCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        RegisterCommand::Enter {
            id,
            unit,
            particulars,
            remark,
        } => {
            may_enter(world, *id, *unit, particulars, now)?;
            if particulars.register().needs_words() && remark.is_none() {
                return Err(Refusal::new("entry.words-required").at("remark"));
            }
            Ok(vec![Event::RegisterEntered {
                id: *id,
                unit: *unit,
                particulars: particulars.clone(),
                remark: remark.clone(),
            }])
        }
        RegisterCommand::Change {
            id,
            unit,
            particulars,
            remark,
            expected,
        } => {
            let known = may_change(world, *id, *unit, particulars, now)?;
            super::current(known.version, *expected)?;
            if *unit != known.unit {
                let target = unit.map_or(Subject::Body, Subject::Unit);
                authorise(world, actor, particulars.register().keep(), target, now)?;
            }
            let same = known.unit == *unit && *known.particulars == *particulars;
            if same && remark.is_none() {
                return Err(Refusal::new("entry.unchanged"));
            }
            Ok(vec![Event::RegisterChanged {
                id: *id,
                unit: *unit,
                particulars: particulars.clone(),
                remark: remark.clone(),
            }])
        }
        _ => Err(Refusal::new("command.misrouted")),
    }
}

fn retire(
    world: &World,
    (register, id): (Register, EntryId),
    remark: Option<&Sealed>,
    expected: Option<u64>,
) -> Result<Vec<Event>, Refusal> {
    let known = known(world, id, register)?;
    super::current(known.version, expected)?;
    if !known.is_active() {
        return Err(Refusal::new("entry.retired").at("id"));
    }
    // What waits for an answer does not go without one.
    let waits = |concern: &Concern| concern.state != ConcernState::Answered;
    if matches!(known.particulars.as_ref(), Particulars::Concern(concern) if waits(concern)) {
        return Err(Refusal::new("concern.unanswered").at("id"));
    }
    let remark = remark.cloned();
    let mut events = vec![Event::RegisterRetired { id, remark }];
    events.extend(device_retires(world, id));
    Ok(events)
}

fn restore(
    world: &World,
    (register, id): (Register, EntryId),
    remark: Option<&Sealed>,
    expected: Option<u64>,
) -> Result<Vec<Event>, Refusal> {
    let known = known(world, id, register)?;
    super::current(known.version, expected)?;
    if known.is_active() {
        return Err(Refusal::new("entry.in-use").at("id"));
    }
    let device = match id {
        EntryId::Device(device) => world.device(device),
        _ => None,
    };
    if device.is_some_and(|device| device.state == DeviceState::Retired) {
        return Err(Refusal::new("device.retired").at("id"));
    }
    sound::no_twin(world, id, &EntryKeys::of(&known.particulars))?;
    apart::apart(world, &known.particulars, None)?;
    inside::is_none_of_a_line(world, &known.particulars, None)?;
    let remark = remark.cloned();
    Ok(vec![Event::RegisterRestored { id, remark }])
}

/// What a person says is under the person's own key, so that it goes when the person is forgotten.
pub(super) fn own_words(actor: &Actor, remark: Option<&Sealed>) -> Result<(), Refusal> {
    let own = match (actor, remark) {
        (_, None) => true,
        (Actor::Person { person, .. }, Some(sealed)) => sealed.person == *person,
        _ => false,
    };
    if own {
        Ok(())
    } else {
        Err(Refusal::new("entry.words-of-another").at("remark"))
    }
}

fn known(world: &World, id: EntryId, register: Register) -> Result<&Entry, Refusal> {
    let known = world.registers.entry(id);
    let known = known.ok_or_else(|| Refusal::new("entry.unknown").at("id"))?;
    if known.register() == register {
        Ok(known)
    } else {
        Err(Refusal::new("entry.other-register").at("id"))
    }
}

fn device_retires(world: &World, id: EntryId) -> Option<Event> {
    let EntryId::Device(device) = id else {
        return None;
    };
    let enrolled = world.device(device)?;
    (enrolled.state != DeviceState::Retired).then(|| Event::DeviceStateChanged {
        device,
        state: DeviceState::Retired,
        reason: Reason::new("device.retired-in-register"),
    })
}

fn declare_empty(world: &World, register: Register, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let class = match register {
        Register::IssuedDevice => Some(DeviceClass::Issued),
        Register::ByodDevice => Some(DeviceClass::Byod),
        _ => None,
    };
    let enrolled = world
        .devices
        .iter()
        .any(|it| Some(it.class) == class && it.state != DeviceState::Retired);
    if enrolled || world.registers.active(register).next().is_some() {
        return Err(Refusal::new("register.not-empty").at("register"));
    }
    let valid = Interval {
        from: now,
        until: Some(now.after(ATTESTATION_DEFAULT)),
    };
    Ok(vec![Event::RegisterDeclaredEmpty { register, valid }])
}
