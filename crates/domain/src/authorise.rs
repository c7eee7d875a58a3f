//! The one gate: who may read and do what (decision 7).
//!
//! Every page, API call and command asks [`authorise`]. Authority comes only from an appointment
//! in force at that moment, never from an account. The table is [`GRANTS`]; it is printed in the
//! documentation and tested exhaustively.

use crate::actor::Actor;
use crate::id::{AppointmentId, DeviceId, PersonId, UnitId};
use crate::role::Role;
use crate::time::Timestamp;
use crate::world::World;

/// What someone wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read the overview and the rows with their verdicts.
    ReadStatus,
    /// Read a device's facts and results.
    ReadDevice,
    /// Read the ledger page: head, checkpoints, kinds and times of records.
    ReadLedger,
    /// Read personal observations (sign-ins, discovery by person, place), for a stated purpose.
    ReadPersonal,
    /// Read names in the directory.
    ReadDirectory,
    /// Found the organisation.
    FoundOrganisation,
    /// Choose the profile.
    ChangeProfile,
    /// Put a version of the catalogue in force.
    AdoptCatalogue,
    /// Found units.
    FoundUnit,
    /// Create posts.
    CreatePost,
    /// Register people.
    RegisterPerson,
    /// Forget a person.
    ForgetPerson,
    /// Make and end appointments.
    Appoint,
    /// Issue and close accounts.
    IssueAccount,
    /// Hand out enrolment secrets and enrol devices.
    EnrolDevice,
    /// Suspend, resume and retire devices.
    ChangeDevice,
    /// Attest a row.
    Attest,
    /// Report what a device saw.
    Report,
    /// Record results, verdicts and assessments.
    RecordVerdict,
    /// Bring in feeds.
    ImportFeed,
    /// Configure the service, checkpoints included.
    Configure,
    /// Back up and restore.
    Backup,
    /// Verify and export the ledger with its records.
    VerifyLedger,
    /// Confirm the clock after a step.
    ConfirmClock,
    /// Open break-glass, together with a second officer who may too.
    OpenBreakGlass,
    /// Close break-glass.
    CloseBreakGlass,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 26] = [
        Self::ReadStatus,
        Self::ReadDevice,
        Self::ReadLedger,
        Self::ReadPersonal,
        Self::ReadDirectory,
        Self::FoundOrganisation,
        Self::ChangeProfile,
        Self::AdoptCatalogue,
        Self::FoundUnit,
        Self::CreatePost,
        Self::RegisterPerson,
        Self::ForgetPerson,
        Self::Appoint,
        Self::IssueAccount,
        Self::EnrolDevice,
        Self::ChangeDevice,
        Self::Attest,
        Self::Report,
        Self::RecordVerdict,
        Self::ImportFeed,
        Self::Configure,
        Self::Backup,
        Self::VerifyLedger,
        Self::ConfirmClock,
        Self::OpenBreakGlass,
        Self::CloseBreakGlass,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReadStatus => "read-status",
            Self::ReadDevice => "read-device",
            Self::ReadLedger => "read-ledger",
            Self::ReadPersonal => "read-personal",
            Self::ReadDirectory => "read-directory",
            Self::FoundOrganisation => "found-organisation",
            Self::ChangeProfile => "change-profile",
            Self::AdoptCatalogue => "adopt-catalogue",
            Self::FoundUnit => "found-unit",
            Self::CreatePost => "create-post",
            Self::RegisterPerson => "register-person",
            Self::ForgetPerson => "forget-person",
            Self::Appoint => "appoint",
            Self::IssueAccount => "issue-account",
            Self::EnrolDevice => "enrol-device",
            Self::ChangeDevice => "change-device",
            Self::Attest => "attest",
            Self::Report => "report",
            Self::RecordVerdict => "record-verdict",
            Self::ImportFeed => "import-feed",
            Self::Configure => "configure",
            Self::Backup => "backup",
            Self::VerifyLedger => "verify-ledger",
            Self::ConfirmClock => "confirm-clock",
            Self::OpenBreakGlass => "open-break-glass",
            Self::CloseBreakGlass => "close-break-glass",
        }
    }
}

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
}

/// How far a grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What is the person's own.
    Own,
    /// The post's unit and those below it.
    Unit,
    /// Everything.
    Body,
}

/// One line of the table: holders of the role may do the action, as far as the reach goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The action.
    pub action: Action,
    /// How far.
    pub reach: Reach,
}

const fn grant(role: Role, action: Action, reach: Reach) -> Grant {
    Grant {
        role,
        action,
        reach,
    }
}

/// The whole table for people. What is not here is refused.
///
/// Auditors read everything and never approve. Staff read the status and their own devices.
/// Break-glass takes two holders of the roles that run information security day by day; the auditor
/// among them, since who examines the use of a power must not have held it. CISO and HISO may close
/// it: it stands in for them, and ending it only takes power away.
pub const GRANTS: &[Grant] = &[
    grant(Role::Ciso, Action::ReadStatus, Reach::Body),
    grant(Role::Ciso, Action::ReadDevice, Reach::Body),
    grant(Role::Ciso, Action::ReadLedger, Reach::Body),
    grant(Role::Ciso, Action::ReadDirectory, Reach::Body),
    grant(Role::Ciso, Action::ReadPersonal, Reach::Body),
    grant(Role::Ciso, Action::ChangeProfile, Reach::Body),
    grant(Role::Ciso, Action::AdoptCatalogue, Reach::Body),
    grant(Role::Ciso, Action::Appoint, Reach::Body),
    grant(Role::Ciso, Action::Attest, Reach::Body),
    grant(Role::Ciso, Action::OpenBreakGlass, Reach::Body),
    grant(Role::Ciso, Action::CloseBreakGlass, Reach::Body),
    grant(Role::DeputyCiso, Action::ReadStatus, Reach::Body),
    grant(Role::DeputyCiso, Action::ReadDevice, Reach::Body),
    grant(Role::DeputyCiso, Action::ReadLedger, Reach::Body),
    grant(Role::DeputyCiso, Action::ReadDirectory, Reach::Body),
    grant(Role::DeputyCiso, Action::OpenBreakGlass, Reach::Body),
    grant(Role::Committee, Action::ReadStatus, Reach::Body),
    grant(Role::Advisor, Action::ReadStatus, Reach::Body),
    grant(Role::Auditor, Action::ReadStatus, Reach::Body),
    grant(Role::Auditor, Action::ReadDevice, Reach::Body),
    grant(Role::Auditor, Action::ReadLedger, Reach::Body),
    grant(Role::Auditor, Action::ReadDirectory, Reach::Body),
    grant(Role::Auditor, Action::ReadPersonal, Reach::Body),
    grant(Role::Auditor, Action::VerifyLedger, Reach::Body),
    grant(Role::Hiso, Action::ReadStatus, Reach::Body),
    grant(Role::Hiso, Action::ReadDevice, Reach::Body),
    grant(Role::Hiso, Action::ReadLedger, Reach::Body),
    grant(Role::Hiso, Action::ReadDirectory, Reach::Body),
    grant(Role::Hiso, Action::ReadPersonal, Reach::Body),
    grant(Role::Hiso, Action::AdoptCatalogue, Reach::Body),
    grant(Role::Hiso, Action::FoundUnit, Reach::Body),
    grant(Role::Hiso, Action::CreatePost, Reach::Body),
    grant(Role::Hiso, Action::RegisterPerson, Reach::Body),
    grant(Role::Hiso, Action::ForgetPerson, Reach::Body),
    grant(Role::Hiso, Action::Appoint, Reach::Body),
    grant(Role::Hiso, Action::IssueAccount, Reach::Body),
    grant(Role::Hiso, Action::Attest, Reach::Body),
    grant(Role::Hiso, Action::VerifyLedger, Reach::Body),
    grant(Role::Hiso, Action::OpenBreakGlass, Reach::Body),
    grant(Role::Hiso, Action::CloseBreakGlass, Reach::Body),
    grant(Role::Iso, Action::ReadStatus, Reach::Body),
    grant(Role::Iso, Action::ReadDevice, Reach::Unit),
    grant(Role::Iso, Action::ReadDirectory, Reach::Unit),
    grant(Role::Iso, Action::RegisterPerson, Reach::Unit),
    grant(Role::Iso, Action::Attest, Reach::Unit),
    grant(Role::Iso, Action::OpenBreakGlass, Reach::Body),
    grant(Role::AreaOfficer, Action::ReadStatus, Reach::Body),
    grant(Role::Diso, Action::ReadStatus, Reach::Body),
    grant(Role::Diso, Action::ReadDevice, Reach::Unit),
    grant(Role::Diso, Action::ReadDirectory, Reach::Unit),
    grant(Role::Diso, Action::Attest, Reach::Unit),
    grant(Role::Isso, Action::ReadStatus, Reach::Body),
    grant(Role::Isso, Action::ReadDevice, Reach::Body),
    grant(Role::Isso, Action::ReadLedger, Reach::Body),
    grant(Role::Isso, Action::ReadDirectory, Reach::Unit),
    grant(Role::Isso, Action::EnrolDevice, Reach::Body),
    grant(Role::Isso, Action::ChangeDevice, Reach::Body),
    grant(Role::Isso, Action::ImportFeed, Reach::Body),
    grant(Role::Isso, Action::Attest, Reach::Body),
    grant(Role::Isso, Action::OpenBreakGlass, Reach::Body),
    grant(Role::SystemAdministrator, Action::ReadStatus, Reach::Body),
    grant(Role::SystemAdministrator, Action::ReadDevice, Reach::Body),
    grant(Role::SystemAdministrator, Action::ImportFeed, Reach::Body),
    grant(
        Role::SystemAdministrator,
        Action::OpenBreakGlass,
        Reach::Body,
    ),
    grant(Role::Tmo, Action::ReadStatus, Reach::Body),
    grant(Role::Tmo, Action::ReadDevice, Reach::Unit),
    grant(Role::Tmo, Action::EnrolDevice, Reach::Unit),
    grant(Role::Tmo, Action::ChangeDevice, Reach::Unit),
    grant(Role::Tmo, Action::Attest, Reach::Unit),
    grant(Role::PromotionBody, Action::ReadStatus, Reach::Body),
    grant(Role::PromotionBody, Action::ReadDevice, Reach::Body),
    grant(Role::PromotionBody, Action::ReadLedger, Reach::Body),
    grant(Role::PromotionBody, Action::Attest, Reach::Body),
    grant(Role::Csirt, Action::ReadStatus, Reach::Body),
    grant(Role::Csirt, Action::ReadDevice, Reach::Body),
    grant(Role::Csirt, Action::ReadLedger, Reach::Body),
    grant(Role::Csirt, Action::ReadPersonal, Reach::Body),
    grant(Role::Csirt, Action::ChangeDevice, Reach::Body),
    grant(Role::Csirt, Action::OpenBreakGlass, Reach::Body),
    grant(Role::ServiceOwner, Action::ReadStatus, Reach::Body),
    grant(Role::ExceptionAuthority, Action::ReadStatus, Reach::Body),
    grant(Role::Staff, Action::ReadStatus, Reach::Body),
    grant(Role::Staff, Action::ReadDevice, Reach::Own),
];

/// What the shell may do: configure, feed, back up and verify; never approve, appoint or decide.
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
];

/// What the program does by itself.
pub const SYSTEM: &[Action] = &[
    Action::RecordVerdict,
    Action::ChangeDevice,
    Action::CloseBreakGlass,
];

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
}

impl Denied {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAuthority => "authorise.no-authority",
            Self::OutOfReach => "authorise.out-of-reach",
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
        Actor::Setup => standing(SETUP.contains(&action) && world.organisation.is_none()),
        Actor::Device { device } => match (action, subject) {
            (Action::Report, Subject::Device(about)) if about == *device => Ok(Basis::Standing),
            (Action::Report, _) => Err(Denied::OutOfReach),
            _ => Err(Denied::NoAuthority),
        },
        Actor::Person { person, .. } => authorise_person(world, *person, action, subject, now),
    }
}

fn authorise_person(
    world: &World,
    person: PersonId,
    action: Action,
    subject: Subject,
    now: Timestamp,
) -> Result<Basis, Denied> {
    let mut denied = Denied::NoAuthority;
    for (appointment, post) in world.posts_held(person, now) {
        for grant in GRANTS
            .iter()
            .filter(|g| g.action == action && post.roles.contains(&g.role))
        {
            if reaches(world, grant.reach, post.unit, person, subject) {
                return Ok(Basis::Appointment(appointment.id));
            }
            denied = Denied::OutOfReach;
        }
    }
    if world.has_bootstrap_power(person) && BOOTSTRAP.contains(&action) {
        return Ok(Basis::Bootstrap);
    }
    let two = world.break_glass_open(now);
    if two.is_some_and(|two| two.is_held_by(person)) && BREAK_GLASS.contains(&action) {
        return Ok(Basis::BreakGlass);
    }
    Err(denied)
}

fn reaches(world: &World, reach: Reach, unit: UnitId, person: PersonId, subject: Subject) -> bool {
    match (reach, subject) {
        (Reach::Body, _) => true,
        (Reach::Unit, Subject::Body) | (Reach::Own, Subject::Body | Subject::Unit(_)) => false,
        (Reach::Unit, Subject::Unit(about)) => world.unit_is_within(about, unit),
        (Reach::Unit, Subject::Person(about)) => world
            .people
            .get(&about)
            .is_some_and(|of| world.unit_is_within(*of, unit)),
        (Reach::Unit, Subject::Device(about)) => world
            .device(about)
            .is_some_and(|device| world.unit_is_within(device.unit, unit)),
        (Reach::Own, Subject::Person(about)) => about == person,
        (Reach::Own, Subject::Device(about)) => world
            .device(about)
            .is_some_and(|device| device.user == Some(person)),
    }
}
