//! Commands: World + command → events, or a refusal.
//!
//! A command carries the fresh identifiers and sealed texts that it needs, so that deciding it is
//! a pure function. The gate is asked first, always.

mod access_rules;
mod break_glass;
mod checklist;
mod concern;
mod cut;
mod device;
mod incident;
mod knowledge;
mod moves;
mod opinion;
mod organisation;
mod people;
mod permit;
mod person;
mod plan;
mod register;
mod risk;
mod roster;
mod rule;
mod sighting;
mod structure;
mod token;
mod unit_name;

pub use access_rules::SetAccessRules;
pub use break_glass::may_open as may_open_break_glass;
pub use checklist::AnswerChecklist;
pub use concern::{ConcernCommand, Telling};
pub use incident::IncidentCommand;
pub use knowledge::speaks_for_the_body;
pub use moves::{LineFault, MOVES_MAX, MovesCommand, SLICE, Vacated, check_moves, vacated};
pub use opinion::{OpinionCommand, may_speak};
pub use people::BARRED;
pub use permit::{
    Application, ExceptionAct, ExceptionCommand, ExceptionStep, Measured, PermitAct, PermitCommand,
};
pub use person::PersonCommand;
pub use plan::{CaseFound, Evaluated, PlanCommand, about as plan_subject};
pub use register::{IMPORT_MAX, RegisterCommand, may_change, may_enter};
pub use risk::{RiskCommand, Weight, about as risk_subject};
pub use roster::{PersonRow, PostRow, ROSTER_MAX, RosterCommand, UnitRow, arrivals, check_roster};
pub use rule::RuleCommand;
use serde::{Deserialize, Serialize};
pub use sighting::{SightingCommand, about as sighting_subject, keeps};
pub use structure::{HEIRS_MAX, SHARES_MAX, StructureCommand};

use crate::access::{AccessRecord, Cut};
use crate::actor::Actor;
use crate::admission::AdmissionRecord;
use crate::attestation::Attestation;
use crate::authorise::{Action, Basis, Denied, Subject, authorise};
use crate::code::Reason;
use crate::device::{DeviceClass, DeviceKey, DeviceState, StateSource};
use crate::event::{Assessment, CheckChange, Event, Sealed, VerdictChange};
use crate::feed::FeedState;
use crate::id::{AccountId, ApiTokenId, AppointmentId, DeviceId, PersonId, PostId, UnitId};
use crate::name::Name;
use crate::organisation::Organisation;
use crate::post::Post;
use crate::profile::Profile;
use crate::time::{Interval, Timestamp};
use crate::token::Token;
use crate::working_day::Holidays;
use crate::world::World;

/// A person who becomes known: id, and name and mail under the person's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPerson {
    /// The fresh id.
    pub id: PersonId,
    /// Name and mail, sealed.
    pub profile: Sealed,
}

/// The first officer's post, account and appointment, made together with the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstOfficer {
    /// The person.
    pub person: NewPerson,
    /// The account.
    pub account: AccountId,
    /// The post, in the root unit.
    pub post: Post,
    /// The appointment.
    pub appointment: AppointmentId,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Found the organisation, with its root unit and first officer.
    FoundOrganisation {
        /// The organisation; `root` names the fresh root unit.
        organisation: Box<Organisation>,
        /// The first officer, who becomes bootstrap officer.
        officer: Box<FirstOfficer>,
        /// Version of the built-in catalogue.
        catalogue: String,
        /// Its digest.
        catalogue_digest: String,
    },
    /// Answer to another notice.
    ChangeProfile {
        /// The profile.
        profile: Profile,
        /// Whether the annexed clauses are judged although the profile does not ask it.
        clauses_opted_in: bool,
    },
    /// Put a version of the built-in catalogue in force.
    AdoptCatalogue {
        /// Its version.
        catalogue: String,
        /// Its digest.
        digest: String,
    },
    /// Found a unit below another.
    FoundUnit {
        /// The fresh id.
        id: UnitId,
        /// The unit above.
        parent: UnitId,
        /// Its name.
        name: Name,
        /// When it exists.
        valid: Interval,
    },
    /// Create a post.
    CreatePost(Box<Post>),
    /// Register a person in a unit.
    RegisterPerson {
        /// The person.
        person: NewPerson,
        /// The unit.
        unit: UnitId,
    },
    /// Record that a person is forgotten; the caller destroys the key.
    ForgetPerson {
        /// The person.
        person: PersonId,
    },
    /// Appoint a person to a post.
    Appoint {
        /// The fresh id.
        id: AppointmentId,
        /// Who.
        person: PersonId,
        /// To what.
        post: PostId,
        /// When.
        valid: Interval,
    },
    /// End an appointment.
    EndAppointment {
        /// Which.
        appointment: AppointmentId,
        /// The first instant at which it no longer holds.
        until: Timestamp,
    },
    /// Issue an account.
    IssueAccount {
        /// The fresh id.
        account: AccountId,
        /// Whose.
        person: PersonId,
    },
    /// Close an account.
    CloseAccount {
        /// Which.
        account: AccountId,
    },
    /// Enrol a device whose key has been proved.
    EnrolDevice {
        /// The fresh id.
        device: DeviceId,
        /// Its key.
        key: DeviceKey,
        /// Whose it is.
        class: DeviceClass,
        /// The unit that answers for it.
        unit: UnitId,
        /// The person who uses it.
        user: Option<PersonId>,
        /// Who tells of its state. What a person declares, that person declares.
        source: StateSource,
    },
    /// Suspend, resume or retire a device.
    ChangeDevice {
        /// Which.
        device: DeviceId,
        /// Where it stands from now on.
        state: DeviceState,
        /// Why.
        reason: Reason,
    },
    /// Attest a row.
    Attest {
        /// The attestation. It names the appointment that speaks; that the actor holds it, and
        /// that its post may attest for the whole, is checked.
        attestation: Box<Attestation>,
        /// What was said, sealed.
        statement: Option<Sealed>,
    },
    /// Bring in a feed that has been parsed.
    ImportFeed {
        /// Its state.
        feed: FeedState,
        /// Whether it shall be taken although it holds far less than the one in use.
        smaller: bool,
    },
    /// Put another table of national holidays in the place of the built-in one.
    ReplaceHolidays {
        /// The days.
        holidays: Box<Holidays>,
        /// SHA-256 in hex of the file.
        digest: String,
    },
    /// Record what the decision point answered.
    RecordAccess {
        /// Refusals and privileged access.
        records: Vec<AccessRecord>,
    },
    /// Cut tunnels off.
    CutAccess(Box<Cut>),
    /// Put other rules of the organisation's own in force.
    SetAccessRules(Box<SetAccessRules>),
    /// Record what became of devices at internal lines.
    RecordAdmissions {
        /// What is of record.
        records: Vec<AdmissionRecord>,
    },
    /// Record what an assessment found.
    RecordAssessment {
        /// Checks that changed.
        checks: Vec<CheckChange>,
        /// Verdicts that changed.
        verdicts: Vec<VerdictChange>,
        /// That it was held, when that is due.
        held: Option<Box<Assessment>>,
    },
    /// Record that personal observations are read.
    ReadPersonal {
        /// Of whom or what.
        subject: String,
        /// The purpose, under the reader's key.
        purpose: Sealed,
    },
    /// Confirm the clock after a step.
    ConfirmClock {
        /// The size of the step in milliseconds.
        step: i64,
    },
    /// Choose where checkpoints leave to.
    SetCheckpointTargets {
        /// Codes of the targets.
        targets: Vec<String>,
    },
    /// Open break-glass, asked for by the actor.
    OpenBreakGlass {
        /// The officer who agreed.
        second: PersonId,
        /// Why, under the actor's key.
        reason: Sealed,
    },
    /// Close break-glass.
    CloseBreakGlass,
    /// Issue an API token, whose secret the accounts keep as a hash.
    IssueToken {
        /// The token.
        token: Box<Token>,
    },
    /// Revoke an API token.
    RevokeToken {
        /// Which.
        token: ApiTokenId,
        /// Who issued it.
        issuer: PersonId,
    },
    /// Keep a register.
    Register(Box<RegisterCommand>),
    /// Change what is known of a person.
    Person(Box<PersonCommand>),
    /// Change a unit or post.
    Structure(Box<StructureCommand>),
    /// Permits, and who decides on them.
    Permit(Box<PermitCommand>),
    /// Looking at an exception again, and settling it.
    Exception(Box<ExceptionCommand>),
    /// Accept, withdraw or carry out a list of personnel moves.
    Moves(Box<MovesCommand>),
    /// Units, posts or people by a whole file.
    Roster(Box<RosterCommand>),
    /// The plan of telework, and the cases that call for a reassessment.
    Plan(Box<PlanCommand>),
    /// Risk assessments.
    Risk(Box<RiskCommand>),
    /// Outside services that logs show to be used.
    Sighting(Box<SightingCommand>),
    /// Rules and their clauses.
    Rule(Box<RuleCommand>),
    /// Opinions of the promotion body.
    Opinion(Box<OpinionCommand>),
    /// Reports of unease.
    Concern(Box<ConcernCommand>),
    /// Incidents.
    Incident(Box<IncidentCommand>),
    /// Answer an item of a checklist.
    Checklist(Box<AnswerChecklist>),
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}", reason.code)]
pub struct Refusal {
    /// Stable code and parameters.
    pub reason: Reason,
    /// The field of the command that is at fault, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Refusal {
    /// A refusal with a code.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self {
            reason: Reason::new(code),
            field: None,
        }
    }

    /// The same refusal, naming the field at fault.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::new(denied.code())
    }
}

/// Whether a thing is still at the version that a command was decided on.
fn current(version: u64, expected: Option<u64>) -> Result<(), Refusal> {
    let number = |version: u64| i64::try_from(version).unwrap_or(i64::MAX);
    match expected {
        Some(expected) if expected != version => {
            let mut refusal = Refusal::new("command.stale");
            refusal.reason = refusal
                .reason
                .with("expected", number(expected))
                .with("version", number(version));
            Err(refusal)
        }
        _ => Ok(()),
    }
}

/// The person behind an actor: whoever acted, or issued the token with which a program did.
fn behind(world: &World, actor: &Actor) -> Option<PersonId> {
    match actor {
        Actor::Person { person, .. } => Some(*person),
        Actor::Service { token, .. } => world.tokens.get(token).map(|it| it.token.issuer),
        _ => None,
    }
}

/// What a command comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The actor, with the appointment under which the gate opened.
    pub actor: Actor,
    /// What happens.
    pub events: Vec<Event>,
}

impl Command {
    /// The action the gate is asked for, and about what.
    #[must_use]
    pub fn action(&self) -> (Action, Subject) {
        match self {
            Self::FoundOrganisation { .. } => (Action::FoundOrganisation, Subject::Body),
            Self::ChangeProfile { .. } => (Action::ChangeProfile, Subject::Body),
            Self::AdoptCatalogue { .. } => (Action::AdoptCatalogue, Subject::Body),
            Self::FoundUnit { parent, .. } => (Action::FoundUnit, Subject::Unit(*parent)),
            Self::CreatePost(post) => (Action::CreatePost, Subject::Unit(post.unit)),
            Self::RegisterPerson { unit, .. } => (Action::RegisterPerson, Subject::Unit(*unit)),
            Self::ForgetPerson { person } => (Action::ForgetPerson, Subject::Person(*person)),
            Self::Appoint { person, .. } => (Action::Appoint, Subject::Person(*person)),
            Self::EndAppointment { .. } => (Action::Appoint, Subject::Body),
            Self::IssueAccount { person, .. } => (Action::IssueAccount, Subject::Person(*person)),
            Self::CloseAccount { .. } => (Action::IssueAccount, Subject::Body),
            Self::EnrolDevice { unit, .. } => (Action::EnrolDevice, Subject::Unit(*unit)),
            Self::ChangeDevice { device, .. } => (Action::ChangeDevice, Subject::Device(*device)),
            Self::Attest { .. } => (Action::Attest, Subject::Body),
            // What is found in logs follows from it: an own entry can take a service out of what is looked
            // for, as a word that its use is not ours would.
            Self::ImportFeed { feed, .. } if feed.is_own_services() => {
                (Action::KeepServices, Subject::Body)
            }
            Self::ImportFeed { .. } | Self::ReplaceHolidays { .. } => {
                (Action::ImportFeed, Subject::Body)
            }
            Self::RecordAccess { .. }
            | Self::RecordAdmissions { .. }
            | Self::RecordAssessment { .. } => (Action::RecordVerdict, Subject::Body),
            Self::CutAccess(cut) => cut::action(cut),
            Self::SetAccessRules(_) => (Action::SetAccessRules, Subject::Body),
            Self::ReadPersonal { .. } => (Action::ReadPersonal, Subject::Body),
            Self::ConfirmClock { .. } => (Action::ConfirmClock, Subject::Body),
            Self::SetCheckpointTargets { .. } => (Action::Configure, Subject::Body),
            Self::OpenBreakGlass { .. } => (Action::OpenBreakGlass, Subject::Body),
            Self::CloseBreakGlass => (Action::CloseBreakGlass, Subject::Body),
            Self::IssueToken { token } => (Action::IssueToken, Subject::Person(token.issuer)),
            Self::RevokeToken { issuer, .. } => (Action::IssueToken, Subject::Person(*issuer)),
            Self::Register(command) => command.action(),
            Self::Person(command) => command.action(),
            Self::Structure(command) => command.action(),
            Self::Permit(command) => command.action(),
            Self::Exception(it) => (Action::DecidePermit, Subject::Permit(it.permit)),
            Self::Moves(command) => command.action(),
            Self::Roster(command) => command.action(),
            Self::Plan(command) => command.action(),
            Self::Risk(command) => command.action(),
            Self::Sighting(command) => command.action(),
            Self::Rule(command) => command.action(),
            Self::Opinion(command) => command.action(),
            Self::Concern(command) => command.action(),
            Self::Incident(command) => command.action(),
            Self::Checklist(_) => AnswerChecklist::action(),
        }
    }
}

/// The actor with the appointment under which the gate opened.
fn acting(actor: &Actor, basis: Basis) -> Actor {
    match (actor, basis) {
        (Actor::Person { person, via, .. }, Basis::Appointment(appointment)) => Actor::Person {
            person: *person,
            appointment: Some(appointment),
            via: *via,
        },
        (Actor::Service { token, .. }, Basis::Appointment(appointment)) => Actor::Service {
            token: *token,
            appointment: Some(appointment),
        },
        (other, _) => other.clone(),
    }
}

/// Decides a command.
///
/// # Errors
/// [`Refusal`] with a stable code: the gate stays shut, or the command does not fit the World.
pub fn decide(
    world: &World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let (action, subject) = command.action();
    let basis = authorise(world, actor, action, subject, now)?;
    let actor = acting(actor, basis);
    let founded = world.organisation.is_some();
    if !founded
        && !matches!(
            command,
            Command::FoundOrganisation { .. } | Command::ConfirmClock { .. }
        )
    {
        return Err(Refusal::new("organisation.not-founded"));
    }
    let events = match command {
        Command::FoundOrganisation { .. }
        | Command::ChangeProfile { .. }
        | Command::AdoptCatalogue { .. }
        | Command::FoundUnit { .. }
        | Command::CreatePost(_) => organisation::decide(world, command, now)?,
        Command::RegisterPerson { .. }
        | Command::ForgetPerson { .. }
        | Command::Appoint { .. }
        | Command::EndAppointment { .. }
        | Command::IssueAccount { .. }
        | Command::CloseAccount { .. } => people::decide(world, &actor, command, now)?,
        Command::EnrolDevice { .. } | Command::ChangeDevice { .. } => {
            device::decide(world, command)?
        }
        Command::CutAccess(cut) => cut::decide(world, cut)?,
        Command::SetAccessRules(command) => access_rules::decide(world, command)?,
        Command::Register(command) => register::decide(world, &actor, command, now)?,
        Command::Person(command) => person::decide(world, &actor, command, now)?,
        Command::Structure(command) => structure::decide(world, &actor, command, now)?,
        Command::Permit(command) => permit::decide(world, &actor, command, now)?,
        Command::Exception(command) => permit::decide_exception(world, &actor, command, now)?,
        Command::Moves(command) => moves::decide(world, &actor, command, now)?,
        Command::Roster(command) => roster::decide(world, &actor, command, now)?,
        Command::Plan(command) => plan::decide(world, &actor, command, now)?,
        Command::Risk(command) => risk::decide(world, &actor, command, now)?,
        Command::Sighting(command) => sighting::decide(world, command, now)?,
        Command::Rule(command) => rule::decide(world, &actor, command, now)?,
        Command::Opinion(command) => opinion::decide(world, &actor, command, now)?,
        Command::Concern(command) => concern::decide(world, &actor, command, now)?,
        Command::Incident(command) => incident::decide(world, &actor, command, now)?,
        Command::Checklist(command) => checklist::decide(world, command)?,
        Command::IssueToken { .. } | Command::RevokeToken { .. } => {
            token::decide(world, &actor, command, now)?
        }
        Command::OpenBreakGlass { .. } | Command::CloseBreakGlass => {
            break_glass::decide(world, &actor, command, now)?
        }
        _ => knowledge::decide(world, &actor, command, now)?,
    };
    Ok(Decided { actor, events })
}
