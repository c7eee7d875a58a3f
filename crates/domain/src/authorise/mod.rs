//! The one gate: who may read and do what (decision 7).
//!
//! Every page, API call and command asks [`authorise`]. Authority comes only from an appointment
//! in force at that moment, never from an account. The table is [`GRANTS`]; it is printed in the
//! documentation and tested exhaustively.

mod action;
mod grants;
mod reached;
mod route;
mod token;

use crate::actor::Actor;
use crate::id::{
    AppointmentId, DelegationId, DeviceId, PermitId, PersonId, PostId, StandInId, UnitId,
};
use crate::register::EntryId;
use crate::time::Timestamp;
use crate::world::World;

pub use action::Action;
pub use grants::{GRANTS, Grant, Reach};
pub use reached::{Reached, reached};

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The organisation as a whole.
    Body,
    /// A unit.
    Unit(UnitId),
    /// A person.
    Person(PersonId),
    /// A device.
    Device(DeviceId),
    /// An entry of a register.
    Entry(EntryId),
    /// A permit.
    Permit(PermitId),
    /// A post.
    Post(PostId),
    /// A stand-in for the holder of a post.
    StandIn(StandInId),
    /// A delegation by a post.
    Delegation(DelegationId),
}

/// What the shell may do: configure, feed, back up and verify; never approve, appoint or decide. It
/// feeds registers of what there is (devices, media, lines, systems) from table files; lists that are
/// themselves decisions (software allowed and forbidden, services, what a conference tool may carry,
/// tasks that may be teleworked) are for their officers. Incidents and reports of unease are not for
/// it to read.
pub const OPERATOR: &[Action] = &[
    Action::ReadStatus,
    Action::ReadDevice,
    Action::ReadLedger,
    Action::EnrolDevice,
    Action::ImportFeed,
    Action::Configure,
    Action::Backup,
    Action::VerifyLedger,
    Action::ConfirmClock,
    Action::CloseBreakGlass,
    Action::ReadRegisters,
    Action::KeepDevices,
    Action::KeepByod,
    Action::KeepMedia,
    Action::KeepLines,
    Action::KeepSystems,
    // They can only forbid on top of what clauses forbid, so that taking them back gives nothing that
    // a clause withholds; and where an update leaves them unusable, the shell is the way out.
    Action::ReadAccessRules,
    Action::SetAccessRules,
    Action::ReadPlan,
    Action::ReadRules,
];

/// What the program does by itself.
pub const SYSTEM: &[Action] = &[
    Action::RecordVerdict,
    Action::ChangeDevice,
    Action::CloseBreakGlass,
    Action::CarryOutMoves,
    Action::HoldPermit,
    Action::ReceivePermit,
    Action::SettlePermit,
    Action::RecordEvaluation,
];

/// What somebody may do who does not say who: tell of unease, where the organisation takes that.
pub const NOBODY: &[Action] = &[Action::RaiseConcern];

/// What the holder of the one-time set-up link may do, once, before an organisation exists.
pub const SETUP: &[Action] = &[Action::FoundOrganisation];

/// What the bootstrap officer may do besides reading, until CISO and HISO are appointed.
pub const BOOTSTRAP: &[Action] = &[
    Action::ReadStatus,
    Action::ReadDevice,
    Action::ReadLedger,
    Action::ReadDirectory,
    Action::FoundUnit,
    Action::CreatePost,
    Action::RegisterPerson,
    Action::IssueAccount,
    Action::Appoint,
];

/// What the two officers of an open break-glass may do besides what their posts allow: what the
/// bootstrap officer may, and end it before its time.
pub const BREAK_GLASS: &[Action] = &[
    Action::ReadStatus,
    Action::ReadDevice,
    Action::ReadLedger,
    Action::ReadDirectory,
    Action::FoundUnit,
    Action::CreatePost,
    Action::RegisterPerson,
    Action::IssueAccount,
    Action::Appoint,
    Action::CloseBreakGlass,
];

/// Why the gate stays shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No appointment in force carries a role that may do this.
    #[error("no authority for this action")]
    NoAuthority,
    /// The role may do it, and not for this unit, device or person.
    #[error("outside the reach of the appointment")]
    OutOfReach,
    /// The token's scope does not allow it, whatever the post may.
    #[error("outside the scope of the token")]
    OutOfScope,
    /// Nobody decides on their own application.
    #[error("one's own application")]
    OwnApplication,
    /// Another post decides.
    #[error("not on the route")]
    NotOnRoute,
}

impl Denied {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAuthority => "authorise.no-authority",
            Self::OutOfReach => "authorise.out-of-reach",
            Self::OutOfScope => "authorise.out-of-scope",
            Self::OwnApplication => "authorise.own-application",
            Self::NotOnRoute => "authorise.not-on-route",
        }
    }
}

/// On what ground the gate opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// An appointment in force.
    Appointment(AppointmentId),
    /// The bootstrap officer's power.
    Bootstrap,
    /// An open break-glass.
    BreakGlass,
    /// A stand-in for the holder of a post, in force.
    StandIn(StandInId),
    /// The kind of actor itself: shell, program, device, set-up link.
    Standing,
}

/// Decides whether `actor` may do `action` to `subject` at `now`.
///
/// # Errors
/// [`Denied`] says whether a role is missing or only its reach.
pub fn authorise(
    world: &World,
    actor: &Actor,
    action: Action,
    subject: Subject,
    now: Timestamp,
) -> Result<Basis, Denied> {
    let standing = |allowed: bool| {
        if allowed {
            Ok(Basis::Standing)
        } else {
            Err(Denied::NoAuthority)
        }
    };
    match actor {
        Actor::Operator => standing(OPERATOR.contains(&action)),
        Actor::System => standing(SYSTEM.contains(&action)),
        Actor::Nobody => standing(NOBODY.contains(&action) && world.concerns.takes_nameless()),
        Actor::Setup => standing(SETUP.contains(&action) && world.organisation.is_none()),
        Actor::Device { device } => match (action, subject) {
            (Action::Report, Subject::Device(about)) if about == *device => Ok(Basis::Standing),
            (Action::Report, _) => Err(Denied::OutOfReach),
            _ => Err(Denied::NoAuthority),
        },
        Actor::Person {
            person, via: None, ..
        } => authorise_person(world, *person, action, subject, now),
        Actor::Person {
            person,
            via: Some(token),
            ..
        } => token::as_person(world, *token, *person, (action, subject), now),
        Actor::Service { token, .. } => token::as_service(world, *token, (action, subject), now),
    }
}

fn authorise_person(
    world: &World,
    person: PersonId,
    action: Action,
    subject: Subject,
    now: Timestamp,
) -> Result<Basis, Denied> {
    if let (Action::DecidePermit, Subject::Permit(permit)) = (action, subject) {
        return route::decides(world, person, permit, now);
    }
    let denied = match by_post(world, person, None, (action, subject), now) {
        Ok(basis) => return Ok(basis),
        Err(denied) => denied,
    };
    if world.has_bootstrap_power(person) && BOOTSTRAP.contains(&action) {
        return Ok(Basis::Bootstrap);
    }
    let two = world.break_glass_open(now);
    if two.is_some_and(|two| two.is_held_by(person)) && BREAK_GLASS.contains(&action) {
        return Ok(Basis::BreakGlass);
    }
    if is_of_author(world, person, action, subject) {
        return Ok(Basis::Standing);
    }
    if let (Action::ReadPermit, Subject::Permit(permit)) = (action, subject) {
        // Who decides on it, or decided by a stand-in, reads it.
        return route::reads(world, person, permit, now).ok_or(denied);
    }
    Err(denied)
}

/// Whether it is about what the person told: whoever told of unease or reported an incident reads what
/// became of it, and adds to what was told, whatever post is held now.
fn is_of_author(world: &World, person: PersonId, action: Action, subject: Subject) -> bool {
    match (action, subject) {
        (
            Action::ReadConcerns | Action::RaiseConcern,
            Subject::Entry(entry @ EntryId::Concern(_)),
        )
        | (Action::ReadIncidents, Subject::Entry(entry @ EntryId::Incident(_))) => {
            world.is_own_entry(entry, person)
        }
        _ => false,
    }
}

/// Whether a post that a person holds allows something: any of them, or one alone.
fn by_post(
    world: &World,
    person: PersonId,
    only: Option<PostId>,
    (action, subject): (Action, Subject),
    now: Timestamp,
) -> Result<Basis, Denied> {
    let mut denied = Denied::NoAuthority;
    let held = world.posts_held(person, now);
    for (appointment, post) in held.filter(|(_, post)| only.is_none_or(|only| post.id == only)) {
        for grant in GRANTS
            .iter()
            .filter(|g| g.action == action && post.roles.contains(&g.role))
        {
            // Where one post alone lends authority, another one of the same holder is not its own.
            let own = grant.reach != Reach::Own
                || only.is_none_or(|only| is_of_post(world, subject, only));
            if own && reaches(world, grant.reach, (post.unit, person), subject, now) {
                return Ok(Basis::Appointment(appointment.id));
            }
            denied = Denied::OutOfReach;
        }
    }
    Err(denied)
}

/// Whether something that belongs to a post belongs to this one; what belongs to none does.
fn is_of_post(world: &World, subject: Subject, post: PostId) -> bool {
    match subject {
        Subject::Post(about) => about == post,
        Subject::StandIn(about) => world.stand_in(about).is_none_or(|it| it.post == post),
        Subject::Delegation(about) => world.delegation(about).is_none_or(|it| it.post == post),
        _ => true,
    }
}

fn reaches(
    world: &World,
    reach: Reach,
    (unit, person): (UnitId, PersonId),
    subject: Subject,
    now: Timestamp,
) -> bool {
    let below = |about: UnitId| world.unit_is_within(about, unit, now);
    match (reach, subject) {
        (Reach::Body, _) => true,
        (Reach::Unit, Subject::Body) | (Reach::Own, Subject::Body | Subject::Unit(_)) => false,
        (Reach::Unit, Subject::Unit(about)) => below(about),
        (Reach::Unit, Subject::Person(about)) => world.unit_of(about, now).is_some_and(below),
        (Reach::Unit, Subject::Device(about)) => world
            .device(about)
            .is_some_and(|_| world.unit_of_entry(about.into(), now).is_some_and(below)),
        (Reach::Unit, Subject::Entry(about)) => world.unit_of_entry(about, now).is_some_and(below),
        (Reach::Own, Subject::Person(about)) => about == person,
        (Reach::Own, Subject::Device(about)) => world
            .device(about)
            .is_some_and(|device| device.user == Some(person)),
        (Reach::Own, Subject::Entry(about)) => world.is_own_entry(about, person),
        (_, Subject::Permit(about)) => world.permits.get(about).is_some_and(|permit| match reach {
            Reach::Own => permit.applicant == person,
            _ => below(world.unit_of_permit(permit, now)),
        }),
        (_, Subject::Post(about)) => reaches_post(world, reach, (unit, person), about, now),
        (_, Subject::StandIn(about)) => world
            .stand_in(about)
            .is_some_and(|it| reaches_post(world, reach, (unit, person), it.post, now)),
        (_, Subject::Delegation(about)) => world
            .delegation(about)
            .is_some_and(|it| reaches_post(world, reach, (unit, person), it.post, now)),
    }
}

/// One's own post is one that is held.
fn reaches_post(
    world: &World,
    reach: Reach,
    (unit, person): (UnitId, PersonId),
    post: PostId,
    now: Timestamp,
) -> bool {
    match reach {
        Reach::Body => true,
        Reach::Unit => world
            .posts
            .get(&post)
            .is_some_and(|known| world.unit_is_within(known.unit, unit, now)),
        Reach::Own => world
            .posts_held(person, now)
            .any(|(_, held)| held.id == post),
    }
}
