//! Telling of unease and answering it.

use serde::{Deserialize, Serialize};

use super::{Refusal, current, register};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::concern::{
    ConcernAnswered, ConcernErased, ConcernSaid, ConcernTold, ConcernTurned, RECORDS_MAX,
    ReceiptHash,
};
use crate::event::{Event, Sealed};
use crate::id::{ConcernId, IncidentId, PersonId, TaskId, UnitId};
use crate::register::concern::{ConcernKind, ConcernState};
use crate::register::{Concern, Entry, EntryId, Incident, Particulars};
use crate::time::Timestamp;
use crate::world::World;

/// What can be done about unease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ConcernCommand {
    /// Tell of it.
    Tell(Box<Telling>),
    /// Say more of what was told.
    Say {
        /// Of which report.
        concern: ConcernId,
        /// In words.
        words: Sealed,
        /// The hash of the code that whoever has no name shows.
        receipt: Option<ReceiptHash>,
    },
    /// Look at a report, or answer it.
    Answer {
        /// Which.
        concern: ConcernId,
        /// Where it stands from now on.
        state: ConcernState,
        /// What the reporter is told.
        words: Option<Sealed>,
        /// The entry's version as its author saw it.
        expected: Option<u64>,
    },
    /// Make a report an incident.
    Turn {
        /// Which.
        concern: ConcernId,
        /// The fresh id of the incident.
        incident: IncidentId,
        /// What the register holds of it.
        particulars: Box<Incident>,
        /// What happened, in words.
        words: Sealed,
    },
    /// Destroy the words of a report without a name. The caller destroys the key.
    Erase {
        /// Which.
        concern: ConcernId,
    },
    /// Choose whether reports without a name are taken.
    SetRules {
        /// Whether they are.
        nameless: bool,
    },
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The fresh id.
    pub concern: ConcernId,
    /// The unit that it is about; that of the task where none is named.
    pub unit: Option<UnitId>,
    /// What it is about.
    pub kind: ConcernKind,
    /// The task at which it arose.
    pub task: Option<TaskId>,
    /// Whether the section chief is not shown who told it.
    pub hidden: bool,
    /// In words, where the reporter gives any.
    pub words: Option<Sealed>,
    /// The fresh pseudonym of a report without a name.
    pub pseudonym: Option<PersonId>,
    /// The hash of its code.
    pub receipt: Option<ReceiptHash>,
}

impl ConcernCommand {
    pub(super) fn action(&self) -> (Action, Subject) {
        let entry = |concern: &ConcernId| Subject::Entry(EntryId::Concern(*concern));
        match self {
            Self::Tell(telling) => {
                let subject = telling.unit.map_or(Subject::Body, Subject::Unit);
                (Action::RaiseConcern, subject)
            }
            Self::Say { concern, .. } => (Action::RaiseConcern, entry(concern)),
            Self::Answer { concern, .. } | Self::Turn { concern, .. } => {
                (Action::AnswerConcern, entry(concern))
            }
            Self::Erase { .. } => (Action::ForgetPerson, Subject::Body),
            Self::SetRules { .. } => (Action::SetConcernRules, Subject::Body),
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &ConcernCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        ConcernCommand::Tell(telling) => tell(world, actor, telling, now),
        ConcernCommand::Say {
            concern,
            words,
            receipt,
        } => say(world, actor, *concern, (words, receipt.as_ref())),
        ConcernCommand::Answer {
            concern,
            state,
            words,
            expected,
        } => answer(world, actor, (*concern, *state), words.as_ref(), *expected),
        ConcernCommand::Turn {
            concern,
            incident,
            particulars,
            words,
        } => turn(
            world,
            actor,
            (*concern, *incident),
            (&**particulars, words),
            now,
        ),
        ConcernCommand::Erase { concern } => erase(world, *concern),
        ConcernCommand::SetRules { nameless } => {
            if world.concerns.takes_nameless() == *nameless {
                return Err(Refusal::new("concern.rules-unchanged"));
            }
            Ok(vec![Event::ConcernRulesSet {
                nameless: *nameless,
            }])
        }
    }
}

fn tell(
    world: &World,
    actor: &Actor,
    telling: &Telling,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if world.registers.entry(telling.concern).is_some() {
        return Err(Refusal::new("entry.exists").at("id"));
    }
    match actor {
        Actor::Nobody => is_nobodys(world, telling)?,
        _ => {
            register::own_words(actor, telling.words.as_ref())?;
            if telling.pseudonym.is_some() || telling.receipt.is_some() {
                return Err(Refusal::new("concern.names-somebody"));
            }
        }
    }
    let task = telling.task.map(|task| {
        let known = world.registers.entry(task).filter(|it| it.is_active());
        known.ok_or_else(|| Refusal::new("concern.unknown-task").at("task"))
    });
    let task = task.transpose()?;
    if telling
        .unit
        .is_some_and(|unit| !world.unit_in_force(unit, now))
    {
        return Err(Refusal::new("concern.unknown-unit").at("unit"));
    }
    let of_task = task.and_then(|entry| world.unit_of_entry(entry.id, now));
    let told = ConcernTold {
        concern: telling.concern,
        unit: telling.unit.or(of_task),
        kind: telling.kind,
        task: telling.task,
        hidden: telling.hidden || *actor == Actor::Nobody,
        due: world.calendar().deadline(now, telling.kind.due_days()),
        words: telling.words.clone(),
        pseudonym: telling.pseudonym,
        receipt: telling.receipt.clone(),
    };
    Ok(vec![Event::ConcernTold {
        told: Box::new(told),
    }])
}

/// A report without a name has a receipt and a pseudonym that is nobody's, and its words are sealed under
/// that alone.
fn is_nobodys(world: &World, telling: &Telling) -> Result<(), Refusal> {
    let names = || Refusal::new("concern.names-somebody");
    let pseudonym = telling.pseudonym.ok_or_else(names)?;
    let is_new = telling
        .receipt
        .as_ref()
        .is_some_and(|receipt| world.concerns.by_receipt(receipt).is_none());
    let sealed_alike = telling
        .words
        .as_ref()
        .is_none_or(|words| words.person == pseudonym);
    if is_new && sealed_alike && !world.people.contains_key(&pseudonym) {
        Ok(())
    } else {
        Err(names())
    }
}

/// A report that is known and in use.
fn known(world: &World, concern: ConcernId) -> Result<(&Entry, &Concern), Refusal> {
    let known = world.registers.get::<Concern>(concern);
    let known = known.filter(|(entry, _)| entry.is_active());
    known.ok_or_else(|| Refusal::new("concern.unknown"))
}

/// Whether there is room for one more: reporters leave half of it to those who answer.
fn has_room(world: &World, concern: ConcernId, most: usize) -> Result<(), Refusal> {
    let thread = world.concerns.thread(concern);
    if thread.is_some_and(|it| it.records.len() >= most) {
        return Err(Refusal::new("concern.too-long"));
    }
    Ok(())
}

fn say(
    world: &World,
    actor: &Actor,
    concern: ConcernId,
    (words, receipt): (&Sealed, Option<&ReceiptHash>),
) -> Result<Vec<Event>, Refusal> {
    let (entry, _) = known(world, concern)?;
    has_room(world, concern, RECORDS_MAX / 2)?;
    let thread = world.concerns.thread(concern);
    let reporters = match actor {
        Actor::Nobody => thread.is_some_and(|it| {
            let shown = it.receipt.is_some() && it.receipt.as_ref() == receipt;
            shown && !it.erased && it.pseudonym == Some(words.person)
        }),
        Actor::Person { person, .. } => {
            entry.author == Some(*person) && words.person == *person && receipt.is_none()
        }
        _ => false,
    };
    if !reporters {
        return Err(Refusal::new("concern.not-yours"));
    }
    let said = ConcernSaid {
        concern,
        words: words.clone(),
    };
    Ok(vec![Event::ConcernSaid { said }])
}

fn answer(
    world: &World,
    actor: &Actor,
    (concern, state): (ConcernId, ConcernState),
    words: Option<&Sealed>,
    expected: Option<u64>,
) -> Result<Vec<Event>, Refusal> {
    let (entry, before) = known(world, concern)?;
    has_room(world, concern, RECORDS_MAX)?;
    current(entry.version, expected)?;
    register::own_words(actor, words)?;
    if matches!(actor, Actor::Person { person, .. } if entry.author == Some(*person)) {
        return Err(Refusal::new("concern.own"));
    }
    match state {
        ConcernState::Open => return Err(Refusal::new("concern.not-reopened").at("state")),
        ConcernState::Examined if before.state != ConcernState::Open && words.is_none() => {
            return Err(Refusal::new("entry.unchanged"));
        }
        ConcernState::Answered if words.is_none() => {
            return Err(Refusal::new("entry.words-required").at("words"));
        }
        ConcernState::Examined | ConcernState::Answered => {}
    }
    let answered = ConcernAnswered {
        concern,
        state,
        words: words.cloned(),
    };
    Ok(vec![Event::ConcernAnswered { answered }])
}

fn turn(
    world: &World,
    actor: &Actor,
    (concern, incident): (ConcernId, IncidentId),
    (particulars, words): (&Incident, &Sealed),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (entry, _) = known(world, concern)?;
    has_room(world, concern, RECORDS_MAX)?;
    register::own_words(actor, Some(words))?;
    let thread = world.concerns.thread(concern);
    if thread.is_some_and(|it| it.incident.is_some()) {
        return Err(Refusal::new("concern.is-incident"));
    }
    let mut particulars = particulars.clone();
    if !particulars.concerns.contains(&concern) {
        particulars.concerns.push(concern);
    }
    let particulars = Particulars::Incident(particulars);
    let id = EntryId::Incident(incident);
    register::may_enter(world, id, entry.unit, &particulars, now)?;
    Ok(vec![
        Event::RegisterEntered {
            id,
            unit: entry.unit,
            particulars,
            remark: Some(words.clone()),
        },
        Event::ConcernTurned {
            turned: ConcernTurned { concern, incident },
        },
    ])
}

fn erase(world: &World, concern: ConcernId) -> Result<Vec<Event>, Refusal> {
    let thread = world.concerns.thread(concern);
    let thread = thread.ok_or_else(|| Refusal::new("concern.unknown"))?;
    let pseudonym = thread
        .pseudonym
        .ok_or_else(|| Refusal::new("concern.has-a-name"))?;
    if thread.erased {
        return Err(Refusal::new("concern.is-erased"));
    }
    let erased = ConcernErased { concern, pseudonym };
    Ok(vec![Event::ConcernErased { erased }])
}
